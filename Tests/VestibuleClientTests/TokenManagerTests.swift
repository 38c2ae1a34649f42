import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@Suite("Token manager")
struct TokenManagerTests {
    @Test("fifty callers at once cost one question, and every listener sees the states")
    func fiftyCallers() async throws {
        let clock = FakeClock()
        let latch = Latch()
        let token = clock.token()
        let source = ScriptedTokenSource(deliveries: [
            { _ in
                try await latch.wait()
                return IssuedToken(token)
            }
        ])
        let manager = TokenManager(source: source, clock: clock)
        let (first, second) = (manager.states, manager.states)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await manager.currentToken() } }
            await latch.untilWaiting()
            latch.open()
            for try await received in group { #expect(received == token) }
        }
        #expect(source.requests.count == 1)
        manager.close()
        let expected: [TokenState] = [.idle, .initializing, .ready, .closed]
        #expect(await first.reduce(into: []) { $0.append($1) } == expected)
        #expect(await second.reduce(into: []) { $0.append($1) } == expected)
    }

    @Test("a waiter that is cancelled leaves at once; the refresh goes on for the others and is kept")
    func cancelledWaiter() async throws {
        let clock = FakeClock()
        let latch = Latch()
        let token = clock.token()
        let source = ScriptedTokenSource(deliveries: [
            { _ in
                try await latch.wait()
                return IssuedToken(token)
            }
        ])
        let manager = TokenManager(source: source, clock: clock)
        let impatient = Task { try await manager.currentToken() }
        await latch.untilWaiting()
        impatient.cancel()
        await #expect(throws: CancellationError.self) { try await impatient.value }
        #expect(manager.currentState == .initializing)
        async let patient = manager.currentToken()
        latch.open()
        #expect(try await patient == token)
        #expect(source.requests.count == 1)
        let late = Task { () -> String in
            while !Task.isCancelled { await Task.yield() }
            return try await manager.currentToken()
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test("a source that does not answer is given up, even where it ignores its cancellation")
    func sourceHangs() async throws {
        let clock = FakeClock()
        let latch = Latch()
        let manager = TokenManager(
            source: .closure { _ in
                try await Task { try await latch.wait() }.value
                return ""
            }, clock: clock)
        async let result = failure { try await manager.currentToken() }
        await latch.untilWaiting()
        await clock.untilSomebodySleeps(for: .seconds(30))
        clock.advance(by: .seconds(30))
        let error = try await result
        #expect(error.code == .timeout)
        #expect(manager.currentState == .failed(reason: nil, message: error.message))
        latch.open()
    }

    @Test("what a source throws is the cause of a typed error, in one line")
    func sourceThrows() async throws {
        struct Trouble: Error, CustomStringConvertible { let description = "first line\nsecond line" }
        let manager = TokenManager(source: .closure { _ in throw Trouble() }, clock: FakeClock())
        let error = try await failure { try await manager.currentToken() }
        #expect(error.code == .tokenSource)
        #expect(error.message.contains("first line"))
        #expect(!error.message.contains("second line"))
        #expect(error.cause is Trouble)
    }

    @Test("a source learns the server's time, and the skew can be read")
    func serverTime() async throws {
        let clock = FakeClock()
        let manager = TokenManager(
            source: .closure { request in SampleTokens.token(issuedAt: request.serverTime) }, clock: clock)
        #expect(manager.clockSkew == nil)
        manager.observe(serverDate: clock.now() - .seconds(120))
        _ = try await manager.currentToken()
        #expect(manager.clockSkew == .seconds(-119.5))
    }

    @Test("a token that was refused is replaced, by its bytes and no others")
    func invalidation() async throws {
        let clock = FakeClock()
        let source = ScriptedTokenSource(clock.token("a"), clock.token("b"))
        let manager = TokenManager(source: source, clock: clock)
        let token = try await manager.currentToken()
        manager.invalidate("something else", because: .tokenExpired)
        #expect(try await manager.currentToken() == token)
        manager.invalidate(token, because: .tokenRevoked)
        #expect(keyID(of: try await manager.currentToken()) == "b")
        try await manager.refreshAllData()
        #expect(source.requests.count == 3)
    }

    @Test("two managers that share a lock file ask one after another")
    func lockFile() async throws {
        try await withTemporaryDirectory { directory in
            let clock = FakeClock()
            let latch = Latch()
            let configuration = TokenManagerConfiguration(lockFile: "\(directory)/lock")
            let token = clock.token()
            let slow = TokenManager(
                source: .closure { _ in
                    try await latch.wait()
                    return token
                }, configuration: configuration, clock: clock)
            let other = ScriptedTokenSource(token)
            let second = TokenManager(source: other, configuration: configuration, clock: clock)
            async let first = slow.currentToken()
            await latch.untilWaiting()
            async let later = second.currentToken()
            await clock.untilSomebodySleeps(for: .milliseconds(50))
            #expect(other.requests.isEmpty)
            latch.open()
            _ = try await first
            clock.advance(by: .milliseconds(50))
            _ = try await later
            #expect(other.requests.count == 1)
        }
    }

    @Test("a lock file that cannot be made is named")
    func lockFileFails() async throws {
        let manager = TokenManager(
            source: .fixed("x"), configuration: TokenManagerConfiguration(lockFile: "/nowhere/at/all/lock"))
        let error = try await failure { try await manager.currentToken() }
        #expect(error.code == .tokenSource)
        #expect(error.message.contains("/nowhere/at/all/lock"))
    }
}
