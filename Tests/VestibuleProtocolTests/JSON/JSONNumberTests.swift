import Testing
import VestibuleProtocol

@Suite("JSON numbers")
struct JSONNumberTests {
    @Test(
        "a number keeps its text on the way through",
        arguments: [
            "0", "-0", "1.0", "1E400", "-1e-400", "123456789012345678901234567890", "0.10", "1e+05", "4.9E-324", "0e0",
        ])
    func lossless(_ literal: String) throws {
        #expect(try JSONValue(parsing: "[\(literal)]").description == "[\(literal)]")
        #expect(JSONNumber(literal: literal)?.literal == literal)
    }

    @Test(
        "what is no literal makes no number",
        arguments: ["", "-", "01", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 ", " 1", "1,", "١"])
    func noLiteral(_ text: String) {
        #expect(JSONNumber(literal: text) == nil)
    }

    @Test(
        "an integer is one however it is written, and only when it is exactly one",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0e5", 0), ("0.000e-99999999999999999999", 0), ("42", 42), ("42.0", 42),
            ("4.2e1", 42), ("4.2E+1", 42), ("420e-1", 42), ("0.0042e4", 42), ("-42.00", -42), ("42.5", nil),
            ("4.21e1", nil), ("1e-1", nil), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775807.0", .max), ("-9223372036854775808e0", .min), ("9.223372036854775807e18", .max),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("9223372036854775808.0", nil),
            ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("1e99", nil), ("1E400", nil),
            ("9007199254740993.0", 9_007_199_254_740_993), ("0.99999999999999999999999", nil),
            ("1.00000000000000000000001", nil), ("1e9223372036854775807", nil), ("10e9223372036854775807", nil),
            ("0.1e-9223372036854775808", nil), ("1e-99999999999999999999999", nil), ("1e99999999999999999999999", nil),
            ("10000000000000000000000000000000000000000e-40", 1),
        ] as [(String, Int?)])
    func integer(_ literal: String, _ expected: Int?) {
        #expect(JSONNumber(literal: literal)?.integer == expected)
    }

    @Test(
        "a double is written as JSON and read back as itself",
        arguments: [
            0, -0.0, 1, -1.5, 0.1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, 1e16, 1e15, 1e-5,
            1e-4, 123_456_789.123, 9_007_199_254_740_992, .pi, 1e300, 1.0e-300,
        ] as [Double])
    func double(_ value: Double) throws {
        let number = try #require(JSONNumber(value))
        #expect(JSONNumber(literal: number.literal) == number, "\(number) is a JSON literal")
        #expect(number.double?.bitPattern == value.bitPattern)
        #expect(try JSONValue(parsing: JSONValue.number(number).serialized) == .number(number))
    }

    @Test("random doubles are written as JSON and read back as themselves")
    func randomDoubles() throws {
        var generator = SeededGenerator(seed: 754)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let number = try #require(JSONNumber(value))
            #expect(JSONNumber(literal: number.literal)?.double == value)
        }
    }

    @Test("what JSON cannot express makes no number, and what a double cannot hold makes no double")
    func beyond() {
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(literal: "1E400")?.double == nil)
        #expect(JSONNumber(literal: "-1E400")?.double == nil)
        #expect(JSONNumber(literal: "1e-400")?.double == 0)
    }

    @Test("integers of every width are written plainly")
    func integers() {
        #expect(JSONNumber(Int8.min).literal == "-128")
        #expect(JSONNumber(UInt64.max).literal == "18446744073709551615")
        #expect(JSONNumber(UInt64.max).integer == nil)
        #expect(JSONValue.integer(.min).integer == .min)
    }

    @Test("one quantity in three literals is three numbers")
    func equality() {
        #expect(JSONNumber(literal: "1") != JSONNumber(literal: "1.0"))
        #expect(JSONNumber(literal: "1") == JSONNumber(1))
    }
}
