import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// What the client answers when the server asks.
@Suite("Handlers")
struct HandlerTests {
    private struct Trouble: Error {}

    private static let question: JSONValue = [
        "mode": "form", "message": "Who?",
        "requestedSchema": [
            "type": "object",
            "properties": [
                "name": ["type": "string", "default": "Ada", "minLength": 2],
                "age": ["type": "integer", "default": 36],
                "score": ["type": "number", "default": 9],
                "color": ["type": "string", "enum": ["red", "blue"], "default": "blue"],
                "agrees": ["type": "boolean", "default": true], "free": ["type": "string"],
            ],
        ],
    ]

    /// The client's answer to one question in a session.
    private func answer(
        to method: String, _ params: JSONValue?, _ handlers: MCPClientHandlers
    ) async throws -> JSONValue {
        let clock = FakeClock()
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(handlers: handlers), clock: clock)
        var message: JSONObject = ["id": "q", "method": .string(method)]
        message["params"] = params
        bench.server.script(
            .stream(
                .init(.message(.object(message))),
                .init(.result(ToolResult(content: []).json), afterAnswer: true)), for: "tools/call")
        _ = try await bench.client.callTool("echo")
        let answer = try #require(bench.server.received.last { $0.method.isEmpty && $0.httpMethod == "POST" }?.json)
        #expect(answer["id"] == "q")
        return answer
    }

    // requirement: C-19, E-50, E-51
    @Test("an accepted form is completed by the schema's defaults, of every kind, and what the person said wins")
    func defaults() async throws {
        let handlers = MCPClientHandlers(elicitForm: { message, schema in
            #expect(message == "Who?")
            #expect(schema.properties.count == 6)
            return .accept(["age": 40])
        })
        let answer = try await answer(to: "elicitation/create", Self.question, handlers)
        #expect(
            answer["result"] == [
                "action": "accept",
                "content": ["age": 40, "name": "Ada", "score": 9, "color": "blue", "agrees": true],
            ])
    }

    // requirement: E-42, E-51
    @Test(
        "an accepted form that is not as the schema says is not sent; the server learns that something went wrong here",
        arguments: [["name": "A"], ["color": "green"], ["age": "old"], ["agrees": 1]] as [JSONObject])
    func invalid(content: JSONObject) async throws {
        let handlers = MCPClientHandlers(elicitForm: { _, _ in .accept(content) })
        let answer = try await answer(to: "elicitation/create", Self.question, handlers)
        #expect(answer["error"]?["code"] == -32603)
        #expect(answer["result"] == nil)
    }

    @Test("what is declined or cancelled carries no content", arguments: [ElicitationResult.decline, .cancel])
    func declined(result: ElicitationResult) async throws {
        let handlers = MCPClientHandlers(elicitForm: { _, _ in ElicitationResult(result.action, content: ["age": 1]) })
        let answer = try await answer(to: "elicitation/create", Self.question, handlers)
        #expect(answer["result"] == ["action": .string(result.action.rawValue)])
    }

    // requirement: E-54
    @Test("a URL is shown to the handler whole, and nothing but the person's word goes back")
    func url() async throws {
        let shown = Mutex("")
        let handlers = MCPClientHandlers(elicitURL: { _, url in
            shown.withLock { $0 = url }
            return .accept(["secret": "s"])
        })
        let url = "https://pay.test/confirm?id=1"
        let answer = try await answer(
            to: "elicitation/create",
            ["mode": "url", "message": "Go", "url": .string(url), "elicitationId": "e"], handlers)
        #expect(shown.withLock { $0 } == url)
        #expect(answer["result"] == ["action": "accept"])
    }

    // requirement: E-58
    @Test("roots are file: URIs, or there is no answer")
    func roots() async throws {
        let good = try await answer(
            to: "roots/list", nil, MCPClientHandlers(roots: { [Root(uri: "file:///a", name: "a")] }))
        #expect(good["result"] == ["roots": [["uri": "file:///a", "name": "a"]]])
        let bad = try await answer(to: "roots/list", nil, MCPClientHandlers(roots: { [Root(uri: "https://a")] }))
        #expect(bad["error"]?["code"] == -32603)
    }

    // requirement: E-50, E-57
    @Test("a model answers; with tools only where that was declared")
    func sampling() async throws {
        var handlers = MCPClientHandlers(sample: { params in
            CreateMessageResult([.text("\(params.maxTokens)")], model: "m")
        })
        let plain: JSONValue = [
            "messages": [["role": "user", "content": ["type": "text", "text": "hi"]]], "maxTokens": 7,
        ]
        let good = try await answer(to: "sampling/createMessage", plain, handlers)
        #expect(good["result"]?["content"]?["text"] == "7")
        var object = try #require(plain.object)
        object["tools"] = [["name": "t", "inputSchema": ["type": "object"]]]
        let refused = try await answer(to: "sampling/createMessage", .object(object), handlers)
        #expect(refused["error"]?["code"] == -32602)
        handlers.samplesWithTools = true
        #expect(try await answer(to: "sampling/createMessage", .object(object), handlers)["result"] != nil)
    }

    // requirement: G-05
    @Test(
        "a handler that fails is an internal error that tells the server nothing of ours, unless it says what to tell")
    func failing() async throws {
        let silent = try await answer(to: "roots/list", nil, MCPClientHandlers(roots: { throw Trouble() }))
        #expect(silent["error"] == ["code": -32603, "message": "the client could not answer roots/list"])
        let outspoken = try await answer(
            to: "roots/list", nil, MCPClientHandlers(roots: { throw RPCError(-1, "the person said no") }))
        #expect(outspoken["error"] == ["code": -1, "message": "the person said no"])
        let malformed = try await answer(
            to: "elicitation/create", ["message": 1], MCPClientHandlers(elicitForm: { _, _ in .cancel }))
        #expect(malformed["error"]?["code"] == -32602)
    }

    @Test("while a person thinks, the call's time does not run out; in all it does")
    func patience() async throws {
        let clock = FakeClock()
        let door = Latch()
        let handlers = MCPClientHandlers(elicitForm: { _, _ in
            try await door.wait()
            return .decline
        })
        let bench = Bench(
            ScriptedTokenSource(clock.token(lifetime: .seconds(3000))),
            configuration: MCPClientConfiguration(handlers: handlers), clock: clock)
        try await bench.client.connect()
        bench.server.script(
            .stream(
                .init(.message(["id": 1, "method": "elicitation/create", "params": Self.question])),
                .init(.result(ToolResult(content: []).json), afterAnswer: true)), for: "tools/call")
        let call = Task { try await bench.client.callTool("echo") }
        await door.untilWaiting()
        for _ in 0..<3 {
            await clock.untilSomebodySleeps(for: .seconds(60))
            clock.advance(by: .seconds(60))
        }
        door.open()
        _ = try await call.value
    }

    // requirement: D-05
    @Test("a question that the server withdraws is dropped, and not answered")
    func withdrawn() async throws {
        let clock = FakeClock()
        let never = Latch()
        let handlers = MCPClientHandlers(elicitForm: { _, _ in
            try await never.wait()
            return .decline
        })
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(handlers: handlers), clock: clock)
        bench.server.script(
            .stream(
                .init(.message(["id": 1, "method": "elicitation/create", "params": Self.question])),
                .init(.message(["id": 2, "method": "ping"])),
                .init(
                    .message(["method": "notifications/cancelled", "params": ["requestId": 1]]), afterAnswer: true),
                .init(.message(["id": 3, "method": "ping"])),
                .init(.result(ToolResult(content: []).json), afterAnswer: true)), for: "tools/call")
        _ = try await bench.client.callTool("echo")
        let answered = bench.server.received.filter { $0.method.isEmpty && $0.httpMethod == "POST" }
        #expect(answered.map(\.id) == [.integer(2), .integer(3)])
    }

    // requirement: D-56, D-57
    @Test("the rounds of one call leave nothing behind in the next")
    func isolation() async throws {
        let server = ScriptedServer(era: .modern)
        server.judgeTokens { _ in nil }
        let clock = FakeClock()
        let client = MCPClient(
            url: Bench.url, token: ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(
                handlers: MCPClientHandlers(elicitForm: { _, _ in .accept() }), era: .modern),
            transport: server, clock: clock)
        let state = "{\"nonce\": \"\\u00e9\"}  "
        server.script(
            .result([
                "resultType": "input_required", "requestState": .string(state),
                "inputRequests": ["who": ["method": "elicitation/create", "params": Self.question]],
            ]),
            .result(["resultType": "input_required", "requestState": "second"]), for: "tools/call")
        _ = try await client.callTool("echo", arguments: ["a": 1])
        _ = try await client.callTool("echo")
        let calls = server.received.filter { $0.method == "tools/call" }
        #expect(calls.count == 4)
        #expect(calls[1].params?["requestState"] == .string(state), "byte for byte")
        #expect(calls[1].params?["inputResponses"]?["who"]?["action"] == "accept")
        #expect(calls[1].params?["arguments"] == ["a": 1])
        #expect(calls[2].params?["requestState"] == "second")
        #expect(calls[2].params?["inputResponses"] == nil)
        #expect(calls[3].params?["requestState"] == nil)
        #expect(Set(calls.map(\.id)).count == 4)
    }

    @Test("a handler that fails in a round ends the call, and says so")
    func failingRound() async throws {
        let clock = FakeClock()
        let server = ScriptedServer(clock: clock, era: .modern)
        let client = MCPClient(
            url: Bench.url, token: ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(
                handlers: MCPClientHandlers(roots: { throw Trouble() }), era: .modern),
            transport: server, clock: clock)
        server.script(
            .result(["resultType": "input_required", "inputRequests": ["r": ["method": "roots/list"]]]),
            for: "tools/call")
        let error = try await failure { try await client.callTool("echo") }
        #expect(error.code == .handler)
        #expect(server.received.count == 1)
    }
}
