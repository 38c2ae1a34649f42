import HTTPTypes
import Synchronization
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

/// An endpoint with everything around it that a test turns: clock, keys, records.
struct Entrance: Sendable {
    let clock: FakeClock
    let ring: KeyRing
    let endpoint: MCPEndpoint
    let records = Records()

    static let origin = "http://127.0.0.1:8080"
    static let resource = origin + "/mcp"

    init(
        policy: AccessPolicy = AccessPolicy(), rules: [Rule] = [], tools: [ServedTool] = Entrance.tools,
        maximumTokenAge: Duration? = nil, server: MCPServer? = nil,
        clock: FakeClock = FakeClock(NumericDate(1_800_000_000)),
        configure: (inout EndpointConfiguration) -> Void = { _ in }
    ) throws {
        let key = RingKey.generate(.hs256, kid: "k1", createdAt: clock.now())
        var ring = KeyRing()
        try ring.rotate(to: key, overlap: .zero, now: clock.now())
        var configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "entrance", version: "1"), resource: Self.resource,
            allowedOrigins: ["https://app.example.com"], authorizationServers: [Self.origin],
            scopesSupported: ["mcp"])
        configure(&configuration)
        let issuer = TrustedIssuer(
            name: "own", issuer: Self.origin, audiences: [Self.resource], keys: .fixed(ring),
            maximumTokenAge: maximumTokenAge)
        self.clock = clock
        self.ring = ring
        let (gate, verifier) = (
            Gate(policy: policy, rules: RuleSet(rules)), TokenVerifier(issuers: [issuer], clock: clock)
        )
        let observer: @Sendable (RequestRecord) -> Void = { [records] in records.add($0) }
        self.endpoint =
            if let server {
                MCPEndpoint(
                    configuration: configuration, gate: gate, verifier: verifier, server: server, clock: clock,
                    observer: observer)
            } else {
                MCPEndpoint(
                    configuration: configuration, gate: gate, verifier: verifier, tools: tools, clock: clock,
                    observer: observer)
            }
    }

    /// `echo` answers with its arguments; `open` is the one that tests make public.
    static let tools: [ServedTool] = ["echo", "open", "other"]
        .map { name in
            ServedTool(
                Tool(
                    name: name,
                    inputSchema: [
                        "type": "object",
                        "properties": ["text": ["type": "string"], "count": ["type": "integer", "minimum": 1]],
                    ])
            ) { arguments, context in
                ToolResult(structured: [
                    "tool": .string(name), "arguments": .object(arguments),
                    "subject": context.principal.map { .string($0.subject) } ?? .null,
                ])
            }
        }

    func token(
        _ subject: String = "ada", ttl: Duration = .seconds(300), scope: [String] = [], permissions: [String] = []
    ) throws -> String {
        try TokenMinter(ring: ring, clock: clock)
            .mint(
                TokenClaims(
                    issuer: Self.origin, audience: [Self.resource], subject: subject, scope: scope,
                    permissions: permissions, timeToLive: ttl))
    }
}

/// What the observer was told.
final class Records: Sendable {
    private let all = Mutex<[RequestRecord]>([])

    func add(_ record: RequestRecord) { all.withLock { $0.append(record) } }
    var list: [RequestRecord] { all.withLock { $0 } }
    var last: RequestRecord? { list.last }
}

/// An answer, read.
struct Reply: Sendable {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    var json: JSONValue? { try? JSONValue(parsing: body) }
    var result: JSONValue? { json?["result"] }
    var error: JSONValue? { json?["error"] }
    /// The reason of a refusal, wherever it was delivered.
    var reason: String? {
        error?["data"]?["reason"]?.string ?? result?["structuredContent"]?["reason"]?.string
    }
    var challenge: String? { fields[.wwwAuthenticate] }

    subscript(name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
}

extension Entrance {
    func send(
        _ method: HTTPRequest.Method = .post, _ path: String = "/mcp", body: String = "",
        headers: [(String, String)] = [], host: String? = "127.0.0.1:8080", address: String? = "192.0.2.1"
    ) async -> Reply {
        var head = HTTPRequest(method: method, scheme: "http", authority: host, path: path)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        let exchange = WireCheck.request(
            Array(body.utf8), session: head.headerFields.first(.mcpSessionID),
            version: head.headerFields[.mcpProtocolVersion])
        let response = await endpoint.respond(
            to: EndpointRequest(head: head, body: Array(body.utf8), remoteAddress: address))
        let bytes: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        exchange.answer(
            bytes, contentType: response.head.headerFields[.contentType],
            session: response.head.headerFields.first(.mcpSessionID))
        return Reply(status: response.head.status.code, fields: response.head.headerFields, body: bytes)
    }

    /// A message as a well-behaved client sends it.
    func post(
        _ body: String, token: String? = nil, session: String? = nil, headers: [(String, String)] = [],
        address: String? = "192.0.2.1"
    ) async -> Reply {
        var fields = [
            ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
        ]
        if let token { fields.append(("Authorization", "Bearer \(token)")) }
        if let session { fields.append(("Mcp-Session-Id", session)) }
        return await send(body: body, headers: fields + headers, address: address)
    }

    func call(
        _ tool: String, _ arguments: String = "{}", token: String? = nil, session: String?,
        headers: [(String, String)] = []
    ) async -> Reply {
        await post(
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#,
            token: token, session: session, headers: headers)
    }

    /// Opens a session.
    func open(token: String? = nil, client: String = "test", version: String = "2025-11-25") async throws -> String {
        let reply = await post(Self.initialize(version: version, client: client), token: token)
        guard let id = reply["Mcp-Session-Id"] else {
            throw Unexpected("initialize: \(reply.status) \(reply.json ?? .null)")
        }
        return id
    }

    static func initialize(version: String = "2025-11-25", client: String = "test") -> String {
        #"{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"\#(version)","#
            + #""capabilities":{},"clientInfo":{"name":"\#(client)","version":"1"}}}"#
    }

    /// A request of the modern era as a well-behaved client sends it, headers and all.
    ///
    /// - Parameter params: the members of `params` besides `_meta`, as JSON without braces.
    func modern(
        _ method: String, _ params: String = "", meta: String = "", capabilities: String = "{}", token: String? = nil,
        without omitted: Set<String> = [], headers: [(String, String)] = []
    ) async -> Reply {
        let more = (params.isEmpty ? "" : ",\(params)", meta.isEmpty ? "" : ",\(meta)")
        let body =
            #"{"jsonrpc":"2.0","id":"m","method":"\#(method)","params":{"_meta":{"#
            + #""io.modelcontextprotocol/protocolVersion":"2026-07-28","#
            + #""io.modelcontextprotocol/clientCapabilities":\#(capabilities)\#(more.1)}\#(more.0)}}"#
        let object = try? JSONValue(parsing: "{\(params)}")
        var fields = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
        if let name = (method == "resources/read" ? object?["uri"] : object?["name"])?.string {
            fields.append(("Mcp-Name", HeaderText.encode(name)))
        }
        fields.removeAll { omitted.contains($0.0) }
        return await post(body, token: token, headers: fields + headers)
    }

    static let list = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
    static let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
