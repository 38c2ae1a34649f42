/// The `streams:` part of the configuration: how much and how long a stream of events bears with its reader, and what a
/// session keeps for one that comes back.
public struct StreamConfiguration: Sendable, Hashable {
    /// How long a peer may take nothing of what is ready for it. Then its stream is closed; a call of the modern era is
    /// cancelled with it, one of the legacy era goes on and its messages are kept. Default 30 s.
    public var stall: Duration
    /// Silence after which a comment is sent, so that proxies keep the connection open. Default 15 s.
    public var keepAlive: Duration
    /// Bytes that may wait for the reader of one stream. Whoever has more to send waits for room; an event is never
    /// divided, so that the last one may go beyond. Default 64 KiB.
    public var queueSize: Int
    /// Events that a session keeps for readers that come back. Default 1,000.
    public var keptEvents: Int
    /// Bytes that a session keeps for readers that come back. Default 512 KiB.
    public var keptBytes: Int
    /// Bytes that all sessions keep together. Default 64 MiB.
    public var keptBytesInAll: Int
    /// Streams of one session, open ones and those of which something is kept. Default 64.
    public var maximumPerSession: Int
    /// GET streams of one session; a further one ends the oldest. Default 8.
    public var maximumStanding: Int
    /// `subscriptions/listen` streams of one subject (modern era); a further one is refused (429). Default 16.
    public var maximumPerSubject: Int
    /// Resources that one session, or one `subscriptions/listen`, may be subscribed to. Default 1,000.
    public var maximumSubscriptions: Int
    /// Questions (sampling, elicitation, roots) of one session that may wait for an answer. Default 64.
    public var maximumQuestions: Int
    /// How long a question waits for its answer; the call that asked has its own time stand still meanwhile.
    /// Default 10 min.
    public var questionTimeout: Duration
    /// When a client whose stream was closed on purpose should come back, where the tool names no time. Default 1 s.
    public var retry: Duration

    public init(
        stall: Duration = .seconds(30), keepAlive: Duration = .seconds(15), queueSize: Int = 64 << 10,
        keptEvents: Int = 1000, keptBytes: Int = 512 << 10, keptBytesInAll: Int = 64 << 20,
        maximumPerSession: Int = 64, maximumStanding: Int = 8, maximumPerSubject: Int = 16,
        maximumSubscriptions: Int = 1000, maximumQuestions: Int = 64, questionTimeout: Duration = .seconds(600),
        retry: Duration = .seconds(1)
    ) {
        self.stall = stall
        self.keepAlive = keepAlive
        self.queueSize = max(1, queueSize)
        self.keptEvents = max(0, keptEvents)
        self.keptBytes = max(0, keptBytes)
        self.keptBytesInAll = max(0, keptBytesInAll)
        self.maximumPerSession = max(1, maximumPerSession)
        self.maximumStanding = max(1, maximumStanding)
        self.maximumPerSubject = max(1, maximumPerSubject)
        self.maximumSubscriptions = max(0, maximumSubscriptions)
        self.maximumQuestions = max(1, maximumQuestions)
        self.questionTimeout = questionTimeout
        self.retry = retry
    }
}
