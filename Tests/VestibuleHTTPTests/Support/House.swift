import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import VestibuleAuth
import VestibuleHTTP
import VestibuleProtocol
import VestibuleServer

/// A real server on a free port, with keys of its own.
struct House: Sendable {
    static let issuer = "https://issuer.example"
    static let audience = "https://mcp.example.com/mcp"

    let port: Int
    let keys: Keys
    let records: Records
    /// Begins the graceful shutdown.
    let shutDown: @Sendable () async -> Void

    /// The keys of the issuer: an active ES256 key, an HS256 one that verifies, and a retired one.
    struct Keys: Sendable {
        let ring: KeyRing
        let active: RingKey
        let retired: RingKey

        init() throws {
            let now = SystemClock().now()
            active = RingKey.generate(.es256, kid: "active", createdAt: now)
            retired = RingKey.generate(.hs256, kid: "retired", createdAt: now)
            var ring = KeyRing()
            try ring.rotate(to: retired, overlap: .zero, now: now)
            try ring.rotate(to: active, overlap: .zero, now: now)
            self.ring = ring
        }

        func token(
            _ subject: String = "ada", ttl: Duration = .seconds(300), permissions: [String] = [], buckets: [String] = []
        ) throws -> String {
            try TokenMinter(ring: ring, clock: SystemClock())
                .mint(
                    TokenClaims(
                        issuer: House.issuer, audience: [House.audience], subject: subject, permissions: permissions,
                        buckets: buckets, timeToLive: ttl))
        }

        /// Claims that would do, for a test to spoil.
        var claims: JSONObject {
            let now = Int(SystemClock().now().seconds)
            return [
                "iss": .string(House.issuer), "aud": .string(House.audience), "sub": "ada", "iat": .integer(now),
                "exp": .integer(now + 300),
            ]
        }
    }

    /// Serves, runs the body, and shuts down.
    static func with<Value: Sendable>(
        policy: AccessPolicy = AccessPolicy(publicTools: ["open"]), rules: [Rule] = [],
        tools: [ServedTool] = House.tools, maximumTokenAge: Duration? = nil,
        revocation: TokenVerifier.Revocation? = nil, introspection: TokenIntrospection? = nil,
        verifier: TokenVerifier? = nil,
        http: HTTPServerConfiguration = HTTPServerConfiguration(), sites: [any HTTPSite] = [],
        isReady: @escaping @Sendable () -> Bool = { true },
        configure: (inout EndpointConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (House) async throws -> Value
    ) async throws -> Value {
        let keys = try Keys()
        let records = Records()
        var configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "house", version: "1"), resource: audience,
            allowedOrigins: ["https://app.example.com"], allowsLoopbackOrigins: true,
            authorizationServers: [issuer])
        configure(&configuration)
        let trusted = TrustedIssuer(
            name: "own", issuer: issuer, audiences: [audience], keys: .fixed(keys.ring),
            maximumTokenAge: maximumTokenAge, introspection: introspection)
        let endpoint = MCPEndpoint(
            configuration: configuration, gate: Gate(policy: policy, rules: RuleSet(rules)),
            verifier: verifier
                ?? TokenVerifier(issuers: [trusted], clock: SystemClock(), revocation: revocation), tools: tools,
            observer: { records.add($0) })
        var http = http
        http.port = 0
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let server = VestibuleHTTPServer(
            endpoint: endpoint, sites: sites, configuration: http, readiness: isReady, logger: logger,
            onListening: { listening.yield($0) })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server], gracefulShutdownSignals: [], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.next()
                throw Unexpected("the server ended before it listened")
            }
            let house = House(
                port: port, keys: keys, records: records, shutDown: { await group.triggerGracefulShutdown() })
            let value = try await body(house)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }

    static let tools: [ServedTool] = ["echo", "open"]
        .map { name in
            ServedTool(
                Tool(name: name, inputSchema: ["type": "object", "properties": ["bucket": ["type": "string"]]])
            ) { arguments, context in
                ToolResult(structured: [
                    "arguments": .object(arguments),
                    "subject": context.principal.map { .string($0.subject) } ?? .null,
                ])
            }
        }
}

extension House {
    typealias Reply = RawConnection.Reply

    /// One request on a connection of its own.
    func request(
        _ method: String = "POST", _ path: String = "/mcp", host: String = "127.0.0.1",
        headers: [(String, String)] = [], body: String? = nil
    ) async throws -> Reply {
        try await RawConnection.open(port) { connection in
            try await connection.send(method, path, host: host, headers: headers, body: body)
            guard let reply = try await connection.reply(toHead: method == "HEAD") else {
                throw Unexpected("\(method) \(path): the connection ended without an answer")
            }
            return reply
        }
    }

    func post(
        _ body: String, authorization: [String] = [], session: String? = nil, headers: [(String, String)] = []
    ) async throws -> Reply {
        var fields = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
        fields += authorization.map { ("Authorization", $0) }
        if let session { fields.append(("Mcp-Session-Id", session)) }
        return try await request(headers: fields + headers, body: body)
    }

    func post(_ body: String, token: String?, session: String? = nil) async throws -> Reply {
        try await post(body, authorization: token.map { ["Bearer \($0)"] } ?? [], session: session)
    }

    func open(token: String? = nil) async throws -> String {
        let reply = try await post(Self.initialize, token: token)
        guard let id = reply["Mcp-Session-Id"] else { throw Unexpected("initialize was answered \(reply.status)") }
        return id
    }

    /// Whether a newcomer is served: what has to be true after whatever was sent before.
    func stillServes() async throws -> Bool {
        let token = try keys.token()
        let session = try await open()
        return try await post(Self.call("echo"), token: token, session: session).result?["isError"] == false
    }

    static let initialize =
        #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","#
        + #""capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#
    static let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
    static let list = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#

    static func call(_ tool: String, _ arguments: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
    }
}

/// What the observer was told.
final class Records: Sendable {
    private let all = Mutex<[RequestRecord]>([])

    func add(_ record: RequestRecord) { all.withLock { $0.append(record) } }
    var list: [RequestRecord] { all.withLock { $0 } }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
