import HTTPTypes
import Synchronization
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

/// An endpoint whose tools tell and ask, by a clock that a test turns.
struct StreamHouse: Sendable {
    static let origin = "http://127.0.0.1:8080"
    static let resource = origin + "/mcp"

    let clock = FakeClock(NumericDate(1_800_000_000))
    let ring: KeyRing
    let server: MCPServer
    let endpoint: MCPEndpoint
    let records = Records()
    /// The tool `wait` goes on.
    let goOn = Latch()
    /// The tool `wait` has been cancelled, or has gone on.
    let cancelled = Latch()
    let wentOn = Latch()

    init(
        policy: AccessPolicy = AccessPolicy(publicTools: ["open_*"]),
        configure: (inout EndpointConfiguration) -> Void = { _ in }
    ) throws {
        let key = RingKey.generate(.hs256, kid: "k1", createdAt: clock.now())
        var ring = KeyRing()
        try ring.rotate(to: key, overlap: .zero, now: clock.now())
        self.ring = ring
        var configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "house", version: "1"), resource: Self.resource,
            authorizationServers: [Self.origin])
        configure(&configuration)
        let issuer = TrustedIssuer(
            name: "own", issuer: Self.origin, audiences: [Self.resource], keys: .fixed(ring))
        server = MCPServer(
            info: configuration.serverInfo, tools: Self.tools(goOn: goOn, cancelled: cancelled, wentOn: wentOn),
            configuration: MCPServerConfiguration(offers: [.resources, .prompts]), clock: clock)
        endpoint = MCPEndpoint(
            configuration: configuration, gate: Gate(policy: policy, rules: RuleSet([])),
            verifier: TokenVerifier(issuers: [issuer], clock: clock), server: server, clock: clock,
            observer: { [records] in records.add($0) })
    }

    private static func tools(goOn: Latch, cancelled: Latch, wentOn: Latch) -> [ServedTool] {
        func tool(_ name: String, _ work: @escaping @Sendable (RequestContext) async throws -> String) -> ServedTool {
            ServedTool(Tool(name: name, inputSchema: ["type": "object"])) { _, context in
                ToolResult.text(try await work(context))
            }
        }
        return [
            tool("plain") { _ in "plain" },
            tool("tell") { context in
                for number in 1...3 { await context.log(.info, .integer(number)) }
                return "told"
            },
            tool("progress") { context in
                for step in [0.0, 50, 100] { await context.report(progress: step, total: 100) }
                return "done"
            },
            tool("wait") { context in
                await context.log(.info, "waiting")
                do {
                    try await goOn.wait()
                } catch {
                    cancelled.open()
                    throw error
                }
                wentOn.open()
                await context.log(.info, "going on")
                return "waited"
            },
            tool("poll") { context in
                await context.closeStream(retryAfter: .milliseconds(40))
                await context.log(.info, "while away")
                try await goOn.wait()
                return "polled"
            },
            tool("ask") { context in
                let answer = try await context.elicit(
                    .form("your name?", ElicitationSchema().asking("name", .text())))
                return "\(answer.action.rawValue) \(answer.content?["name"]?.string ?? "-")"
            },
            tool("open_ask") { context in
                let answer = try await context.elicit(
                    .form("your name?", ElicitationSchema().asking("name", .text())))
                return "\(answer.action.rawValue)"
            },
            tool("page") { context in
                await context.elicitationCompleted("e1")
                return "opened"
            },
        ]
    }

    func token(_ subject: String = "ada", ttl: Duration = .seconds(300)) throws -> String {
        try TokenMinter(ring: ring, clock: clock)
            .mint(
                TokenClaims(
                    issuer: Self.origin, audience: [Self.resource], subject: subject, timeToLive: ttl))
    }

    // MARK: - Requests

    func send(
        _ method: HTTPRequest.Method, _ fields: [(String, String)], body: String = "", peer: PeerPresence? = nil
    ) async -> EndpointResponse {
        var head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:8080", path: "/mcp")
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        return await endpoint.respond(
            to: EndpointRequest(head: head, body: Array(body.utf8), remoteAddress: "192.0.2.1", peer: peer))
    }

    func post(
        _ body: String, token: String? = nil, session: String? = nil, _ fields: [(String, String)] = [],
        accept: String = "application/json, text/event-stream", peer: PeerPresence? = nil
    ) async -> EndpointResponse {
        await send(
            .post,
            [("Content-Type", "application/json"), ("Accept", accept)] + common(token, session) + fields, body: body,
            peer: peer)
    }

    func get(
        token: String? = nil, session: String?, after id: String? = nil, accept: String? = "text/event-stream",
        _ fields: [(String, String)] = []
    ) async -> EndpointResponse {
        await send(
            .get,
            (accept.map { [("Accept", $0)] } ?? []) + common(token, session)
                + (id.map { [("Last-Event-ID", $0)] } ?? []) + fields)
    }

    private func common(_ token: String?, _ session: String?) -> [(String, String)] {
        (token.map { [("Authorization", "Bearer \($0)")] } ?? []) + (session.map { [("Mcp-Session-Id", $0)] } ?? [])
    }

    /// Opens a legacy session of a client that can be asked.
    func open(_ version: String = "2025-11-25", token: String? = nil) async throws -> String {
        let response = await post(
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)","#
                + #""capabilities":{"elicitation":{},"sampling":{},"roots":{}},"#
                + #""clientInfo":{"name":"test","version":"1"}}}"#,
            token: token)
        guard let id = response.head.headerFields[.mcpSessionID] else {
            throw Unexpected("initialize: \(response.head.status)")
        }
        return id
    }

    func call(
        _ tool: String, id: String = "1", meta: String = "{}", token: String?, session: String,
        accept: String = "application/json, text/event-stream", peer: PeerPresence? = nil
    ) async -> EndpointResponse {
        await post(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","_meta":\#(meta)}}"#,
            token: token, session: session, accept: accept, peer: peer)
    }

    /// A request of the modern era.
    func modern(
        _ method: String, _ params: String = "", name: String? = nil, id: String = "1", token: String?,
        capabilities: String = "{}", log: Bool = true, accept: String = "application/json, text/event-stream",
        peer: PeerPresence? = nil
    ) async -> EndpointResponse {
        let level = log ? #","io.modelcontextprotocol/logLevel":"info""# : ""
        let meta =
            #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#
            + #""io.modelcontextprotocol/clientCapabilities":\#(capabilities),"progressToken":"p"\#(level)}"#
        let all = params.isEmpty ? meta : params + "," + meta
        return await post(
            #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(all)}}"#, token: token, session: nil,
            [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
                + (name.map { [("Mcp-Name", $0)] } ?? []), accept: accept, peer: peer)
    }

    func modernCall(
        _ tool: String, token: String?, log: Bool = true, peer: PeerPresence? = nil
    ) async -> EndpointResponse {
        await modern("tools/call", #""name":"\#(tool)""#, name: tool, token: token, log: log, peer: peer)
    }
}

extension EndpointResponse {
    var status: Int { head.status.code }

    /// A reader of the answer, which has to be a stream of events.
    func reader() throws -> StreamReader {
        guard case .stream(let stream) = body, head.headerFields[.contentType] == "text/event-stream" else {
            throw Unexpected("no stream: \(status) \(json ?? .null)")
        }
        return StreamReader(stream)
    }

    var json: JSONValue? {
        guard case .bytes(let bytes) = body else { return nil }
        return try? JSONValue(parsing: bytes)
    }

    var text: String? { json?["result"]?["content"]?.array?.first?["text"]?.string }
}

extension JSONValue {
    /// The text of a tool's result.
    var text: String? { self["result"]?["content"]?.array?.first?["text"]?.string }
}
