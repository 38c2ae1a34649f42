import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@Suite("A busy client over a rotation, through real HTTP")
struct RotationUnderLoadTests {
    static let echo = ServedTool(Tool(name: "echo", inputSchema: ["type": "object"])) { arguments, context in
        ToolResult(structured: ["subject": .string(context.principal?.subject ?? "nobody")])
    }

    @Test(
        "200 concurrent callers see no failed call, and each rotation costs exactly one refresh",
        .timeLimit(.minutes(2)))
    func noFailedCall() async throws {
        let rotations = 3
        try await RunningServer.with(tools: [Self.echo]) { server in
            let issued = Counter()
            let calls = Counter()
            let failures = Notes()
            let isDone = Latch()
            let client = MCPClient(
                url: server.url,
                token: .closure { @Sendable _ in
                    defer { issued.increment() }
                    return try server.mint()
                }, transport: CheckedTransport(AsyncHTTPClientTransport.shared))
            try await client.connect()

            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        while !isDone.isOpen {
                            do {
                                let result = try await client.callTool("echo")
                                if result.isError { failures.add("\(result)") }
                            } catch {
                                failures.add("\(error)")
                            }
                            calls.increment()
                        }
                    }
                }
                await calls.reaches(200)
                for rotation in 1...rotations {
                    let old = try server.keys.load().active
                    try server.keys.update { ring throws(KeyError) in
                        try ring.rotate(overlap: .seconds(600), now: SystemClock().now())
                    }
                    // The old key still verifies: nobody notices.
                    await calls.reaches(calls.value + 200)
                    #expect(issued.value == rotation)
                    try server.keys.update { ring throws(KeyError) in
                        try ring.retire(kid: old?.kid ?? "", now: SystemClock().now())
                    }
                    await issued.reaches(rotation + 1)
                    await calls.reaches(calls.value + 400)
                }
                isDone.open()
                try await group.waitForAll()
            }
            await client.close()

            #expect(failures.all == [])
            #expect(issued.value == 1 + rotations)
            let refused = server.records.all.filter { $0.status == 401 }
            #expect(!refused.isEmpty && refused.allSatisfy { $0.reason == .keyRetired })
            let handshake = server.records.all.filter { $0.phase == .handshake && $0.httpMethod == "POST" }
            #expect(!handshake.isEmpty && handshake.allSatisfy { !$0.tokenSent && $0.reason == nil })
        }
    }
}
