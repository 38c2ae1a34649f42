import Testing
import VestibuleProtocol

@Suite("Dates")
struct NumericDateTests {
    @Test(
        "a date is shown in UTC to the second, or as its number where there is no such date",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_700_000_000.9, "2023-11-14T22:13:20Z"), (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"), (1e20, "1e+20"),
            (-.infinity, "-inf"), (.nan, "nan"),
        ] as [(Double, String)])
    func shown(_ seconds: Double, _ expected: String) {
        #expect(NumericDate(seconds).description == expected)
    }

    @Test("dates and durations add up")
    func arithmetic() {
        let date = NumericDate(1000)
        #expect(date + .milliseconds(1500) == NumericDate(1001.5))
        #expect(date - .seconds(1) == NumericDate(999))
        #expect(NumericDate(1002) - date == 2.0)
        #expect(date < NumericDate(1000.1))
        #expect(Duration.seconds(-90).inSeconds == -90)
    }
}
