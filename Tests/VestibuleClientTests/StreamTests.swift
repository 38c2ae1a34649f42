import HTTPTypes
import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

@Suite("Streams of the client")
struct StreamTests {
    private static func log(_ data: Int) -> ScriptedReply.Event.Content {
        .message(["method": "notifications/message", "params": ["level": "info", "data": .integer(data)]])
    }

    // requirement: C-16, C-17
    @Test("a stream is taken up again after exactly what the server said, else after longer and longer, not for ever")
    func waits() {
        var told = Resumption(maximum: 3) { 1 }
        told.note(StreamPosition(lastEventID: "1", retry: .milliseconds(1_234), events: 1))
        let exact = Duration.milliseconds(1_234)
        #expect((0..<4).map { _ in told.next() } == [exact, exact, exact, nil])
        var hasty = Resumption(maximum: 1) { 1 }
        hasty.note(StreamPosition(lastEventID: "1", retry: .zero, events: 1))
        #expect(hasty.next() == .milliseconds(100))
        var untold = Resumption(maximum: 8) { 1 }
        #expect((0..<8).map { _ in untold.next()?.inSeconds } == [0.5, 1, 2, 4, 8, 16, 30, 30])
        #expect(untold.next() == nil)
        // Something came: patience begins anew.
        untold.note(StreamPosition(lastEventID: "2", retry: nil, events: 1))
        #expect(untold.next() == .milliseconds(500))
        var early = Resumption(maximum: 2) { 0 }
        #expect(early.next() == .milliseconds(250))
        early.delay(.seconds(7))
        #expect(early.next() == .seconds(7))
    }

    // requirement: C-16, C-17, C-15
    @Test("a connection that breaks is taken up after its last event, through outages, and the call gets its answer")
    func broken() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token(lifetime: .seconds(3000))), clock: clock)
        try await bench.client.connect()
        bench.server.script(
            .stream(.init(Self.log(1), id: "a", retry: .seconds(2)), then: TransportError(.unknown, "reset")),
            for: "tools/call")
        bench.server.script(
            .failure(TransportError(.notSent, "refused")), .raw(status: 503).with(.retryAfter, "3"),
            .stream(.init(Self.log(2), id: "b")),
            .stream(.init(.result(ToolResult(content: [.text("late")]).json, of: "tools/call"))), for: "GET")
        let call = Task { try await bench.client.callTool("echo") }
        for wait in [2.0, 2, 3, 2] {
            await clock.untilSomebodySleeps(for: .seconds(wait))
            clock.advance(by: .seconds(wait))
        }
        #expect(try await call.value.content == [.text("late")])
        let gets = bench.server.received.filter { $0.httpMethod == "GET" }
        let lastIDs = gets.map { $0.fields[.lastEventID] }
        #expect(lastIDs == ["a", "a", "a", "b"])
        #expect(bench.calls().count == 1, "the call itself is never sent again")
        #expect(bench.client.recentRequests.filter { $0.httpMethod == "GET" }.allSatisfy { $0.occasion == .resumed })
    }

    // requirement: C-03, C-16
    @Test("to take up a stream needs a token, too; one that is refused is replaced once")
    func token() async throws {
        let clock = FakeClock()
        let (old, new) = (clock.token("old"), clock.token("new"))
        let bench = Bench(ScriptedTokenSource(old, new), clock: clock)
        bench.server.script(.stream(.init(id: "a", retry: .seconds(1))), for: "tools/call")
        bench.server.script(
            .refusal(.tokenExpired),
            .stream(.init(.result(ToolResult(content: []).json, of: "tools/call"))), for: "GET")
        let call = Task { try await bench.client.callTool("echo") }
        await clock.untilSomebodySleeps(for: .seconds(1))
        clock.advance(by: .seconds(1))
        _ = try await call.value
        #expect(bench.server.received.filter { $0.httpMethod == "GET" }.map(\.token) == [old, new])
    }

    // requirement: C-16
    @Test("a stream that cannot be taken up in five tries leaves the outcome unknown")
    func bounded() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(.stream(.init(id: "a", retry: .seconds(1))), for: "tools/call")
        for _ in 0..<5 { bench.server.script(.raw(status: 500), for: "GET") }
        let call = Task { try await failure { try await bench.client.callTool("echo") } }
        for _ in 0..<5 {
            await clock.untilSomebodySleeps(for: .seconds(1))
            clock.advance(by: .seconds(1))
        }
        let error = try await call.value
        #expect(error.code == .outcomeUnknown)
        #expect(error.message.contains("5 tries"))
    }

    // requirement: C-15, D-65
    @Test("who listens gets what the server says by itself, through the session's own stream")
    func ownStream() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        bench.server.script(
            .stream(
                .init(.message(["method": "notifications/tools/list_changed"]), id: "1", retry: .seconds(4)),
                .init(.message(["method": "notifications/resources/updated", "params": ["uri": "a://b"]]), id: "2")),
            .raw(status: 405), for: "GET")
        var heard = bench.client.notifications.makeAsyncIterator()
        try await bench.client.connect()
        #expect(await heard.next() == .toolsChanged)
        #expect(await heard.next() == .resourceUpdated(uri: "a://b"))
        await clock.untilSomebodySleeps(for: .seconds(4))
        clock.advance(by: .seconds(4))
        await bench.client.close()
        let gets = bench.server.received.filter { $0.httpMethod == "GET" }
        #expect(gets.first?.accept == "text/event-stream")
        #expect(gets.first?.sessionID == "session-1")
    }

    @Test("nobody who does not listen has a stream opened for them")
    func noStream() async throws {
        let bench = Bench()
        try await bench.client.connect()
        try await bench.client.ping()
        await bench.client.close()
        #expect(!bench.methods.contains("GET"))
    }

    @Test("a handler that takes its time slows the stream: what follows is read when it is done")
    func backPressure() async throws {
        let clock = FakeClock()
        let door = Latch()
        let heard = Mutex(0)
        var handlers = MCPClientHandlers()
        handlers.notification = { _ in
            heard.withLock { $0 += 1 }
            try? await door.wait()
        }
        let bench = Bench(
            ScriptedTokenSource(clock.token()), configuration: MCPClientConfiguration(handlers: handlers), clock: clock)
        bench.server.script(
            .stream(
                .init(Self.log(1)), .init(Self.log(2)), .init(.result(ToolResult(content: []).json))),
            for: "tools/call")
        let call = Task { try await bench.client.callTool("echo") }
        await door.untilWaiting()
        #expect(heard.withLock { $0 } == 1)
        door.open()
        _ = try await call.value
        #expect(heard.withLock { $0 } == 2)
    }

    // requirement: C-04
    @Test("comments keep a stream alive and mean nothing; events of other names are passed over")
    func comments() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let answer = RPCMessage.result(id: .integer(2), ToolResult(content: []).json).json
        let body = ": hello\n\nevent: endpoint\ndata: /x\n\n:\n\ndata: \(answer)\n\n"
        bench.server.script(
            .raw(status: 200, contentType: "text/event-stream; charset=utf-8", body: Array(body.utf8)),
            for: "tools/call")
        #expect(try await bench.client.callTool("echo").content.isEmpty)
    }

    // requirement: C-21, G-07
    @Test("several messages in one event or one body are read, as 2025-03-26 sends them")
    func batches() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let note: JSONValue = [
            "jsonrpc": "2.0", "method": "notifications/message", "params": ["level": "info", "data": 1],
        ]
        let answer = RPCMessage.result(id: .integer(2), ToolResult(content: []).json).json
        bench.server.script(
            .raw(status: 200, contentType: "application/json", body: JSONValue.array([note, answer]).serialized),
            for: "tools/call")
        #expect(try await bench.client.callTool("echo").content.isEmpty)
    }

    // requirement: C-38, C-18
    @Test("a call that is given up in the modern era is broken off, and nothing is sent")
    func cancelModern() async throws {
        let clock = FakeClock()
        let server = ScriptedServer(clock: clock, era: .modern)
        let client = MCPClient(
            url: Bench.url, token: ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(era: .modern), transport: server, clock: clock)
        let never = Latch()
        server.script(.usual.after(never), for: "tools/call")
        let call = Task { try await client.callTool("echo") }
        await never.untilWaiting()
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(server.received.map(\.method) == ["tools/call"])
    }

    // requirement: C-05
    @Test("a call may have a time of its own")
    func timeout() async throws {
        let clock = FakeClock()
        let bench = Bench(ScriptedTokenSource(clock.token()), clock: clock)
        try await bench.client.connect()
        let never = Latch()
        bench.server.script(.usual.after(never), for: "tools/call")
        let call = Task { try await failure { try await bench.client.callTool("echo", timeout: .seconds(3)) } }
        await never.untilWaiting()
        await clock.untilSomebodySleeps(for: .seconds(3))
        clock.advance(by: .seconds(3))
        #expect(try await call.value.code == .timeout)
        #expect(bench.methods.last == "notifications/cancelled")
    }
}
