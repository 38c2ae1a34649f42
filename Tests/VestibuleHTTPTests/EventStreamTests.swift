import Synchronization
import Testing
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleHTTP

@Suite("Streams of events over sockets")
struct EventStreamTests {
    /// Tools that tell something and then wait, and what became of them.
    private struct Tools: Sendable {
        let goOn = Latch()
        let began = Latch()
        let cancelled = Latch()
        let wentOn = Latch()
        let told = Count()

        var all: [ServedTool] {
            [
                tool("tell") { context in
                    for number in 1...3 { await Self.tell(number, context) }
                },
                // Tells as long as it is let.
                tool("flood") { context in
                    let line = String(repeating: "x", count: 1000)
                    while !Task.isCancelled, told.value < 50_000 {
                        await context.link.notify("notifications/message", ["level": "info", "data": .string(line)])
                        told.add()
                    }
                    if Task.isCancelled { cancelled.open() }
                },
                tool("wait") { context in
                    await Self.tell(1, context)
                    try await wait()
                },
                tool("silent") { _ in try await wait() },
            ]
        }

        private func tool(_ name: String, _ work: @escaping @Sendable (RequestContext) async throws -> Void)
            -> ServedTool
        {
            ServedTool(Tool(name: name, inputSchema: ["type": "object"])) { _, context in
                try await work(context)
                return .text("done")
            }
        }

        private func wait() async throws {
            began.open()
            do {
                try await goOn.wait()
            } catch {
                cancelled.open()
                throw error
            }
            wentOn.open()
        }

        private static func tell(_ number: Int, _ context: RequestContext) async {
            await context.link.notify("notifications/message", ["level": "info", "data": .integer(number)])
        }
    }

    private static func modern(_ tool: String) -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","_meta":{"#
            + #""io.modelcontextprotocol/protocolVersion":"2026-07-28","#
            + #""io.modelcontextprotocol/clientCapabilities":{}}}}"#
    }

    private static func fields(_ token: String, _ more: [(String, String)]) -> [(String, String)] {
        [
            ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
            ("Authorization", "Bearer \(token)"),
        ] + more
    }

    private static func modernFields(_ tool: String, _ token: String) -> [(String, String)] {
        fields(token, [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool)])
    }

    /// requirement: B-73, B-76
    @Test("events go out as they come, and the answer ends the stream")
    func events() async throws {
        let tools = Tools()
        try await House.with(tools: tools.all) { house in
            let token = try house.keys.token()
            try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    headers: Self.modernFields("wait", token), body: Self.modern("wait"))
                let head = try await connection.text(until: #""data":1"#)
                #expect(head.contains("200 OK") && head.lowercased().contains("x-accel-buffering: no"))
                #expect(head.contains("text/event-stream") && head.lowercased().contains("cache-control: no-store"))
                tools.goOn.open()
                let rest = try await connection.text(until: "0\r\n\r\n")
                #expect(rest.contains(#""text":"done""#))
                #expect(await connection.isEnded())
            }
        }
    }

    @Test("several streams of one session go out side by side")
    func several() async throws {
        let tools = Tools()
        try await House.with(tools: tools.all) { house in
            let token = try house.keys.token()
            let session = try await house.open()
            try await RawConnection.open(house.port) { first in
                try await first.send(
                    headers: Self.fields(token, [("Mcp-Session-Id", session)]), body: House.call("wait"))
                _ = try await first.text(until: #""data":1"#)
                try await RawConnection.open(house.port) { second in
                    try await second.send(
                        headers: Self.fields(token, [("Mcp-Session-Id", session)]), body: House.call("tell"))
                    _ = try await second.text(until: "0\r\n\r\n")
                }
                tools.goOn.open()
                _ = try await first.text(until: "0\r\n\r\n")
            }
        }
    }

    /// requirement: B-74, B-75
    @Test(
        "a client of the modern era that goes away cancels its call, whether or not there was anything to write",
        arguments: ["silent", "wait"])
    func modernDisconnect(_ tool: String) async throws {
        let tools = Tools()
        try await House.with(tools: tools.all) { house in
            let token = try house.keys.token()
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: Self.modernFields(tool, token), body: Self.modern(tool))
                try await tools.began.wait()
            }
            try await tools.cancelled.wait()
            #expect(try await house.stillServes(with: "tell"))
        }
    }

    /// requirement: B-29
    @Test(
        "a call of a session goes on when its client goes away, and can be come back for",
        arguments: ["silent", "wait"])
    func legacyDisconnect(_ tool: String) async throws {
        let tools = Tools()
        try await House.with(tools: tools.all) { house in
            let token = try house.keys.token()
            let session = try await house.open()
            let fields = Self.fields(token, [("Mcp-Session-Id", session)])
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: fields, body: House.call(tool))
                try await tools.began.wait()
            }
            tools.goOn.open()
            try await tools.wentOn.wait()
            guard tool == "wait" else { return }
            try await RawConnection.open(house.port) { connection in
                try await connection.send("GET", headers: fields + [("Last-Event-ID", "1-1")])
                _ = try await connection.text(until: #""text":"done""#)
            }
        }
    }

    /// requirement: B-74
    @Test(
        "a client that reads nothing has its stream closed at the bound, and its call cancelled; little was made for it"
    )
    func stalled() async throws {
        let tools = Tools()
        try await House.with(
            tools: tools.all, configure: { $0.streams.stall = .milliseconds(300) }
        ) { house in
            let token = try house.keys.token()
            try await RawConnection.open(house.port) { connection in
                try await connection.send(headers: Self.modernFields("flood", token), body: Self.modern("flood"))
                try await tools.cancelled.wait()
            }
            // What the sockets of both ends and the client's own buffer take, and 64 KiB that wait here.
            #expect(tools.told.value < 10_000, "\(tools.told.value) kB were made")
            #expect(try await house.stillServes(with: "tell"))
        }
    }

    @Test("a graceful shutdown ends GET streams and lets a streaming call come to its end")
    func drain() async throws {
        let tools = Tools()
        let patient = HTTPServerConfiguration(drain: .seconds(600), linger: .seconds(600))
        try await House.with(tools: tools.all, http: patient) { house in
            let token = try house.keys.token()
            let session = try await house.open(token: token)
            let fields = Self.fields(token, [("Mcp-Session-Id", session)])
            let streaming = Latch()
            async let called: Void = RawConnection.open(house.port) { call in
                try await call.send(headers: fields, body: House.call("wait"))
                _ = try await call.text(until: #""data":1"#)
                streaming.open()
                _ = try await call.text(until: #""text":"done""#)
                _ = try await call.text(until: "0\r\n\r\n")
            }
            try await RawConnection.open(house.port) { standing in
                try await standing.send("GET", headers: fields)
                _ = try await standing.text(until: "data: \n\n")
                try await streaming.wait()
                await house.shutDown()
                _ = try await standing.text(until: "shutting down")
                _ = try await standing.text(until: "0\r\n\r\n")
            }
            tools.goOn.open()
            try await called
        }
    }

    @Test("a silent stream has comments, also over a connection that would be idle by now")
    func keepAlive() async throws {
        try await House.with(
            http: HTTPServerConfiguration(idle: .seconds(1)),
            configure: { $0.streams.keepAlive = .milliseconds(250) }
        ) { house in
            let session = try await house.open()
            try await RawConnection.open(house.port) { connection in
                try await connection.send(
                    "GET", headers: [("Accept", "text/event-stream"), ("Mcp-Session-Id", session)])
                _ = try await connection.text(until: "data: \n\n")
                for _ in 0..<5 { _ = try await connection.text(until: ":\n\n") }
            }
        }
    }
}

/// Counts across tasks.
final class Count: Sendable {
    private let number = Atomic(0)

    func add() { number.add(1, ordering: .relaxed) }
    var value: Int { number.load(ordering: .relaxed) }
}

extension House {
    /// Whether a newcomer's call of that tool is served.
    func stillServes(with tool: String) async throws -> Bool {
        let token = try keys.token()
        let session = try await open()
        let reply = try await post(
            Self.call(tool), authorization: ["Bearer \(token)"], session: session,
            headers: [("Accept", "application/json")])
        return reply.status == 200
    }
}
