/// A moment as the Gregorian calendar and the clock write it, in UTC and to the second.
///
/// Reckoned here because dates are written for every answer and every line of the log, where Foundation's formatting
/// costs more than the rest of the line.
package struct UTCTime: Sendable, Hashable {
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int

    package init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The second in which the date lies; `nil` outside of the years 1 to 9999.
    package init?(_ date: NumericDate) {
        guard let total = Int(exactly: date.seconds.rounded(.down)), total >= -62_135_596_800, total < 253_402_300_800
        else { return nil }
        let days = (total >= 0 ? total : total - 86_399) / 86_400
        let rest = total - days * 86_400
        (year, month, day) = Self.date(ofDay: days)
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// The moment of its beginning; `nil` where it is no time of the years 1 to 9999. A leap second counts as the
    /// second after it.
    package var numericDate: NumericDate? {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return NumericDate(Double(daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second))
    }

    /// 0 for Sunday to 6 for Saturday.
    package var weekday: Int { ((daysSince1970 + 4) % 7 + 7) % 7 }

    // Both ways count in eras of 400 years whose years begin on 1 March, so that leap days come last (H. Hinnant,
    // "chrono-compatible low-level date algorithms").

    private var daysSince1970: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension UTCTime: CustomStringConvertible {
    /// RFC 3339 to the second: `2026-07-28T14:02:00Z`.
    package var description: String { "\(dayText)T\(clockText)Z" }

    /// `2026-07-28`.
    package var dayText: String { "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))" }

    /// `14:02:00`.
    package var clockText: String { "\(hour.padded(to: 2)):\(minute.padded(to: 2)):\(second.padded(to: 2))" }
}

extension BinaryInteger {
    /// The digits of a number that is not negative, with zeros in front up to that many.
    package func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
