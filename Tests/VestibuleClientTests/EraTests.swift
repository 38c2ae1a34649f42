import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

@Suite("Eras")
struct EraTests {
    private static let spoken = SpokenVersions(legacy: ProtocolVersion.legacy, modern: ProtocolVersion.modern)
    private static let discovery: JSONValue = [
        "supportedVersions": ["2026-07-28"], "capabilities": [:], "resultType": "complete", "ttlMs": 0,
        "cacheScope": "private",
    ]

    private static func error(_ code: Int, _ data: JSONValue? = nil) -> Result<JSONValue, RPCError> {
        .failure(RPCError(RPCError.Code(rawValue: code), "no", data: data))
    }

    private static func word(_ reading: ProbeReading) -> String {
        switch reading {
        case .modern(let version, _): "modern \(version)"
        case .modernButUnwilling: "unwilling"
        case .otherRevision(let version): "ask in \(version)"
        case .legacy: "legacy"
        case .incompatible: "incompatible"
        }
    }

    // requirement
    @Test(
        "what the answer to the probe says of the era",
        arguments: [
            (200, .success(discovery), "modern 2026-07-28"),
            (200, .success([:]), "legacy"),
            (200, .success(["supportedVersions": ["2025-06-18"], "capabilities": [:]]), "legacy"),
            (200, .success(["supportedVersions": ["2031-01-01"], "capabilities": [:]]), "incompatible"),
            (400, error(-32022, ["supported": ["2026-07-28"], "requested": "x"]), "ask in 2026-07-28"),
            (400, error(-32022, ["supported": ["2025-11-25"], "requested": "x"]), "legacy"),
            (400, error(-32022, ["supported": ["1999-01-01"], "requested": "x"]), "incompatible"),
            (nil, error(-32022, ["supported": ["2026-07-28"], "requested": "x"]), "ask in 2026-07-28"),
            (400, error(-32022), "legacy"),
            (400, error(-32020), "unwilling"),
            (400, error(-32021, ["requiredCapabilities": ["sampling": [:]]]), "unwilling"),
            (200, error(-32020), "legacy"),
            (404, error(-32601), "legacy"),
            (200, error(-32601), "legacy"),
            (400, error(-32602), "legacy"),
            (400, error(-32000), "legacy"),
            (400, nil, "legacy"),
            (404, nil, "legacy"),
            (405, nil, "legacy"),
        ] as [(Int?, Result<JSONValue, RPCError>?, String)])
    func reading(status: Int?, answer: Result<JSONValue, RPCError>?, expected: String) {
        #expect(Self.word(ProbeReading(status: status, answer: answer, spoken: Self.spoken)) == expected)
    }

    // requirement
    @Test("a legacy verdict ends after its time, a modern one does not, and no more than 256 are kept")
    func cache() async {
        let cache = InMemoryEraCache(legacyLifetime: .seconds(60))
        let start = NumericDate(1_000)
        await cache.keep(.legacy, for: "https://a.test", at: start)
        await cache.keep(.modern(.v2026_07_28), for: "https://b.test", at: start)
        // Whoever uses the server does not make the verdict younger.
        await cache.keep(.legacy, for: "https://a.test", at: start + .seconds(30))
        #expect(await cache.verdict(for: "https://a.test", at: start + .seconds(59)) == .legacy)
        #expect(await cache.verdict(for: "https://a.test", at: start + .seconds(60)) == nil)
        #expect(await cache.verdict(for: "https://b.test", at: start + .seconds(1e6)) == .modern(.v2026_07_28))
        for number in 0..<256 { await cache.keep(.legacy, for: "https://\(number).test", at: start + .seconds(100)) }
        #expect(await cache.verdict(for: "https://b.test", at: start + .seconds(100)) == nil)
        #expect(await cache.verdict(for: "https://0.test", at: start + .seconds(100)) == .legacy)
        await cache.keep(nil, for: "https://0.test", at: start)
        #expect(await cache.verdict(for: "https://0.test", at: start) == nil)
    }

    // requirement
    @Test("clients that share a cache ask a server once; when the verdict is old, it is asked again")
    func sharedVerdict() async throws {
        let clock = FakeClock()
        let server = ScriptedServer(clock: clock)
        let cache = InMemoryEraCache(legacyLifetime: .seconds(60))
        func connect() async throws {
            let client = MCPClient(
                url: Bench.url, transport: server, configuration: MCPClientConfiguration(eraCache: cache), clock: clock)
            try await client.connect()
            await client.close()
        }
        try await connect()
        try await connect()
        #expect(server.received.count { $0.method == "server/discover" } == 1)
        clock.advance(by: .seconds(60))
        try await connect()
        #expect(server.received.count { $0.method == "server/discover" } == 2)
    }

    // requirement, C-31
    @Test("a client of the modern era asks nothing first, and every request says who asks and in which revision")
    func pinnedModern() async throws {
        let clock = FakeClock()
        let server = ScriptedServer(clock: clock, era: .modern)
        let client = MCPClient(
            url: Bench.url, token: ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(era: .modern, acceptsTasks: false), transport: server, clock: clock)
        _ = try await client.callTool("echo", arguments: ["a": 1], logLevel: .info) { _ in }
        #expect(server.received.map(\.method) == ["tools/call"])
        let meta = try #require(server.received[0].params?["_meta"])
        #expect(meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28")
        #expect(meta["io.modelcontextprotocol/clientCapabilities"] == [:])
        #expect(meta["io.modelcontextprotocol/clientInfo"]?["name"] == "vestibule-client")
        #expect(meta["io.modelcontextprotocol/logLevel"] == "info")
        #expect(meta["progressToken"] == server.received[0].json?["id"])
        await client.close()
        #expect(server.received.count == 1, "there is no session to end")
    }

    // requirement: A-02, E-50
    @Test("what handlers there are for is what the client declares, and that it can wait for tasks")
    func capabilities() async throws {
        let server = ScriptedServer(era: .modern)
        var handlers = MCPClientHandlers(extensions: ["com.example/x": ["a": 1]])
        handlers.elicitURL = { _, _ in .decline }
        handlers.roots = { [] }
        let client = MCPClient(
            url: Bench.url, transport: server, configuration: MCPClientConfiguration(handlers: handlers, era: .modern))
        try await client.initialize()
        let declared = server.received[0].params?["_meta"]?["io.modelcontextprotocol/clientCapabilities"]
        #expect(
            declared == [
                "roots": [:], "elicitation": ["url": [:]],
                "extensions": ["com.example/x": ["a": 1], "io.modelcontextprotocol/tasks": [:]],
            ])
    }

    // requirement: A-07
    @Test("a server that refuses the revision of a call names those that it speaks, and gets one of them")
    func renegotiated() async throws {
        let server = ScriptedServer(era: .dual)
        let client = MCPClient(url: Bench.url, transport: server, configuration: MCPClientConfiguration())
        try await client.initialize()
        let refusal = RPCError(
            .unsupportedProtocolVersion, "no", data: ["supported": ["2025-11-25"], "requested": "2026-07-28"])
        server.script(.error(refusal).with(status: 400), for: "tools/list")
        _ = try await client.listTools()
        #expect(
            server.received.map(\.method) == [
                "server/discover", "tools/list", "initialize", "notifications/initialized", "tools/list",
            ])
        #expect(client.protocolVersion == .v2025_11_25)
    }

    // requirement: A-33
    @Test("a session whose revision the client is not to speak is given up")
    func pinnedVersions() async throws {
        let server = ScriptedServer()
        let configuration = MCPClientConfiguration(era: .legacy, legacyVersions: [.v2025_06_18])
        let client = MCPClient(url: Bench.url, transport: server, configuration: configuration)
        #expect(try await client.initialize().protocolVersion == .v2025_06_18)
        server.script(
            .result([
                "protocolVersion": "2025-11-25", "capabilities": [:], "serverInfo": ["name": "x", "version": "1"],
            ]), for: "initialize")
        let other = MCPClient(url: Bench.url, transport: server, configuration: configuration)
        let error = try await failure { try await other.initialize() }
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains("2025-06-18"))
    }

    // requirement: C-22, C-40
    @Test("a server of the transport before is told from a wrong URL", arguments: [(404, true), (405, false)])
    func oldTransport(status: Int, isOld: Bool) async throws {
        let server = ScriptedServer()
        server.script(.raw(status: status), for: "server/discover")
        server.script(.raw(status: status), for: "initialize")
        let body = isOld ? "event: endpoint\ndata: /messages?id=1\n\n" : "data: hello\n\n"
        server.script(.raw(status: 200, contentType: "text/event-stream", body: Array(body.utf8)), for: "GET")
        let client = MCPClient(url: Bench.url, transport: server, configuration: MCPClientConfiguration())
        let error = try await failure { try await client.initialize() }
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains("2024-11-05") == isOld)
        #expect(server.received.map(\.httpMethod) == ["POST", "POST", "GET"])
    }

    // requirement: D-03, D-21
    @Test("what the modern era does not know is done otherwise, or refused before it is sent")
    func onlyLegacy() async throws {
        let server = ScriptedServer(era: .modern)
        let client = MCPClient(url: Bench.url, transport: server, configuration: MCPClientConfiguration())
        try await client.ping()
        #expect(try await failure { try await client.setLogLevel(.debug) }.code == .unsupported)
        try await client.rootsChanged()
        #expect(server.received.map(\.method) == ["server/discover", "server/discover"])
    }
}
