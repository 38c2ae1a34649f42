public import HTTPTypes
internal import Synchronization
public import VestibuleClient
public import VestibuleProtocol

/// A small MCP server behind a transport, whose answers a test can script, and which remembers what came.
///
/// Unscripted it behaves: opens sessions, wants a known session, wants a token for operations, judges every token by
/// ``judgeTokens(_:)``, lists one tool, and answers every call with its arguments. In the modern era it wants what every
/// request has to say of itself, in its body and in its header fields.
///
/// What the client sends is held against the schemas of MCP (``WireCheck``).
public final class ScriptedServer: HTTPTransport {
    /// Which eras it speaks.
    public enum Era: String, Sendable, Hashable { case legacy, modern, dual }

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
        public var fields: HTTPFields
        /// The body, where it is JSON.
        public var json: JSONValue?

        public var tool: String? { params?["name"]?.string }
    }

    private struct State {
        var received: [Received] = []
        var script: [(method: String, reply: ScriptedReply)] = []
        var judge: @Sendable (String) -> Rejection? = { _ in nil }
        var sessions: Set<ByteKey> = []
        var sessionCount = 0
        var clockOffset: Duration?
        var tools: [JSONValue] = [["name": "echo", "inputSchema": ["type": "object"]]]
        var newestID: [String: RequestID] = [:]
        /// Opened by the client's answers to the server's questions, by their ids.
        var answers: [RequestID: Latch] = [:]
    }

    private let clock: any WallClock
    private let state = Mutex(State())
    private let number = WireCheck.newServer()

    private let era: Era

    public init(clock: any WallClock = SystemClock(), era: Era = .legacy) {
        self.clock = clock
        self.era = era
    }

    /// The tools that are listed from now on, as the list shows them.
    public func list(_ tools: [JSONValue]) {
        state.withLock { $0.tools = tools }
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
        let exchange = WireCheck.request(
            request.body, session: received.sessionID, version: received.protocolVersion,
            judgesClient: request.isMessage, of: number)
        let reply = state.withLock { state -> ScriptedReply in
            state.received.append(received)
            if let id = received.id, !received.method.isEmpty { state.newestID[received.method] = id }
            if let id = received.id, received.method.isEmpty { Self.latch(id, &state).open() }
            let method = received.method.isEmpty ? received.httpMethod : received.method
            guard let index = state.script.firstIndex(where: { $0.method == method }) else { return .usual }
            return state.script.remove(at: index).reply
        }
        try await reply.latch?.wait()
        if case .usual = reply.content { return render(usual(received), to: received, exchange) }
        if case .failure(let error) = reply.content { throw error }
        return render(reply, to: received, exchange)
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
            accept: request.fields[.accept], fields: request.fields, json: json)
    }

    private static func latch(_ id: RequestID, _ state: inout State) -> Latch {
        if let latch = state.answers[id] { return latch }
        let latch = Latch()
        state.answers[id] = latch
        return latch
    }

    private func usual(_ received: Received) -> ScriptedReply {
        state.withLock { state in
            if let token = received.token, let rejection = state.judge(token) {
                return .refusal(rejection.reason, rejection.detail)
            }
            if isModern(received) { return Self.answerModern(received, tools: state.tools) }
            if received.method == "initialize" { return Self.open(&state, received) }
            if let id = received.sessionID, !state.sessions.contains(ByteKey(id)) {
                return .refusal(.sessionUnknown, "this session is not known here")
            }
            if received.httpMethod == "DELETE" {
                received.sessionID.map { _ = state.sessions.remove(ByteKey($0)) }
                return .raw(status: 204)
            }
            return Self.answer(received, tools: state.tools)
        }
    }

    private func isModern(_ received: Received) -> Bool {
        switch era {
        case .legacy: false
        case .modern: true
        case .dual: received.params?["_meta"]?[MetaKey.protocolVersion] != nil
        }
    }

    private static func answerModern(_ received: Received, tools: [JSONValue]) -> ScriptedReply {
        guard received.httpMethod == "POST" else { return .raw(status: 405) }
        guard received.id != nil else { return .raw(status: 202) }
        let meta = received.params?["_meta"]
        guard let version = meta?[MetaKey.protocolVersion]?.string, meta?[MetaKey.clientCapabilities]?.object != nil
        else { return .error(RPCError(.invalidParams, "_meta is incomplete")).with(status: 400) }
        func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { received.fields[$0] } }
        let named =
            ["tools/call", "prompts/get"].contains(received.method)
            ? received.params?["name"]?.string
            : received.method == "resources/read" ? received.params?["uri"]?.string : nil
        guard field(MCPHeader.protocolVersion) == version, field(MCPHeader.method) == received.method,
            field(MCPHeader.name).flatMap(HeaderText.decode) == named
        else { return .error(RPCError(.headerMismatch, "header fields and body differ")).with(status: 400) }
        var result: JSONObject
        switch received.method {
        case "initialize", "ping":
            return .error(RPCError(.methodNotFound, "no such method")).with(status: 404)
        case "server/discover":
            result = [
                "supportedVersions": ["2026-07-28"], "capabilities": ["tools": [:]],
                "_meta": [MetaKey.serverInfo: ["name": "scripted", "version": "1"]],
            ]
        default:
            let reply = answer(received, tools: tools)
            guard case .result(let json) = reply.content, let object = json.object else {
                guard case .error = reply.content else { return reply }
                return reply.with(status: 404)
            }
            result = object
        }
        result["resultType"] = "complete"
        if received.method == "server/discover" || received.method.hasSuffix("/list") {
            result["ttlMs"] = 0
            result["cacheScope"] = "private"
        }
        return .result(.object(result))
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

    private static func answer(_ received: Received, tools: [JSONValue]) -> ScriptedReply {
        switch received.method {
        case "ping": .result([:])
        case "tools/list":
            .result(["tools": .array(tools)])
        case "tools/call" where received.token == nil:
            .refusal(.tokenMissing, "tools/call of \(received.tool ?? "") needs an access token; none was sent")
        case "tools/call":
            .result([
                "content": [["type": "text", "text": "done"]],
                "structuredContent": received.params?["arguments"] ?? [:], "isError": false,
            ])
        case "": .raw(status: 202)
        case "resources/read":
            .result(["contents": [["uri": received.params?["uri"] ?? "", "text": "text"]]])
        case "prompts/get":
            .result(["messages": [["role": "user", "content": ["type": "text", "text": "text"]]]])
        default: received.id == nil ? .raw(status: 202) : .error(RPCError(.methodNotFound, "no such method"))
        }
    }

    private func render(
        _ reply: ScriptedReply, to received: Received, _ exchange: WireExchange
    ) -> TransportResponse {
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
        case .stream(let events, let error):
            fields[.contentType] = "text/event-stream"
            return TransportResponse(
                status: reply.status, fields: fields, body: stream(events, then: error, answering: received, exchange))
        case .raw(let bytes): body = bytes
        case .usual, .failure: break
        }
        if fields[.contentType] == nil, !body.isEmpty { fields[.contentType] = "application/json" }
        // What a test has the server say is the test's own; the client's answers to it are judged.
        exchange.note(body, contentType: fields[.contentType], session: fields.first(MCPHeader.sessionID))
        return TransportResponse(status: reply.status, fields: fields, bytes: body)
    }

    /// The events as they come, one piece each.
    private func stream(
        _ events: [ScriptedReply.Event], then error: TransportError?, answering received: Received,
        _ exchange: WireExchange
    ) -> TransportBody {
        let next = Mutex(0)
        let newest = Mutex<RequestID?>(nil)
        let pieces = AsyncThrowingStream<[UInt8], any Error> { [self] in
            let index = next.withLock { index in
                defer { index += 1 }
                return index
            }
            guard index < events.count else {
                if let error, index == events.count { throw error }
                return nil
            }
            let event = events[index]
            if event.afterAnswer, let question = newest.withLock({ $0 }) {
                try await state.withLock { Self.latch(question, &$0) }.wait()
            }
            var data: [UInt8] = []
            switch event.content {
            case .nothing: break
            case .message(var json):
                if let id = json["id"].flatMap(RequestID.init), json["method"] != nil { newest.withLock { $0 = id } }
                if var object = json.object {
                    object["jsonrpc"] = "2.0"
                    json = .object(object)
                }
                data = json.serialized
            case .result(let result, let method):
                let method = method ?? (received.method.isEmpty ? "tools/call" : received.method)
                let id = state.withLock { $0.newestID[method] } ?? .integer(0)
                data = RPCMessage.result(id: id, result).json.serialized
            }
            return ServerSentEvent.frame(data: data, id: event.id, retry: event.retry)
        }
        return TransportBody(pulling: pieces) { piece in
            exchange.note(piece, contentType: "text/event-stream", session: nil)
            return piece
        }
    }
}
