internal import HTTPTypes
internal import Synchronization
public import VestibuleClient
public import VestibuleProtocol

/// A small MCP server behind a transport, whose answers a test can script, and which remembers what came.
///
/// Unscripted it behaves: opens sessions, wants a known session, wants a token for operations, judges every token by
/// ``judgeTokens(_:)``, lists one tool, and answers every call with its arguments.
public final class ScriptedServer: HTTPTransport {
    /// One request as it came.
    public struct Received: Sendable {
        public var httpMethod: String
        /// The JSON-RPC method; empty where there is none.
        public var method: String
        public var id: RequestID?
        public var params: JSONValue?
        /// The bearer token; `nil` where none came.
        public var token: String?
        public var sessionID: String?
        public var protocolVersion: String?
        public var accept: String?

        public var tool: String? { params?["name"]?.string }
    }

    private struct State {
        var received: [Received] = []
        var script: [(method: String, reply: ScriptedReply)] = []
        var judge: @Sendable (String) -> Rejection? = { _ in nil }
        var sessions: Set<ByteKey> = []
        var sessionCount = 0
        var clockOffset: Duration?
    }

    private let clock: any WallClock
    private let state = Mutex(State())

    public init(clock: any WallClock = SystemClock()) {
        self.clock = clock
    }

    /// Answers the next request of that method (or HTTP method, for those without) in this way. Replies of one method
    /// are used in the order in which they were scripted, each once.
    public func script(_ replies: ScriptedReply..., for method: String) {
        state.withLock { state in
            for reply in replies { state.script.append((method, reply)) }
        }
    }

    /// How tokens are judged from now on: `nil` accepts.
    public func judgeTokens(_ judge: @escaping @Sendable (String) -> Rejection?) {
        state.withLock { $0.judge = judge }
    }

    /// Sends a `Date` header from now on, ahead of the clock by this much.
    public func tellTime(offset: Duration) {
        state.withLock { $0.clockOffset = offset }
    }

    /// Forgets every session, as a restart would.
    public func dropSessions() {
        state.withLock { $0.sessions = [] }
    }

    /// What came until now.
    public var received: [Received] { state.withLock { $0.received } }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        let received = Self.read(request)
        let reply = state.withLock { state -> ScriptedReply in
            state.received.append(received)
            let method = received.method.isEmpty ? received.httpMethod : received.method
            guard let index = state.script.firstIndex(where: { $0.method == method }) else { return .usual }
            return state.script.remove(at: index).reply
        }
        try await reply.latch?.wait()
        if case .usual = reply.content { return render(usual(received), to: received) }
        if case .failure(let error) = reply.content { throw error }
        return render(reply, to: received)
    }

    private static func read(_ request: TransportRequest) -> Received {
        let json = try? JSONParser().parse(request.body)
        let authorization = request.fields[.authorization]
        return Received(
            httpMethod: request.method.rawValue, method: json?["method"]?.string ?? "",
            id: json?["id"].flatMap(RequestID.init), params: json?["params"],
            token: authorization.map { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : $0 },
            sessionID: HTTPField.Name(MCPHeader.sessionID).flatMap { request.fields[$0] },
            protocolVersion: HTTPField.Name(MCPHeader.protocolVersion).flatMap { request.fields[$0] },
            accept: request.fields[.accept])
    }

    private func usual(_ received: Received) -> ScriptedReply {
        state.withLock { state in
            if let token = received.token, let rejection = state.judge(token) {
                return .refusal(rejection.reason, rejection.detail)
            }
            if received.method == "initialize" { return Self.open(&state, received) }
            if let id = received.sessionID, !state.sessions.contains(ByteKey(id)) {
                return .refusal(.sessionUnknown, "this session is not known here")
            }
            if received.httpMethod == "DELETE" {
                received.sessionID.map { _ = state.sessions.remove(ByteKey($0)) }
                return .raw(status: 204)
            }
            return Self.answer(received)
        }
    }

    private static func open(_ state: inout State, _ received: Received) -> ScriptedReply {
        state.sessionCount += 1
        let id = "session-\(state.sessionCount)"
        state.sessions.insert(ByteKey(id))
        let reply = ScriptedReply.result([
            "protocolVersion": received.params?["protocolVersion"] ?? "2025-11-25",
            "capabilities": ["tools": [:]], "serverInfo": ["name": "scripted", "version": "1"],
        ])
        guard let name = HTTPField.Name(MCPHeader.sessionID) else { return reply }
        return reply.with(name, id)
    }

    private static func answer(_ received: Received) -> ScriptedReply {
        switch received.method {
        case "ping": .result([:])
        case "tools/list":
            .result(["tools": [["name": "echo", "inputSchema": ["type": "object"]]]])
        case "tools/call" where received.token == nil:
            .refusal(.tokenMissing, "tools/call of \(received.tool ?? "") needs an access token; none was sent")
        case "tools/call":
            .result([
                "content": [["type": "text", "text": "done"]],
                "structuredContent": received.params?["arguments"] ?? [:], "isError": false,
            ])
        case "": .raw(status: 202)
        default: received.id == nil ? .raw(status: 202) : .error(RPCError(.methodNotFound, "no such method"))
        }
    }

    private func render(_ reply: ScriptedReply, to received: Received) -> TransportResponse {
        var fields = reply.fields
        if let offset = state.withLock({ $0.clockOffset }), fields[.date] == nil {
            fields[.date] = HTTPDate.format(clock.now() + offset)
        }
        let id = received.id ?? .integer(0)
        var body: [UInt8] = []
        switch reply.content {
        case .result(let result): body = RPCMessage.result(id: id, result).json.serialized
        case .error(let error): body = RPCMessage.error(id: id, error).json.serialized
        case .refusal(let rejection, let challenge):
            fields[.wwwAuthenticate] = challenge?.headerValue
            let error = RPCError(
                RPCError.Code(rawValue: reply.status), rejection.detail, data: .object(rejection.data()))
            body = RPCMessage.error(id: received.id, error).json.serialized
        case .events(let messages, let answer):
            fields[.contentType] = "text/event-stream"
            let all = messages + (answer.map { [RPCMessage.result(id: id, $0).json] } ?? [])
            body = Array(all.map { "data: \($0)\n\n" }.joined().utf8)
        case .raw(let bytes): body = bytes
        case .usual, .failure: break
        }
        if fields[.contentType] == nil, !body.isEmpty { fields[.contentType] = "application/json" }
        return TransportResponse(status: reply.status, fields: fields, bytes: body)
    }
}
