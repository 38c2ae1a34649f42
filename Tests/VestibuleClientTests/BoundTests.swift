import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// Every queue, cache and wait has a bound; here is what happens at it.
@Suite("Bounds of the client")
struct BoundTests {
    @Test("a listener that does not listen misses the oldest states, and holds nobody up")
    func slowListener() async throws {
        let clock = FakeClock()
        let manager = TokenManager(source: .closure { _ in clock.token() }, clock: clock)
        let states = manager.states
        for _ in 0..<100 { try await manager.refreshAllData() }
        manager.close()
        let seen = await states.reduce(into: [TokenState]()) { $0.append($1) }
        #expect(seen.count == 64)
        #expect(seen.last == .closed)
        #expect(await manager.states.reduce(into: [TokenState]()) { $0.append($1) } == [.closed])
    }

    @Test("of the refused tokens the newest 32 are remembered")
    func refusals() async throws {
        let clock = FakeClock()
        let tokens = (0..<33).map { _ in clock.token() }
        let manager = TokenManager(
            source: ScriptedTokenSource(
                deliveries: [tokens[0], tokens[1]].map { token in { _ in IssuedToken(token) } }),
            clock: clock)
        for token in tokens { manager.invalidate(token, because: .tokenRevoked) }
        // The first is forgotten, the second is not.
        #expect(try await manager.currentToken() == tokens[0])
        let error = try await failure { try await manager.refreshAllData() }
        #expect(error.reason == .tokenRevoked)
    }

    @Test("a server that asks instead of answering is given up after 100 questions")
    func serverRequests() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        let questions = (0...100).map { JSONValue.object(["jsonrpc": "2.0", "id": .integer($0), "method": "ping"]) }
        bench.server.script(
            .events(Array(questions.dropLast()), answer: ToolResult(content: []).json),
            .events(questions, answer: ToolResult(content: []).json), for: "tools/call")
        _ = try await bench.client.callTool("echo")
        let error = try await failure { try await bench.client.callTool("echo") }
        #expect(error.code == .protocolViolation)
        #expect(error.message.contains("100"))
    }

    @Test("a stream of events is bound in all, and each of its events by the size of a reply")
    func streamSize() async throws {
        let clock = FakeClock()
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(maximumStreamSize: 2_000),
            clock: clock)
        let note: JSONValue = ["jsonrpc": "2.0", "method": "notifications/message", "params": ["data": "x"]]
        bench.server.script(
            .events(Array(repeating: note, count: 100), answer: ToolResult(content: []).json), for: "tools/call")
        #expect(try await failure { try await bench.client.callTool("echo") }.code == .replyTooLarge)
    }

    @Test("a session id of unlawful characters is refused")
    func sessionID() async throws {
        for id in ["", "a b", String(repeating: "x", count: 1_025)] {
            let bench = Bench()
            let name = try #require(HTTPField.Name(MCPHeader.sessionID))
            let result = InitializeResult(
                protocolVersion: .latestLegacy, capabilities: [:], serverInfo: Implementation(name: "s", version: "1"))
            bench.server.script(.result(result.json).with(name, id), for: "initialize")
            #expect(try await failure { try await bench.client.connect() }.code == .protocolViolation)
        }
    }
}
