internal import Synchronization
internal import VestibuleProtocol

/// A time as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    /// `nil` before 1970 and after 9999.
    static func format(_ date: NumericDate) -> String? {
        guard date.seconds >= 0, date.seconds < 253_402_300_800 else { return nil }
        let seconds = Int(date.seconds)
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        // Civil date of a day number, in eras of 400 years that begin on 1 March of the year 0.
        let shifted = days + 719_468
        let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let dayName = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days % 7]
        let monthName = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][month - 1]
        let time = [rest / 3_600, rest / 60 % 60, rest % 60].map { padded($0, to: 2) }.joined(separator: ":")
        return "\(dayName), \(padded(day, to: 2)) \(monthName) \(padded(year, to: 4)) \(time) GMT"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The `Date` of answers, written once a second.
final class DateStamp: Sendable {
    private let latest = Mutex<(second: Double, text: String?)>((-1, nil))

    func text(for now: NumericDate) -> String? {
        let second = now.seconds.rounded(.down)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, HTTPDate.format(now)) }
            return latest.text
        }
    }
}
