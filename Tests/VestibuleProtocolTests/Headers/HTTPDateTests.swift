import Testing
import VestibuleProtocol

@Suite("Dates in HTTP headers")
struct HTTPDateTests {
    @Test(
        "dates are read and written at the edges of days, months and leap years",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799), ("Sun, 28 Feb 2100 23:59:59 GMT", 4_107_542_399),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Wed, 01 Mar 2400 00:00:00 GMT", 13_574_649_600),
            ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ])
    func dates(_ text: String, _ seconds: Double) {
        #expect(HTTPDate.parse(text) == NumericDate(seconds))
        #expect(HTTPDate.format(NumericDate(seconds)) == text)
        #expect(HTTPDate.format(NumericDate(seconds + 0.75)) == text)
    }

    @Test(
        "what is no such date is not taken for one",
        arguments: [
            "", "now", "1700000000", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 8:49 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08::37 GMT",
        ])
    func nonsense(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test(
        "a date that the calendar of HTTP does not reach has no text",
        arguments: [Double.infinity, -.infinity, .nan, 253_402_300_800, -62_135_596_801, 1e300])
    func unreachable(_ seconds: Double) {
        #expect(HTTPDate.format(NumericDate(seconds)) == nil)
    }
}
