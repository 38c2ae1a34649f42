/// The dates of HTTP headers (RFC 9110 §5.6.7), in the one form that senders must use: `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    package static func parse(_ text: String) -> NumericDate? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", let day = number(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = number(words[3])
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0]), let minute = number(clock[1]),
            let second = number(clock[2])
        else { return nil }
        return UTCTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second).numericDate
    }

    /// The date to the second; `nil` outside of the years 1 to 9999.
    package static func format(_ date: NumericDate) -> String? {
        guard let time = UTCTime(date) else { return nil }
        let day = "\(weekdays[time.weekday]), \(time.day.padded(to: 2)) \(months[time.month - 1])"
        return "\(day) \(time.year.padded(to: 4)) \(time.clockText) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.count <= 4, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }
}
