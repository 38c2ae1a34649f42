internal import Synchronization
package import VestibuleProtocol

/// Time runs out unless there is progress.
package final class Patience: Sendable {
    private struct State {
        var lastSign: NumericDate
        /// How many reasons there are not to count at present.
        var pauses = 0
    }

    private let state: Mutex<State>
    private let clock: any WallClock
    private let timeout: Duration
    private let end: NumericDate
    private let uncounted: @Sendable () -> Duration
    private let uncountedBefore: Duration

    /// - Parameters:
    ///   - timeout: How long without any sign of progress.
    ///   - maximum: How long in all, signs or not.
    ///   - uncounted: How much time has been spent until now on what nobody need be impatient about, such as a person
    ///     who signs in. What is added to it while patience lasts is added to its end.
    package init(
        clock: any WallClock, timeout: Duration, maximum: Duration,
        notCounting uncounted: @escaping @Sendable () -> Duration = { .zero }
    ) {
        let now = clock.now()
        self.uncounted = uncounted
        self.uncountedBefore = uncounted()
        self.clock = clock
        self.timeout = timeout
        self.end = now + maximum
        self.state = Mutex(State(lastSign: now))
    }

    package func notice() {
        let now = clock.now()
        state.withLock { $0.lastSign = now }
    }

    /// From now on it is our side that takes its time, such as a person who is asked: only the time in all counts.
    package func pause() {
        state.withLock { $0.pauses += 1 }
    }

    /// It is the other side's turn again.
    package func resume() {
        let now = clock.now()
        state.withLock { state in
            state.pauses -= 1
            state.lastSign = now
        }
    }

    /// Returns when patience has run out.
    ///
    /// - Throws: `CancellationError` where the task is cancelled first.
    func runOut() async throws {
        while true {
            let now = clock.now()
            let deadline = state.withLock { $0.pauses > 0 ? now + timeout : $0.lastSign + timeout }
            let left = min(deadline, end) + (uncounted() - uncountedBefore) - now
            // Less than a millisecond is nothing: seconds since 1970 hold no more than a quarter of a microsecond.
            guard left > 0.001 else { return }
            try await clock.sleep(for: .seconds(left))
        }
    }

    /// The work's result, or an error where patience runs out first. The work is then cancelled, and waited for.
    package func limit<Value: Sendable>(
        _ what: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask { [self] in
                try await runOut()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw MCPClientError(
                    .timeout,
                    "\(what): no answer within \(TokenJudge.inWords(timeout.inSeconds)); "
                        + "try again, or allow more time")
            }
            return value
        }
    }
}
