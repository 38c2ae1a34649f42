import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// The line of the whole project: keys change under a busy client, and nobody notices.
@Suite("Rotation under load")
struct RotationTests {
    @Test("200 concurrent calls while the key is rotated and the old one retired: none fails, one refresh per rotation")
    func rotation() async throws {
        let clock = FakeClock()
        let active = Mutex(1)
        let source = ScriptedTokenSource(deliveries: [
            { _ in IssuedToken(clock.token("k\(active.withLock { $0 })")) }
        ])
        let bench = Bench(source, clock: clock)
        bench.server.judgeTokens { token in
            let current = "k\(active.withLock { $0 })"
            guard let kid = keyID(of: token), kid != current else { return nil }
            return Rejection(.keyRetired, "the key \(kid) was retired; \(current) signs now")
        }
        try await bench.client.connect()
        #expect(source.requests.count == 1)
        let rotations = 5
        for rotation in 1...rotations {
            let (arrived, rotated) = (Latch(), Latch())
            try await withThrowingTaskGroup { group in
                // Half of the calls are at the server's door with the old token when the key changes.
                for _ in 0..<100 { bench.server.script(.usual.after(arrived), for: "tools/call") }
                for call in 0..<200 {
                    group.addTask {
                        if call >= 100 { try await rotated.wait() }
                        let result = try await bench.client.callTool("echo", arguments: ["call": .integer(call)])
                        #expect(result.structuredContent == ["call": .integer(call)])
                    }
                }
                await arrived.untilWaiting(100)
                active.withLock { $0 += 1 }
                rotated.open()
                arrived.open()
                try await group.waitForAll()
            }
            #expect(source.requests.count == 1 + rotation)
        }
        let refused = bench.client.recentRequests.filter { $0.reason == .keyRetired }
        #expect(refused.allSatisfy { $0.status == 401 && $0.attempt == 1 })
        #expect(bench.methods.filter { $0 == "initialize" }.count == 1)
    }

    @Test("a call that is refused while another's refresh is under way takes its token, and asks for none of its own")
    func refusedDuringRefresh() async throws {
        let clock = FakeClock()
        let latch = Latch()
        let (old, new) = (clock.token("old"), clock.token("new"))
        let source = ScriptedTokenSource(deliveries: [
            { _ in IssuedToken(old) },
            { _ in
                try await latch.wait()
                return IssuedToken(new)
            },
        ])
        let bench = Bench(source, clock: clock)
        try await bench.client.connect()
        bench.server.judgeTokens { $0 == old ? Rejection(.keyRetired, "retired") : nil }
        let late = Latch()
        bench.server.script(.usual, .usual.after(late), for: "tools/call")
        async let first = bench.client.callTool("echo")
        await latch.untilWaiting()
        late.open()
        async let second = bench.client.callTool("echo")
        latch.open()
        _ = try await (first, second)
        #expect(source.requests.count == 2)
    }
}
