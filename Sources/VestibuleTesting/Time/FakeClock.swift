internal import Synchronization
public import VestibuleProtocol

/// A clock that stands still until it is told to go on. Whoever sleeps by it wakes when its hour has come.
public final class FakeClock: WallClock {
    private struct Sleeper {
        var end: NumericDate
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        var wake: NumericDate
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: NumericDate
        var sleepers: [UInt64: Sleeper] = [:]
        var watchers: [UInt64: Watcher] = [:]
        var next: UInt64 = 0
    }

    /// Two times that differ by less are the same.
    private static let resolution = 1e-5
    private let state: Mutex<State>

    /// - Parameter now: What the clock shows at first. Default 2023-11-14T22:13:20Z.
    public init(_ now: NumericDate = NumericDate(1_700_000_000)) {
        self.state = Mutex(State(now: now))
    }

    public func now() -> NumericDate { state.withLock { $0.now } }

    /// Moves the hands forward and wakes everybody whose time has come, in the order of their times.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            let limit = state.now.seconds + Self.resolution
            let due = state.sleepers.filter { $0.value.end.seconds <= limit }.sorted { $0.value.end < $1.value.end }
            for sleeper in due { state.sleepers[sleeper.key] = nil }
            return due.map(\.value.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    public func sleep(for duration: Duration) async throws {
        let id = nextID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lieDown(continuation, as: id, for: duration)
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    /// Waits, in real time, until somebody sleeps who would wake this long from now.
    public func untilSomebodySleeps(for duration: Duration) async {
        let id = nextID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    let wake = state.now + duration
                    if Task.isCancelled || Self.somebody(in: state, wakesAt: wake) { return true }
                    state.watchers[id] = Watcher(wake: wake, continuation: continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    private func nextID() -> UInt64 {
        state.withLock { state in
            state.next += 1
            return state.next
        }
    }

    private func lieDown(_ continuation: CheckedContinuation<Void, any Error>, as id: UInt64, for duration: Duration) {
        let (result, watchers) = state.withLock { state -> (Result<Void, any Error>?, [Watcher]) in
            // The cancellation handler runs under this lock too: either it finds the sleeper, or it is seen here.
            if Task.isCancelled { return (.failure(CancellationError()), []) }
            if duration.inSeconds <= Self.resolution { return (.success(()), []) }
            let end = state.now + duration
            state.sleepers[id] = Sleeper(end: end, continuation: continuation)
            let satisfied = state.watchers.filter { abs($0.value.wake - end) <= Self.resolution }
            for watcher in satisfied { state.watchers[watcher.key] = nil }
            return (nil, Array(satisfied.values))
        }
        if let result { continuation.resume(with: result) }
        for watcher in watchers { watcher.continuation.resume() }
    }

    private static func somebody(in state: State, wakesAt wake: NumericDate) -> Bool {
        state.sleepers.values.contains { abs($0.end - wake) <= resolution }
    }
}
