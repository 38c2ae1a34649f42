internal import Synchronization
internal import VestibuleAuth
public import VestibuleProtocol
public import VestibuleServer

/// What the last six hours brought, kept in memory for the operator's page: how many requests, what was refused and
/// why, and which stale tokens arrived from whom.
///
/// Its size is bounded whatever comes: a ring of ``bucketCount`` counters, and ``maximumGroups`` groups of stale tokens,
/// of which those that were quiet the longest go first.
public final class Telemetry: Sendable {
    /// Seconds that one bucket counts.
    public static let bucketSeconds = 300
    public static let hours = 6
    public static let bucketCount = hours * 3600 / bucketSeconds
    /// Groups of stale tokens that are kept.
    public static let maximumGroups = 500

    private let clock: any WallClock
    private let state: Mutex<State>
    /// When counting began.
    public let startedAt: NumericDate

    private struct State {
        var refusals = RefusalRing()
        var stale = StaleTokens()
    }

    public init(clock: any WallClock = SystemClock()) {
        self.clock = clock
        self.startedAt = clock.now()
        self.state = Mutex(State())
    }

    /// Counts a request. An observer for an ``MCPEndpoint``: takes well under a microsecond, and does not wait.
    public func observe(_ record: RequestRecord) {
        let now = clock.now()
        state.withLock { state in
            state.refusals.count(record.verdict == .refused ? record.reason : nil, at: now)
            if record.tokenSent, let reason = record.reason, reason.remedy == .refresh {
                state.stale.count(StaleTokens.Group(record, reason), age: record.tokenAge, at: now)
            }
        }
    }

    /// The buckets that lie within the last hours, the oldest first and the current one last.
    func buckets(at now: NumericDate) -> [RefusalRing.Bucket] { state.withLock { $0.refusals.buckets(at: now) } }

    /// The groups of stale tokens of the last hours, the one that was seen last first.
    func staleTokens(limit: Int, at now: NumericDate) -> [StaleTokens.Entry] {
        state.withLock { $0.stale.newest(limit, at: now) }
    }
}
