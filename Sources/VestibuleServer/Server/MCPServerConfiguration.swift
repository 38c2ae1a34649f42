public import VestibuleProtocol

/// How an ``MCPServer`` behaves, and its bounds.
public struct MCPServerConfiguration: Sendable {
    /// What a server can offer besides what is registered with it.
    public struct Features: OptionSet, Sendable, Hashable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let tools = Features(rawValue: 1 << 0)
        public static let resources = Features(rawValue: 1 << 1)
        public static let prompts = Features(rawValue: 1 << 2)
        public static let completions = Features(rawValue: 1 << 3)
    }

    /// Offered even while nothing of the kind is registered. What is registered is offered anyhow, and what was once
    /// offered stays so.
    public var offers: Features
    /// Whether lists and resources may change while the server runs, and clients may hear of it. Default true.
    public var announcesChanges: Bool
    /// Whether every modern result says whose it is (`serverInfo`). Default true.
    public var identifiesItself: Bool
    /// Whether handlers may send log messages to clients that want them. Default true.
    public var offersLogging: Bool
    /// From which level on a legacy session gets log messages before it says so itself. Default info.
    public var initialLogLevel: LogLevel
    /// How long a handler may run before its task is cancelled; the time in which the client is asked does not count.
    /// Default 60 s.
    public var callTimeout: Duration
    /// Entries on one page of a list. Default 200.
    public var pageSize: Int
    /// For how long and for whom lists and `server/discover` may be kept (2026-07-28). A list that is filtered by who asks
    /// is never ``CacheHint/Scope/public``, whatever this says. Default 60 s, for the caller.
    public var listCache: CacheHint
    /// Progress notifications of one call in a second. Default 20.
    public var progressPerSecond: Int
    /// Resources that one legacy session may subscribe to. Default 1000.
    public var maximumSubscriptions: Int
    /// 32 secret bytes with which the state of a multi-round request is sealed. Replicas that serve the rounds of one
    /// request need the same ones; `nil` draws them at the start.
    public var requestStateKey: [UInt8]?
    /// How long a client may take over one round of a request. Default 10 min.
    public var requestStateLifetime: Duration
    /// Bytes of that state, sealed: the answers so far and the handler's own state. Default 64 KiB.
    public var maximumRequestState: Int
    /// How often one request may ask the client before it fails. Default 16.
    public var maximumRounds: Int

    public init(
        offers: Features = [], announcesChanges: Bool = true, identifiesItself: Bool = true,
        offersLogging: Bool = true,
        initialLogLevel: LogLevel = .info, callTimeout: Duration = .seconds(60), pageSize: Int = 200,
        listCache: CacheHint = CacheHint(ttl: .seconds(60), scope: .private), progressPerSecond: Int = 20,
        maximumSubscriptions: Int = 1000, requestStateKey: [UInt8]? = nil,
        requestStateLifetime: Duration = .seconds(600), maximumRequestState: Int = 64 << 10, maximumRounds: Int = 16
    ) {
        self.offers = offers
        self.announcesChanges = announcesChanges
        self.identifiesItself = identifiesItself
        self.offersLogging = offersLogging
        self.initialLogLevel = initialLogLevel
        self.callTimeout = callTimeout
        self.pageSize = max(1, pageSize)
        self.listCache = listCache
        self.progressPerSecond = progressPerSecond
        self.maximumSubscriptions = maximumSubscriptions
        self.requestStateKey = requestStateKey
        self.requestStateLifetime = requestStateLifetime
        self.maximumRequestState = maximumRequestState
        self.maximumRounds = max(1, maximumRounds)
    }
}
