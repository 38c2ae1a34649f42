#if os(Linux)
    import Foundation
    import Testing
    import VestibuleProtocol
    import VestibuleServer
    import VestibuleTesting

    @testable import VestibuleHTTP

    /// What streams cost in memory, by the resident size of this process, in which the clients live too.
    ///
    /// `VESTIBULE_FIGURES=1 swift test --filter StreamMemory` prints the figures, and gives the client that reads nothing
    /// its whole minute.
    @Suite("What streams cost in memory", .serialized)
    struct StreamMemoryTests {
        private static let isLong = ProcessInfo.processInfo.environment["VESTIBULE_FIGURES"] != nil

        /// Resident bytes: now, and at most so far.
        private func memory() throws -> (now: Int, peak: Int) {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            func bytes(_ name: String) -> Int {
                let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
                return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
                    .flatMap { Int($0) }.map { $0 * 1024 } ?? 0
            }
            return (bytes("VmRSS:"), bytes("VmHWM:"))
        }

        /// Forgets the highest resident size.
        private func resetPeak() {
            try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        }

        private func say(_ line: String) {
            if Self.isLong { print("figures: \(line)") }
        }

        private static let events = 10_000

        private static func tools(_ told: Count, _ cancelled: Latch) -> [ServedTool] {
            let line = JSONValue.string(String(repeating: "x", count: 1000))
            @Sendable func tell(_ context: RequestContext) async {
                await context.link.notify("notifications/message", ["level": "info", "data": line])
                told.add()
            }
            let megabyte = String(repeating: "y", count: 1 << 20)
            return [
                ServedTool(Tool(name: "megabyte", inputSchema: ["type": "object"])) { _, _ in .text(megabyte) },
                ServedTool(Tool(name: "events", inputSchema: ["type": "object"])) { _, context in
                    for _ in 0..<events { await tell(context) }
                    return .text(megabyte)
                },
                ServedTool(Tool(name: "flood", inputSchema: ["type": "object"])) { _, context in
                    while !Task.isCancelled { await tell(context) }
                    cancelled.open()
                    return .text("done")
                },
            ]
        }

        private static func body(_ tool: String) -> String {
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","_meta":{"#
                + #""io.modelcontextprotocol/protocolVersion":"2026-07-28","#
                + #""io.modelcontextprotocol/clientCapabilities":{}}}}"#
        }

        private static func fields(_ tool: String, _ token: String, session: String?) -> [(String, String)] {
            let common = [
                ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
                ("Authorization", "Bearer \(token)"),
            ]
            guard let session else {
                return common + [
                    ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool),
                ]
            }
            return common + [("Mcp-Session-Id", session)]
        }

        @Test("10,000 events and results of a megabyte go through with memory flat, in either era")
        func flat() async throws {
            let told = Count()
            try await House.with(tools: Self.tools(told, Latch())) { house in
                let token = try house.keys.token()
                let session = try await house.open(token: token)
                // Twice before, so that what is allocated once is.
                func stream(_ session: String?) async throws -> Int {
                    try await RawConnection.open(house.port) { connection in
                        let body = session == nil ? Self.body("events") : House.call("events")
                        try await connection.send(
                            headers: Self.fields("events", token, session: session), body: body)
                        return await connection.discard()
                    }
                }
                for session in [nil, session] { _ = try await stream(session) }
                resetPeak()
                let before = try memory()
                for session in [nil, session, nil, session] {
                    let bytes = try await stream(session)
                    #expect(bytes > Self.events * 1000 + 1 << 20)
                }
                let after = try memory()
                say(
                    "4 streams of \(Self.events) events and a result of 1 MiB: RSS \(before.now >> 10) kB before, "
                        + "\(after.now >> 10) kB after, \(after.peak >> 10) kB at most")
                // A result is in memory as text, as JSON and as an event; the rest is noise of the allocator.
                #expect(after.peak - before.now < 24 << 20, "\(before) \(after)")

                resetPeak()
                let small = try memory()
                for _ in 0..<20 {
                    let answer = try await house.request(
                        headers: Self.fields("megabyte", token, session: nil), body: Self.body("megabyte"))
                    #expect(answer.body.count > 1 << 20)
                }
                let large = try memory()
                say(
                    "20 results of 1 MiB as JSON: RSS \(small.now >> 10) kB before, \(large.now >> 10) kB after, "
                        + "\(large.peak >> 10) kB at most")
                #expect(large.peak - small.now < 24 << 20, "\(small) \(large)")
            }
        }

        @Test("a client that reads nothing costs less than a megabyte, and its call is cancelled at the bound")
        func stalled() async throws {
            let (told, cancelled) = (Count(), Latch())
            let stall = Self.isLong ? Duration.seconds(30) : .milliseconds(500)
            try await House.with(
                tools: Self.tools(told, cancelled), configure: { $0.streams.stall = stall }
            ) { house in
                let token = try house.keys.token()
                _ = try await house.stillServes(with: "megabyte")
                resetPeak()
                let before = try memory()
                try await RawConnection.open(house.port) { connection in
                    try await connection.send(
                        headers: Self.fields("flood", token, session: nil), body: Self.body("flood"))
                    try await cancelled.wait()
                }
                let after = try memory()
                say(
                    "a client that reads nothing: \(told.value) events of 1 kB were made for it, call cancelled after "
                        + "\(stall); RSS \(before.now >> 10) kB before, \(after.peak >> 10) kB at most "
                        + "(the client's own buffers included)")
                #expect(told.value < 10_000)
            }
        }
    }
#endif
