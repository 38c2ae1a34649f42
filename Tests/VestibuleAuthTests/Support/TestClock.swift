import Synchronization
import VestibuleProtocol

/// A clock that stands still until a test moves it.
final class TestClock: WallClock {
    private let time: Mutex<NumericDate>

    init(_ seconds: Double = 1_800_000_000) {
        time = Mutex(NumericDate(seconds))
    }

    func now() -> NumericDate { time.withLock { $0 } }

    func advance(_ seconds: Double) {
        time.withLock { $0.seconds += seconds }
    }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        advance(duration.inSeconds)
    }
}
