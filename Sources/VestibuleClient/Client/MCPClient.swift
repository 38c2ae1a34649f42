internal import Synchronization
public import VestibuleProtocol

/// A client of one MCP server, whose token cannot go stale.
///
/// ```swift
/// let client = MCPClient(url: "http://127.0.0.1:8080/mcp", token: .command("vestibule token mint --subject ada"))
/// let result = try await client.callTool("bucket_objects_list", arguments: ["bucket": "demo-bucket"])
/// await client.close()
/// ```
///
/// The session is opened when it is first needed, without a token; every operation carries one that is known to be
/// fresh; a token that is refused is replaced once, a session that is lost is opened again once, and what then still
/// fails is an ``MCPClientError`` with the server's reason.
public final class MCPClient: Sendable {
    public let url: String
    public let configuration: MCPClientConfiguration
    /// The token's keeper; `nil` for a client that stays anonymous.
    public let tokens: TokenManager?

    let transport: any HTTPTransport
    let clock: any WallClock
    let log = RequestLog()
    let state = Mutex(State())
    let handshake = SingleFlight<Session>()
    private let ownsTokens: Bool

    struct State: Sendable {
        var session: Session?
        var generation = 0
        /// Whether the session has seen a token, and so may be bound to its subject.
        var hasCarriedToken = false
        var nextID = 1
        var isClosed = false
    }

    /// An open session.
    struct Session: Sendable {
        /// Tells one session from the next.
        var generation: Int
        /// `Mcp-Session-Id`, where the server gave one.
        var id: String?
        var server: InitializeResult
        /// Whether the server asked for a token to open it.
        var wantedToken: Bool
    }

    /// A client that gets its tokens from a source. It closes what it makes of it.
    public convenience init(
        url: String, token source: any TokenSource, configuration: MCPClientConfiguration = MCPClientConfiguration(),
        tokenConfiguration: TokenManagerConfiguration? = nil,
        transport: any HTTPTransport = AsyncHTTPClientTransport.shared, clock: any WallClock = SystemClock()
    ) {
        let tokens = TokenManager(source: source, configuration: tokenConfiguration, clock: clock)
        self.init(
            url: url, tokens: tokens, owned: true, transport: transport, configuration: configuration, clock: clock)
    }

    /// A client that shares a token manager with others, or has none. It leaves the manager open.
    public convenience init(
        url: String, tokens: TokenManager? = nil, transport: any HTTPTransport = AsyncHTTPClientTransport.shared,
        configuration: MCPClientConfiguration = MCPClientConfiguration(), clock: any WallClock = SystemClock()
    ) {
        self.init(
            url: url, tokens: tokens, owned: false, transport: transport, configuration: configuration, clock: clock)
    }

    private init(
        url: String, tokens: TokenManager?, owned: Bool, transport: any HTTPTransport,
        configuration: MCPClientConfiguration, clock: any WallClock
    ) {
        self.url = url
        self.tokens = tokens
        self.ownsTokens = owned
        self.transport = transport
        self.configuration = configuration
        self.clock = clock
    }

    /// Opens the session now and fetches the first token. Calls do both by themselves where it was not done.
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

    /// Opens the session, if none is open, and nothing else.
    @discardableResult
    public func initialize() async throws -> InitializeResult {
        try await session().server
    }

    /// All tools, from every page of the list. With a token at hand the server shows what its principal may call.
    ///
    /// - Throws: ``MCPClientError``; `protocolViolation` also where the list is longer than is configured.
    public func listTools() async throws -> [Tool] {
        var tools: [Tool] = []
        var cursor: String?
        for _ in 0..<configuration.maximumPages {
            let params = cursor.map { JSONObject([("cursor", .string($0))]) }
            let page = try await request(MCPMethod.listTools, params: params, phase: .listing)
            guard let result = try? ListToolsResult(json: page) else {
                throw MCPClientError(.protocolViolation, "tools/list: the result holds no list of tools")
            }
            tools += result.tools
            guard tools.count <= configuration.maximumListLength else {
                throw MCPClientError(
                    .protocolViolation, "tools/list: more than \(configuration.maximumListLength) tools")
            }
            guard let next = result.nextCursor else { return tools }
            if let cursor, cursor.hasSameBytes(as: next) {
                throw MCPClientError(.protocolViolation, "tools/list: the server gives the same page again and again")
            }
            cursor = next
        }
        throw MCPClientError(.protocolViolation, "tools/list: more than \(configuration.maximumPages) pages")
    }

    /// Calls a tool.
    ///
    /// - Parameter onProgress: Called for each progress notification of this call. Asking for progress also makes the
    ///   call's time-out count from the last of them.
    /// - Returns: The tool's result, a failure of the tool included (``ToolResult/isError``). Where the server denied
    ///   the call in band, ``ToolResult/denial`` says why.
    /// - Throws: ``MCPClientError``; `outcomeUnknown` where the connection broke and the call may have run.
    public func callTool(
        _ name: String, arguments: JSONObject = [:], onProgress: (@Sendable (ProgressParams) -> Void)? = nil
    ) async throws -> ToolResult {
        let id = nextID()
        let params = CallToolParams(name: name, arguments: arguments, progressToken: onProgress == nil ? nil : id)
        let json = try await exchange(
            .request(MCPMethod.callTool, id: id, params: params.json.object, tool: name, phase: .operation),
            onProgress: onProgress)
        guard let result = ToolResult(json: json) else {
            throw MCPClientError(.protocolViolation, "tools/call of \(name.prefix(128)): the result has no content")
        }
        return result
    }

    /// Asks whether the server is there.
    public func ping() async throws {
        _ = try await request(MCPMethod.ping, params: nil, phase: .handshake)
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
    /// The server is told with `DELETE`; that it does not support this, or is gone, is no failure.
    public func close() async {
        let (session, wasClosed) = state.withLock { state in
            defer {
                state.isClosed = true
                state.session = nil
            }
            return (state.session, state.isClosed)
        }
        guard !wasClosed else { return }
        handshake.cancel()
        if let session, session.id != nil { await end(session) }
        if ownsTokens { tokens?.close() }
        log.finish()
    }

    /// Every request as it is answered, for any number of listeners. One that is slow misses the oldest of more than
    /// 1,000.
    public var requests: AsyncStream<ClientRequestRecord> { log.stream }

    /// The newest 1,000 requests, in the order in which they were answered.
    public var recentRequests: [ClientRequestRecord] { log.snapshot }

    /// The token's state and its changes; ends at once for a client without tokens.
    public var states: AsyncStream<TokenState> { tokens?.states ?? AsyncStream { $0.finish() } }

    private func request(_ method: String, params: JSONObject?, phase: Outgoing.Phase) async throws -> JSONValue {
        try await exchange(.request(method, id: nextID(), params: params, phase: phase))
    }

    func nextID() -> RequestID {
        state.withLock { state in
            defer { state.nextID += 1 }
            return .integer(state.nextID)
        }
    }
}
