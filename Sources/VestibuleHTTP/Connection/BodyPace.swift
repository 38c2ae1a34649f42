internal import NIOCore

/// Whether a body comes fast enough: whole within the timeout, or on average at the least rate.
struct BodyPace {
    private let timeout: TimeAmount
    private let rate: Int
    private var began: NIODeadline
    /// Bytes of the whole body so far.
    var received = 0
    private var receivedBefore = 0

    init(_ configuration: HTTPServerConfiguration, began: NIODeadline) {
        self.timeout = TimeAmount(configuration.bodyTimeout)
        self.rate = max(1, configuration.minimumBodyRate)
        self.began = began
    }

    var firstCheck: TimeAmount { timeout }

    /// Judges from now on: what came so far was held up on this side.
    mutating func restart(at now: NIODeadline) {
        began = now
        receivedBefore = received
    }

    /// When to look again, at the earliest when the average could have fallen below the rate; `nil` where it has.
    func nextCheck(at now: NIODeadline) -> TimeAmount? {
        let elapsed = now - began
        guard elapsed >= timeout else { return timeout - elapsed }
        let (allowed, overflow) = Int64(received - receivedBefore).multipliedReportingOverflow(by: 1_000_000_000)
        let lasts = TimeAmount.nanoseconds(overflow ? Int64.max : allowed / Int64(rate))
        guard lasts > elapsed else { return nil }
        return max(lasts - elapsed, .milliseconds(10))
    }
}
