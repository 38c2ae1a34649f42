import HTTPTypes
import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@Suite("MCP client")
struct MCPClientTests {
    /// requirement, C-01, C-02, C-10, C-11
    @Test("the handshake carries no token, every operation does, and headers are what the server negotiated")
    func handshakeWithoutToken() async throws {
        let clock = FakeClock()
        let token = clock.token()
        let bench = Bench(ScriptedTokenSource(token), clock: clock)
        let server = try await bench.client.connect()
        #expect(server.serverInfo.name == "scripted")
        let result = try await bench.client.callTool("echo", arguments: ["a": 1])
        #expect(result.structuredContent == ["a": 1])
        #expect(result.isError == false)
        _ = try await bench.client.listTools()
        try await bench.client.ping()
        await bench.client.close()
        #expect(
            bench.methods == [
                "initialize", "notifications/initialized", "tools/call", "tools/list", "ping", "DELETE",
            ])
        #expect(bench.server.received.map(\.token) == [nil, nil, token, token, nil, token])
        #expect(bench.server.received[0].sessionID == nil)
        #expect(bench.server.received[0].protocolVersion == nil)
        for received in bench.server.received.dropFirst() {
            #expect(received.sessionID == "session-1")
            #expect(received.protocolVersion == "2025-11-25")
        }
        #expect(bench.server.received.allSatisfy { $0.accept == "application/json, text/event-stream" })
    }

    // requirement: A-40
    @Test("a call opens the session by itself, once for a hundred callers")
    func lazySession() async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(clock.token())
        let bench = Bench(source, clock: clock)
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { _ = try await bench.client.callTool("echo") } }
            try await group.waitForAll()
        }
        #expect(bench.methods.filter { $0 == "initialize" }.count == 1)
        #expect(bench.calls().count == 100)
        #expect(source.requests.count == 1)
    }

    /// requirement: C-03, F-66, H-02
    @Test("with `handshakeToken: sent` the handshake carries a fresh token")
    func handshakeTokenSent() async throws {
        let clock = FakeClock()
        let token = clock.token()
        let bench = Bench(
            ScriptedTokenSource(token), configuration: MCPClientConfiguration(handshakeToken: .sent), clock: clock)
        try await bench.client.connect()
        #expect(bench.server.received.map(\.token) == [token, token])
    }

    /// requirement: F-40, H-05, H-07
    @Test("a server that challenges the handshake gets a fresh token at once, and with every later handshake message")
    func challengedHandshake() async throws {
        let clock = FakeClock()
        let token = clock.token()
        let bench = Bench(ScriptedTokenSource(token), clock: clock)
        bench.server.script(.refusal(.tokenMissing), for: "initialize")
        try await bench.client.connect()
        #expect(bench.methods == ["initialize", "initialize", "notifications/initialized"])
        #expect(bench.server.received.map(\.token) == [nil, token, token])
        #expect(bench.client.recentRequests.map(\.occasion) == [.first, .challenged, .first])
    }

    @Test("an anonymous client that is challenged says that it has no token source")
    func anonymousChallenged() async throws {
        let bench = Bench()
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .unauthorized)
        #expect(error.reason == .tokenMissing)
        #expect(error.remedy == .signIn)
        #expect(error.message.contains("no token source"))
    }

    /// requirement: F-40, H-07
    @Test("a token that is refused is replaced once, and the call succeeds")
    func refusedThenRefreshed() async throws {
        let clock = FakeClock()
        let (old, new) = (clock.token("old"), clock.token("new"))
        let source = ScriptedTokenSource(old, new)
        let bench = Bench(source, clock: clock)
        bench.server.judgeTokens { keyID(of: $0) == "old" ? Rejection(.keyRetired, "retired at 14:02") : nil }
        _ = try await bench.client.callTool("echo")
        #expect(bench.calls().map(\.token) == [old, new])
        guard case .refusal(let rejection) = source.requests.last?.occasion else {
            Issue.record("the source was not told why")
            return
        }
        #expect(rejection == Rejection(.keyRetired, "retired at 14:02"))
        #expect(bench.client.recentRequests.suffix(2).map(\.reason) == [.keyRetired, nil])
        #expect(bench.client.recentRequests.suffix(2).map(\.occasion) == [.first, .refreshed])
    }

    @Test(
        "the second 401 ends in an error with the server's reason",
        arguments: [Reason.keyRetired, .tokenExpired, .signatureInvalid, .audienceMismatch])
    func secondRefusal(reason: Reason) async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(clock.token("a"), clock.token("b"), clock.token("c"))
        let bench = Bench(source, clock: clock)
        bench.server.judgeTokens { _ in Rejection(reason, "never") }
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .unauthorized)
        #expect(error.reason == reason)
        // Where no refresh can help, none is tried.
        #expect(bench.calls().count == (reason.remedy == .refresh ? 2 : 1))
    }

    @Test("a key of which two tokens were refused is given up: the third is not even sent")
    func sameRefusedKey() async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(clock.token("old"), clock.token("old"), clock.token("old"))
        let bench = Bench(source, clock: clock)
        bench.server.judgeTokens { _ in Rejection(.keyRetired, "retired at 14:02") }
        for sent in [2, 2] {
            let error = try await failure { try await bench.client.callTool("echo") }
            #expect(error.reason == .keyRetired)
            #expect(error.message.contains("retired at 14:02"))
            #expect(bench.calls().count == sent)
        }
        #expect(source.requests.count == 3)
    }

    /// requirement: F-27, F-40
    @Test("a server that is not ours: a bare 401 with a token means refresh, and so does invalid_token")
    func foreignChallenges() async throws {
        for challenge in [nil, "Bearer error=\"invalid_token\""] {
            let clock = FakeClock()
            let bench = Bench(ScriptedTokenSource(clock.token("a"), clock.token("b")), clock: clock)
            var reply = ScriptedReply.raw(status: 401)
            if let challenge { reply = reply.with(.wwwAuthenticate, challenge) }
            bench.server.script(reply, for: "tools/call")
            _ = try await bench.client.callTool("echo")
            #expect(bench.calls().compactMap { keyID(of: $0.token) } == ["a", "b"])
        }
    }

    /// requirement: C-12
    @Test("a lost session is opened again, and the call replayed once")
    func lostSession() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        bench.server.dropSessions()
        _ = try await bench.client.callTool("echo")
        #expect(
            bench.methods == [
                "initialize", "notifications/initialized", "tools/call", "initialize", "notifications/initialized",
                "tools/call",
            ])
        #expect(bench.server.received.last?.sessionID == "session-2")
        #expect(bench.client.recentRequests.last?.occasion == .newSession)
    }

    @Test("a hundred callers who lose the session open one new one")
    func lostSessionOfMany() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        bench.server.dropSessions()
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { _ = try await bench.client.callTool("echo") } }
            try await group.waitForAll()
        }
        #expect(bench.methods.filter { $0 == "initialize" }.count == 2)
    }

    @Test("a session that is lost twice is an error")
    func lostTwice() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(.refusal(.sessionUnknown), .refusal(.sessionUnknown), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .sessionLost)
        #expect(error.reason == .sessionUnknown)
        #expect(bench.calls().count == 2)
    }

    @Test("a 404 without a session is a wrong URL, not a lost session")
    func wrongURL() async throws {
        let bench = Bench()
        bench.server.script(.raw(status: 404, contentType: "text/html", body: Array("<html>".utf8)), for: "initialize")
        let error = try await failure { try await bench.client.connect() }
        #expect(error.code == .protocolViolation)
        #expect(error.status == 404)
        #expect(error.reason == nil && error.remedy == nil)
        #expect(error.message.contains("no MCP server is at that path: check the URL"))
    }

    /// requirement: F-65
    @Test("a scope that is missing is asked for once, and kept")
    func stepUp() async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(
            canWidenScope: true, deliveries: [{ _ in IssuedToken(clock.token()) }])
        let bench = Bench(source, clock: clock)
        bench.server.script(.refusal(.scopeInsufficient, scope: ["files:write"]), for: "tools/call")
        _ = try await bench.client.callTool("echo")
        #expect(source.requests.map(\.scope) == [[], ["files:write"]])
        #expect(bench.client.recentRequests.last?.occasion == .steppedUp)
        bench.server.script(
            .refusal(.scopeInsufficient, scope: ["a"]), .refusal(.scopeInsufficient, scope: ["b"]), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .forbidden)
        #expect(error.reason == .scopeInsufficient)
        #expect(source.requests.last?.scope == ["files:write", "a"])
    }

    @Test("a source that cannot widen its scope is not asked to")
    func noStepUp() async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(clock.token())
        let bench = Bench(source, clock: clock)
        bench.server.script(.refusal(.scopeInsufficient, scope: ["x"]), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .forbidden)
        #expect(source.requests.count == 1)
    }

    @Test("429 and 503 are waited out as told, in seconds or by date", arguments: [429, 503])
    func busy(status: Int) async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token(lifetime: .seconds(3000))), clock: clock)
        try await bench.client.connect()
        let date = try #require(HTTPDate.format(clock.now() + .seconds(12)))
        bench.server.script(
            .raw(status: status).with(.retryAfter, "5"), .raw(status: status).with(.retryAfter, date),
            for: "tools/call")
        async let result = bench.client.callTool("echo")
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(5))
        await clock.untilSomebodySleeps(for: .seconds(7))
        clock.advance(by: .seconds(7))
        _ = try await result
        #expect(bench.calls().count == 3)
        #expect(bench.client.recentRequests.suffix(2).map(\.occasion) == [.waited, .waited])
    }

    // requirement: C-37
    @Test("a 503 that says nothing may have run: a call is not sent again, a listing is")
    func bareOutage() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        bench.server.script(.raw(status: 503), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .outcomeUnknown && error.status == 503)
        #expect(bench.calls().count == 1)
        bench.server.script(.raw(status: 503), for: "tools/list")
        async let tools = bench.client.listTools()
        await clock.untilSomebodySleeps(for: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(try await tools.count == 1)
    }

    @Test("patience has an end: too long a wait, or too many, is an error")
    func tooBusy() async throws {
        let clock = FakeClock()
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(maximumBusyRetries: 0),
            clock: clock)
        bench.server.script(
            .raw(status: 429).with(.retryAfter, "31"), .raw(status: 503).with(.retryAfter, "1"), for: "tools/call")
        let long = try await failure { try await bench.client.callTool("echo") }
        #expect(long.code == .busy)
        #expect(long.reason == .rateLimited)
        #expect(long.message.contains("31 s"))
        let often = try await failure { try await bench.client.callTool("echo") }
        #expect(often.code == .busy)
        #expect(bench.calls().count == 2)
    }

    // requirement: C-37
    @Test("a call whose connection broke is not sent again; a listing is, once")
    func brokenConnection() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        let broken = ScriptedReply.failure(TransportError(.unknown, "reset by peer"))
        bench.server.script(broken, for: "tools/call")
        let call = try await failure { try await bench.client.callTool("echo") }
        #expect(call.code == .outcomeUnknown)
        #expect(bench.calls().count == 1)
        bench.server.script(broken, for: "tools/list")
        #expect(try await bench.client.listTools().count == 1)
        bench.server.script(broken, broken, for: "tools/list")
        let list = try await failure { try await bench.client.listTools() }
        #expect(list.code == .connection)
    }

    /// requirement: C-05, C-18, G-12
    @Test("a call without an answer ends when its time is up")
    func callTimeout() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let never = Latch()
        bench.server.script(.usual.after(never), for: "tools/call")
        async let result = failure { try await bench.client.callTool("echo") }
        await never.untilWaiting()
        await clock.untilSomebodySleeps(for: .seconds(60))
        clock.advance(by: .seconds(60))
        let error = try await result
        #expect(error.code == .timeout)
        #expect(error.message.contains("60 s"))
        let notice = try #require(bench.server.received.last)
        #expect(notice.method == "notifications/cancelled")
        #expect(notice.params?["requestId"].flatMap(RequestID.init) == bench.calls().last?.id)
        #expect(notice.sessionID == "session-1" && notice.token != nil)
    }

    /// requirement: C-18
    @Test("a call that its caller cancels is cancelled at the server too, and the next one is served")
    func cancelledCall() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let never = Latch()
        bench.server.script(.usual.after(never), for: "tools/call")
        let call = Task { try await bench.client.callTool("echo") }
        await never.untilWaiting()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(bench.methods.suffix(2) == ["tools/call", "notifications/cancelled"])
        #expect(bench.server.received.last?.params?["requestId"].flatMap(RequestID.init) == bench.calls().last?.id)
        _ = try await bench.client.callTool("echo")
        #expect(bench.server.received.count { $0.method == "initialize" } == 1)
    }

    /// requirement: A-41
    @Test("the handshake has a time of its own")
    func handshakeTimeout() async throws {
        let bench = Bench()
        let never = Latch()
        bench.server.script(.usual.after(never), for: "initialize")
        async let result = failure { try await bench.client.connect() }
        await never.untilWaiting()
        await bench.clock.untilSomebodySleeps(for: .seconds(30))
        bench.clock.advance(by: .seconds(30))
        #expect(try await result.code == .timeout)
        #expect(bench.methods == ["initialize"], "initialize is never cancelled")
    }

    @Test("a denial in band is a result that says why, and is recorded")
    func denialInBand() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        let rejection = Rejection(.argumentForbidden, "bucket asks for \"b\"; allowed: a")
        bench.server.script(
            .result(ToolResult.failure(rejection.detail, structured: rejection.data()).json), for: "tools/call")
        let result = try await bench.client.callTool("echo")
        #expect(result.isError)
        #expect(result.denial == rejection)
        #expect(bench.client.recentRequests.last?.reason == .argumentForbidden)
        bench.server.script(
            .error(RPCError(403, "no", data: .object(rejection.data()))), .error(RPCError(.invalidParams, "what?")),
            for: "resources/read")
        let denied = try await failure { try await bench.client.request("resources/read", params: ["uri": "s3://b/k"]) }
        #expect(denied.code == .toolDenied)
        #expect(denied.reason == .argumentForbidden)
        let failed = try await failure { try await bench.client.request("resources/read", params: ["uri": "s3://b/k"]) }
        #expect(failed.code == .serverError)
        #expect(failed.rpcError?.code == .invalidParams)
    }

    // requirement: E-21
    @Test("a tool's own failure is a result without a denial")
    func toolFailure() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(.result(ToolResult.failure("no such key").json), for: "tools/call")
        let result = try await bench.client.callTool("echo")
        #expect(result.isError)
        #expect(result.denial == nil)
    }

    /// requirement: C-02, C-19, D-01, D-08
    @Test("an answer as a stream of events is read to the answer; progress is told, the server's ping answered")
    func eventStream() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let progress = Progress()
        bench.server.script(
            .events(
                [
                    ["jsonrpc": "2.0", "id": "s1", "method": "ping"],
                    ["jsonrpc": "2.0", "id": "s2", "method": "roots/list"],
                    [
                        "jsonrpc": "2.0", "method": "notifications/progress",
                        "params": ["progressToken": 2, "progress": 7],
                    ],
                ], answer: ToolResult(content: [.text("streamed")]).json), for: "tools/call")
        let result = try await bench.client.callTool("echo") { progress.add($0) }
        #expect(result.content == [.text("streamed")])
        #expect(progress.values == [7])
        #expect(bench.calls().first?.params?["_meta"]?["progressToken"] == 2)
        #expect(bench.methods.filter { $0 == "POST" }.count == 2)
    }

    private final class Progress: Sendable {
        private let state = Mutex<[Double]>([])
        func add(_ progress: ProgressParams) { state.withLock { $0.append(progress.progress.double ?? -1) } }
        var values: [Double] { state.withLock { $0 } }
    }

    /// requirement: C-05
    @Test("progress gives a call more time, up to a bound")
    func progressGivesTime() async throws {
        let clock = FakeClock()
        let patience = Patience(clock: clock, timeout: .seconds(60), maximum: .seconds(100))
        async let result = failure { try await patience.limit("it") { try await Latch().wait() } }
        await clock.untilSomebodySleeps(for: .seconds(60))
        clock.advance(by: .seconds(50))
        patience.notice()
        clock.advance(by: .seconds(10))
        await clock.untilSomebodySleeps(for: .seconds(40))
        clock.advance(by: .seconds(30))
        patience.notice()
        clock.advance(by: .seconds(10))
        #expect(try await result.code == .timeout)
    }

    @Test("a stream that ends without the answer leaves the outcome unknown")
    func cutStream() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(.events([], answer: nil), for: "tools/call")
        #expect(try await failure { try await bench.client.callTool("echo") }.code == .outcomeUnknown)
    }

    @Test(
        "an answer that is not MCP is refused with a line that says what came",
        arguments: [
            (ScriptedReply.raw(status: 200, contentType: "text/html", body: Array("<html>".utf8)), "text/html"),
            (.raw(status: 200, contentType: "application/json", body: Array("{".utf8)), "not acceptable JSON"),
            (.raw(status: 200, contentType: "application/json", body: Array("{}".utf8)), "not JSON-RPC"),
            (.raw(status: 405, contentType: "text/html", body: Array("<html>".utf8)), "405"),
            (.raw(status: 307).with(.location, "http://elsewhere.test/"), "redirect"),
            (.raw(status: 202), "without an answer"),
            (.result(["content": 1]), "no content"),
        ])
    func notMCP(reply: ScriptedReply, words: String) async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(reply, for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains(words), "\(error.message)")
        #expect(!error.message.contains("\n"))
    }

    // requirement: G-04, G-10, A-79
    @Test("an error without an id, or with null for one, answers the one request that it can be for")
    func errorsWithoutID() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        for id in ["", "\"id\":null,"] {
            let body = "{\"jsonrpc\":\"2.0\",\(id)\"error\":{\"code\":-32002,\"message\":\"no such resource\"}}"
            bench.server.script(
                .raw(status: 200, contentType: "application/json", body: Array(body.utf8)), for: "resources/read")
            let error = try await failure { try await bench.client.readResource("a://b") }
            #expect(error.code == .serverError)
            #expect(error.isResourceNotFound)
        }
    }

    // requirement: C-41
    @Test("a request that is too large for the server is an error that says so", arguments: [413, 431])
    func tooLargeForServer(status: Int) async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(.raw(status: status), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.status == status)
        #expect(error.message.contains("\(status)"))
    }

    @Test("a reply of the configured size is read; one byte more is refused")
    func replySize() async throws {
        let clock = FakeClock()
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(maximumReplySize: 1000),
            clock: clock)
        try await bench.client.connect()
        func reply(_ size: Int) -> ScriptedReply {
            // The handshake has id 1, this call 2.
            let json = RPCMessage.result(id: .integer(2), ToolResult(content: []).json).json.serialized
            return .raw(
                status: 200, contentType: "application/json",
                body: json + Array(repeating: 0x20, count: size - json.count))
        }
        bench.server.script(reply(1000), reply(1001), for: "tools/call")
        #expect(try await bench.client.callTool("echo").content.isEmpty)
        #expect(try await failure { try await bench.client.callTool("echo") }.code == .replyTooLarge)
    }

    /// requirement: D-30, D-31, D-32
    @Test("all pages of a list are read, within bounds")
    func pagination() async throws {
        let clock = FakeClock()
        let bench = Bench(
            ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(maximumPages: 3, maximumListLength: 3), clock: clock)
        func page(_ names: [String], next: String?) -> ScriptedReply {
            let tools = names.map { Tool(name: $0, inputSchema: ["type": "object"]) }
            return .result(ListToolsResult(tools: tools, nextCursor: next).json)
        }
        bench.server.script(page(["a"], next: ""), page(["b"], next: "2"), page(["c"], next: nil), for: "tools/list")
        #expect(try await bench.client.listTools().map(\.name) == ["a", "b", "c"])
        bench.server.script(page([], next: "1"), page([], next: "2"), page([], next: "3"), for: "tools/list")
        #expect(try await failure { try await bench.client.listTools() }.message.contains("3 pages"))
        bench.server.script(page(["a", "b", "c", "d"], next: nil), for: "tools/list")
        #expect(try await failure { try await bench.client.listTools() }.message.contains("3 tools"))
        bench.server.script(page([], next: "1"), page([], next: "1"), for: "tools/list")
        #expect(try await failure { try await bench.client.listTools() }.message.contains("same page"))
    }

    @Test("a listing goes without a token where none can be had")
    func anonymousListing() async throws {
        let bench = Bench(ScriptedTokenSource("undefined"))
        #expect(try await bench.client.listTools().count == 1)
        #expect(bench.server.received.allSatisfy { $0.token == nil })
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .tokenSource)
        #expect(bench.calls().isEmpty)
    }

    /// requirement: C-13
    @Test("closing tolerates a server that knows no DELETE, and ends everything", arguments: [404, 405, 401, 500])
    func closing(status: Int) async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        _ = try await bench.client.callTool("echo")
        bench.server.script(.raw(status: status), for: "DELETE")
        let requests = bench.client.requests
        await bench.client.close()
        await bench.client.close()
        #expect(bench.methods.filter { $0 == "DELETE" }.count == 1)
        #expect(bench.client.tokens?.currentState == .closed)
        #expect(try await failure { try await bench.client.callTool("echo") }.code == .closed)
        #expect(await requests.reduce(into: 0) { count, _ in count += 1 } == 1)
    }

    @Test("closing while a token is fetched fails the caller, and hangs nobody")
    func closeWhileRefreshing() async throws {
        let clock = FakeClock()
        let never = Latch()
        let source = ScriptedTokenSource(deliveries: [
            { _ in
                try await never.wait()
                return IssuedToken("")
            }
        ])
        let bench = Bench(source, clock: clock)
        async let result = failure { try await bench.client.callTool("echo") }
        await never.untilWaiting()
        await bench.client.close()
        #expect(try await result.code == .closed)
    }

    /// requirement: A-33
    @Test("a server that speaks no legacy version is told from a broken one")
    func unknownVersion() async throws {
        let bench = Bench()
        bench.server.script(
            .result([
                "protocolVersion": "2026-07-28", "capabilities": [:], "serverInfo": ["name": "x", "version": "1"],
            ]), for: "initialize")
        let error = try await failure { try await bench.client.connect() }
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains("2026-07-28"))
        #expect(bench.methods == ["initialize"])
    }

    @Test(
        "a URL that is none is said to be none", arguments: ["", "ftp://x/", "localhost:80", "http://", "http://u@h/"])
    func badURL(url: String) async throws {
        let client = MCPClient(url: url, transport: ScriptedServer())
        #expect(try await failure { try await client.connect() }.code == .connection)
    }

    /// requirement: F-25
    @Test("records and descriptions name tokens by a fingerprint only")
    func nothingLeaks() async throws {
        let clock = FakeClock()
        let token = clock.token(age: 4)
        let bench = Bench(ScriptedTokenSource(token), clock: clock)
        bench.server.script(.refusal(.toolForbidden), for: "tools/call")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .forbidden)
        let record = try #require(bench.client.recentRequests.last)
        #expect(record.token?.keyID == "k1")
        #expect(record.token?.age == .seconds(4))
        #expect(record.token?.fingerprint.utf8.count == 8)
        #expect(record.status == 403)
        #expect(record.tool == "echo")
        var dumped = ""
        dump(bench.client, to: &dumped)
        dump(error, to: &dumped)
        dump(FixedTokenSource(token), to: &dumped)
        dump(IssuedToken(token), to: &dumped)
        dump(
            TransportRequest(method: .post, url: "http://h/?k=\(token)", fields: [.authorization: token]), to: &dumped)
        let texts = [
            "\(record)", "\(error)", dumped, String(reflecting: bench.client),
            String(reflecting: FixedTokenSource(token)),
            String(reflecting: IssuedToken(token)),
        ]
        for text in texts { #expect(!text.contains(token)) }
    }

    @Test("the newest thousand requests are kept, numbered without gaps")
    func recordBound() async throws {
        let clock = FakeClock()
        let bench = Bench(clock: clock)
        try await bench.client.connect()
        for _ in 0..<1_010 { try await bench.client.ping() }
        let records = bench.client.recentRequests
        #expect(records.count == 1_000)
        #expect(records.map(\.sequence) == Array(13...1_012))
    }
}
