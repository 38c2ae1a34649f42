internal import VestibuleProtocol

/// A moment as AWS writes it: `20130524T000000Z`.
struct AWSDate: Sendable, Equatable {
    /// `YYYYMMDDTHHMMSSZ`.
    let timestamp: String
    /// `YYYYMMDD`.
    var day: String { String(timestamp.prefix(8)) }

    /// A moment outside the years 1970 to 9999 is brought to the nearer end.
    init(_ date: NumericDate) {
        let seconds = Int(min(max(date.seconds.isNaN ? 0 : date.seconds, 0), 253_402_300_799))
        let (year, month, dayOfMonth) = CivilDate.date(fromDays: seconds / 86_400)
        let time = seconds % 86_400
        timestamp =
            "\(Self.padded(year, 4))\(Self.padded(month, 2))\(Self.padded(dayOfMonth, 2))"
            + "T\(Self.padded(time / 3600, 2))\(Self.padded(time / 60 % 60, 2))\(Self.padded(time % 60, 2))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

/// Days of the Gregorian calendar, and the dates in S3's answers.
enum CivilDate {
    /// Year, month and day of a number of days after 1970-01-01 (H. Hinnant, "chrono-compatible low-level date
    /// algorithms").
    static func date(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1
        )
    }

    /// Days from 1970-01-01 to a date from the year 1 on.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// `2013-05-24T00:00:00.000Z`, as in listings.
    static func parse(iso text: String) -> NumericDate? {
        let fields = text.utf8.split { !(0x30...0x39).contains($0) }.prefix(6).map { Int(String($0) ?? "") }
        guard fields.count == 6, text.utf8.last == UInt8(ascii: "Z") else { return nil }
        return moment(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5])
    }

    /// `Fri, 24 May 2013 00:00:00 GMT`, as in headers (RFC 9110 §5.6.7).
    static func parse(http text: String) -> NumericDate? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT" else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = parts[4].split(separator: ":").map { Int($0) }
        guard time.count == 3, let month = months.firstIndex(of: String(parts[2])) else { return nil }
        return moment(Int(parts[3]), month + 1, Int(parts[1]), time[0], time[1], time[2])
    }

    private static func moment(
        _ year: Int?, _ month: Int?, _ day: Int?, _ hour: Int?, _ minute: Int?, _ second: Int?
    ) -> NumericDate? {
        guard let year, let month, let day, let hour, let minute, let second, (1...9999).contains(year),
            (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute),
            (0...60).contains(second)
        else { return nil }
        let seconds = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
        return NumericDate(Double(seconds))
    }
}
