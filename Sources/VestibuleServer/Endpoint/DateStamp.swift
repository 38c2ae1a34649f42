internal import Synchronization
internal import VestibuleProtocol

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
