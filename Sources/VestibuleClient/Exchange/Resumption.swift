internal import VestibuleProtocol

/// When and how often a stream that broke is taken up again. A value, so that it is tested without a stream.
///
/// A time that the server set (`retry`) is obeyed to the millisecond, from 100 ms on. Without one the wait doubles from
/// half a second to 30 s with each try that brings nothing, and varies by half, so that many clients do not return at
/// the same moment.
struct Resumption: Sendable {
    static let firstWait = Duration.milliseconds(500)
    /// However little the server asks for.
    static let shortestWait = Duration.milliseconds(100)
    static let longestWait = Duration.seconds(30)

    /// The tries since anything last came.
    private(set) var tries = 0
    private(set) var lastEventID: String?
    private var retry: Duration?
    private var atLeast = Duration.zero
    private let maximum: Int
    private let jitter: @Sendable () -> Double

    /// - Parameters:
    ///   - maximum: How many tries without anything coming.
    ///   - jitter: From 0 to 1.
    init(maximum: Int, jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }) {
        self.maximum = maximum
        self.jitter = jitter
    }

    /// A connection ended here.
    mutating func note(_ position: StreamPosition) {
        if position.events > 0 { tries = 0 }
        lastEventID = position.lastEventID ?? lastEventID
        retry = position.retry ?? retry
    }

    /// A connection stood for a while, though nothing need have come through it: a stream of its own may be silent.
    mutating func noteConnection() { tries = min(tries, 1) }

    /// The server asks for more patience, once.
    mutating func delay(_ duration: Duration) { atLeast = min(duration, Self.longestWait) }

    /// How long to wait before the next try; `nil` where there have been enough.
    mutating func next() -> Duration? {
        guard tries < maximum else { return nil }
        tries += 1
        defer { atLeast = .zero }
        if let retry { return max(retry, atLeast, Self.shortestWait) }
        let wait = min(Self.firstWait * (1 << min(tries - 1, 10)), Self.longestWait)
        return max(wait * (0.5 + jitter() / 2), atLeast)
    }

    /// Which try it is, for the record.
    var occasion: Attempt { Attempt(number: tries, occasion: .resumed) }
}
