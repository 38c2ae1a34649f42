import HTTPTypes
import Measuring
import Synchronization
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

/// An endpoint with a key of its own, and the requests that it answers.
struct Site {
    let endpoint: MCPEndpoint
    private let minter: TokenMinter
    private static let resource = "http://127.0.0.1:8080/mcp"
    private static let issuer = "http://127.0.0.1:8080"

    /// - Parameter tools: How many there are; the last is `echo`.
    init(tools: Int = 1, rules: [Rule] = []) throws {
        let clock = SystemClock()
        let key = RingKey.generate(.es256, createdAt: clock.now())
        var ring = KeyRing()
        try ring.add(key)
        try ring.rotate(to: key, overlap: .zero, now: clock.now())
        let issuer = TrustedIssuer(
            name: "own", issuer: Self.issuer, audiences: [Self.resource], keys: .fixed(ring))
        minter = TokenMinter(ring: ring, clock: clock)
        let others = (1..<max(1, tools)).map { Self.tool(named: "tool-\($0)") }
        endpoint = MCPEndpoint(
            configuration: EndpointConfiguration(
                serverInfo: Implementation(name: "growth", version: "1"), resource: Self.resource,
                allowsLoopbackOrigins: true, session: SessionConfiguration(maximum: 20_000), toolsPerPage: 2_000),
            gate: Gate(rules: RuleSet(rules)), verifier: TokenVerifier(issuers: [issuer], clock: clock),
            tools: others + [Self.tool(named: "echo")], clock: clock)
    }

    private static func tool(named name: String) -> ServedTool {
        ServedTool(
            Tool(
                name: name, description: "Returns the text that it is given.",
                inputSchema: [
                    "type": "object", "properties": ["text": ["type": "string"]], "required": ["text"],
                    "additionalProperties": false,
                ]),
            answersAtOnce: true
        ) { arguments, _ in
            ToolResult(content: [.text(arguments["text"]?.string ?? "")])
        }
    }

    func token(subject: String) throws -> String {
        try minter.mint(
            TokenClaims(
                issuer: Self.issuer, audience: [Self.resource], subject: subject, permissions: ["read", "write"],
                timeToLive: .seconds(86_400)))
    }

    func openSession() async throws -> String {
        let body = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"growth","version":"1"}}}
            """
        let response = await endpoint.respond(to: request(body, token: nil, session: nil))
        guard let name = HTTPField.Name("Mcp-Session-Id"), let id = response.head.headerFields[name] else {
            fatalError("no session: \(response)")
        }
        return id
    }

    func call(token: String, session: String) -> EndpointRequest {
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}"#
        return request(body, token: token, session: session)
    }

    func list(token: String, session: String) -> EndpointRequest {
        request(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, token: token, session: session)
    }

    private func request(_ body: String, token: String?, session: String?) -> EndpointRequest {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "127.0.0.1:8080", path: "/mcp")
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.accept] = "application/json, text/event-stream"
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        if let session, let name = HTTPField.Name("Mcp-Session-Id") { head.headerFields[name] = session }
        return EndpointRequest(head: head, body: Array(body.utf8), remoteAddress: "127.0.0.1")
    }

    /// Sends the request once, and gives up where it is not answered as it should be.
    func check(_ request: EndpointRequest) async throws {
        let response = await endpoint.respond(to: request)
        guard response.head.status == .ok, case .bytes(let bytes) = response.body,
            try JSONValue(parsing: bytes)["result"] != nil
        else { fatalError("the request was not served: \(response)") }
    }
}

/// Requests one after the other, from the start again at the end.
final class Turn: Sendable {
    private let requests: [EndpointRequest]
    private let place = Atomic(0)

    init(_ requests: [EndpointRequest]) {
        self.requests = requests
    }

    func next() -> EndpointRequest {
        requests[place.wrappingAdd(1, ordering: .relaxed).oldValue % requests.count]
    }
}
