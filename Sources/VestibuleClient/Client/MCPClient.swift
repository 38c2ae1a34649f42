internal import Synchronization
public import VestibuleProtocol

/// A client of one MCP server, whatever era of MCP the server speaks, whose token cannot go stale.
///
/// ```swift
/// let client = MCPClient(url: "http://127.0.0.1:8080/mcp", token: .command("vestibule token mint --subject ada"))
/// let result = try await client.callTool("bucket_objects_list", arguments: ["bucket": "demo-bucket"])
/// await client.close()
/// ```
///
/// Which era the server speaks is found out when it is first needed, without a token; every operation carries one that is
/// known to be fresh; a token that is refused is replaced once, a session that is lost is opened again once, and what then
/// still fails is an ``MCPClientError`` with the server's reason.
public final class MCPClient: Sendable {
    /// The endpoint; for a server behind pipes, what it is called.
    public let url: String
    public let configuration: MCPClientConfiguration
    /// The token's keeper; `nil` for a client that stays anonymous.
    public let tokens: TokenManager?

    /// How messages get to the server.
    enum Link: Sendable {
        case http(HTTPLink)
        case channel(ChannelLink)
    }

    let link: Link
    let clock: any WallClock
    let log = RequestLog()
    let state = Mutex(State())
    let handshake = SingleFlight<Standing>()
    let announcements = Broadcast<ServerNotification>(bufferingNewest: 1_000)
    let catalogue = ToolCatalogue()
    let results: ResultCache
    private let ownsTokens: Bool

    struct State: Sendable {
        var standing: Standing?
        var generation = 0
        /// Whether the session has seen a token, and so may be bound to its subject.
        var hasCarriedToken = false
        var nextID = 1
        var nextProbe = 1
        var isClosed = false
        /// The calls that want to hear of progress, by their ids.
        var calls: [RequestID: Call] = [:]
        /// Questions of the server that handlers are busy with, by their ids.
        var answering: [RequestID: Task<RPCMessage?, Never>] = [:]
        /// How many have begun to listen to ``MCPClient/notifications``.
        var listeners = 0
        /// The resources that are subscribed to, and how often (legacy era).
        var subscribed: [ByteKey: Int] = [:]
        /// Keep the subscriptions up, by numbers of their own.
        var subscriptions: [Int: Task<Void, Never>] = [:]
        var nextSubscription = 1
        /// Keeps the session's own stream open.
        var listening: Task<Void, Never>?
    }

    /// A client that gets its tokens from a source. It closes what it makes of it.
    public convenience init(
        url: String, token source: any TokenSource, configuration: MCPClientConfiguration = MCPClientConfiguration(),
        tokenConfiguration: TokenManagerConfiguration? = nil,
        transport: any HTTPTransport = AsyncHTTPClientTransport.shared, clock: any WallClock = SystemClock()
    ) {
        let tokens = TokenManager(source: source, configuration: tokenConfiguration, clock: clock)
        self.init(
            url: url, tokens: tokens, owned: true, link: .http(HTTPLink(transport: transport)),
            configuration: configuration, clock: clock)
    }

    /// A client that shares a token manager with others, or has none. It leaves the manager open.
    public convenience init(
        url: String, tokens: TokenManager? = nil, transport: any HTTPTransport = AsyncHTTPClientTransport.shared,
        configuration: MCPClientConfiguration = MCPClientConfiguration(), clock: any WallClock = SystemClock()
    ) {
        self.init(
            url: url, tokens: tokens, owned: false, link: .http(HTTPLink(transport: transport)),
            configuration: configuration, clock: clock)
    }

    /// A client of a server at the other end of a channel, such as one in the same process.
    ///
    /// - Parameter name: What the server is called in messages.
    public convenience init(
        channel: any MessageChannel, name: String = "the server in this process",
        configuration: MCPClientConfiguration = MCPClientConfiguration(), clock: any WallClock = SystemClock()
    ) {
        self.init(
            url: name, tokens: nil, owned: false,
            link: .channel(ChannelLink(name: name, opener: GivenChannel(channel), clock: clock)),
            configuration: configuration, clock: clock)
    }

    init(
        url: String, tokens: TokenManager?, owned: Bool, link: Link, configuration: MCPClientConfiguration,
        clock: any WallClock
    ) {
        self.url = url
        self.tokens = tokens
        self.ownsTokens = owned
        self.link = link
        self.configuration = configuration
        self.clock = clock
        self.results = ResultCache(maximumCount: configuration.maximumCachedResults)
    }

    /// Finds out what the server is and fetches the first token. Calls do both by themselves where it was not done.
    ///
    /// A token that cannot be had is no failure of the connection: the first operation that needs one tells, and so
    /// does ``TokenManager/currentState``.
    ///
    /// - Returns: What the server says of itself.
    /// - Throws: ``MCPClientError``, or `CancellationError`.
    @discardableResult
    public func connect() async throws -> InitializeResult {
        let result = try await initialize()
        if let tokens, tokens.freshToken == nil {
            _ = try? await tokens.refreshAllData()
            try Task.checkCancellation()
        }
        return result
    }

    /// Finds out which era the server speaks and what it says of itself, and opens a session where there are such;
    /// nothing else, and nothing where it is done.
    @discardableResult
    public func initialize() async throws -> InitializeResult {
        try await description(in: try await standing())
    }

    /// The revision that the client and the server speak; `nil` before they have met.
    public var protocolVersion: ProtocolVersion? { state.withLock { $0.standing?.codec.version } }

    /// Asks whether the server is there: with `ping` where that exists, else with `server/discover`.
    public func ping() async throws {
        let isModern = try await standing().codec.isModern
        _ = try await request(isModern ? MCPMethod.discover : MCPMethod.ping, params: nil, phase: .handshake)
    }

    /// Any other request of MCP. It is treated as an operation: it carries a token, and is never sent again when nobody
    /// knows whether it ran.
    ///
    /// - Returns: The result's JSON.
    public func request(_ method: String, params: JSONObject? = nil) async throws -> JSONValue {
        try await request(method, params: params, phase: .operation)
    }

    /// Ends the session. Calls that wait for a token or a session fail; those under way are left to end.
    ///
    /// A session of the server is ended with `DELETE`; that the server does not support this, or is gone, is no failure.
    /// A server that the client has started is ended.
    public func close() async {
        let (standing, background, wasClosed) = state.withLock { state in
            defer {
                state.isClosed = true
                state.standing = nil
                state.listening = nil
                state.subscriptions = [:]
            }
            return (state.standing, [state.listening].compactMap { $0 } + state.subscriptions.values, state.isClosed)
        }
        guard !wasClosed else { return }
        handshake.cancel()
        for task in background { task.cancel() }
        if let standing, standing.sessionID != nil { await end(standing) }
        if case .channel(let channel) = link { await channel.close() }
        if ownsTokens { tokens?.close() }
        announcements.finish()
        log.finish()
    }

    /// Every request as it is answered, for any number of listeners. One that is slow misses the oldest of more than
    /// 1,000.
    public var requests: AsyncStream<ClientRequestRecord> { log.stream }

    /// The newest 1,000 requests, in the order in which they were answered.
    public var recentRequests: [ClientRequestRecord] { log.snapshot }

    /// The token's state and its changes; ends at once for a client without tokens.
    public var states: AsyncStream<TokenState> { tokens?.states ?? AsyncStream { $0.finish() } }

    func request(_ method: String, params: JSONObject?, phase: Outgoing.Phase) async throws -> JSONValue {
        try await exchange(.request(method, params: params, phase: phase)).json
    }

    /// An id that no other request of this client has. Those of probes are strings, and leave no gap in the others.
    func nextID(forProbe isProbe: Bool) -> RequestID {
        state.withLock { state in
            if isProbe {
                defer { state.nextProbe += 1 }
                return .string("discover-\(state.nextProbe)")
            }
            defer { state.nextID += 1 }
            return .integer(state.nextID)
        }
    }
}
