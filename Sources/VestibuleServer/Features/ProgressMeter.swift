internal import Synchronization
internal import VestibuleProtocol

/// The progress of one call: tells only what goes on from what was told, and not too often.
package final class ProgressMeter: Sendable {
    private struct State {
        var told: Double?
        /// A bucket of tokens that fills with time.
        var tokens: Double
        var filled: NumericDate
        var isOver = false
    }

    private let token: ProgressToken
    private let perSecond: Double
    private let clock: any WallClock
    private let state: Mutex<State>

    init(_ token: ProgressToken, perSecond: Int, clock: any WallClock) {
        self.token = token
        self.perSecond = Double(max(1, perSecond))
        self.clock = clock
        self.state = Mutex(State(tokens: Double(max(1, perSecond)), filled: clock.now()))
    }

    /// The parameters of the notification, or `nil` where none is due.
    func params(_ progress: Double, total: Double?, message: String?) -> JSONObject? {
        guard let number = JSONNumber(exactly: progress) else { return nil }
        let now = clock.now()
        let isDue = state.withLock { state in
            guard !state.isOver, state.told.map({ progress > $0 }) ?? true else { return false }
            state.tokens = min(perSecond, state.tokens + max(0, now - state.filled) * perSecond)
            state.filled = now
            let isEnd = total.map { progress >= $0 } ?? false
            guard state.tokens >= 1 || isEnd else { return false }
            state.tokens = max(0, state.tokens - 1)
            state.told = progress
            return true
        }
        guard isDue else { return nil }
        return ProgressParams(
            progressToken: token, progress: number, total: total.flatMap { JSONNumber(exactly: $0) }, message: message
        )
        .json.object
    }

    /// The call has ended: its token is no longer spoken of.
    func end() {
        state.withLock { $0.isOver = true }
    }
}

extension JSONNumber {
    /// An integer where the value is one, so that `50.0` is written `50`.
    fileprivate init?(exactly value: Double) {
        if let integer = Int(exactly: value) { self.init(integer) } else { self.init(value) }
    }
}
