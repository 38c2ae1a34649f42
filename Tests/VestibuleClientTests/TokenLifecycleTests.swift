import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// The machine without I/O: events in, actions out.
@Suite("Token lifecycle")
struct TokenLifecycleTests {
    static let start = NumericDate(1_700_000_000)

    /// A machine with a clock beside it, and what it did in words.
    struct Table {
        var machine: TokenLifecycle
        var now = TokenLifecycleTests.start

        init(_ configuration: TokenManagerConfiguration = TokenManagerConfiguration(), canRefresh: Bool = true) {
            machine = TokenLifecycle(configuration: configuration, sourceCanRefresh: canRefresh)
        }

        mutating func handle(_ event: TokenLifecycle.Event) -> [String] {
            machine.handle(event, at: now).map(Self.words)
        }

        static func words(_ action: TokenLifecycle.Action) -> String {
            switch action {
            case .ask(let request, let flight):
                switch request.occasion {
                case .start: "ask \(flight) start"
                case .renewal: "ask \(flight) renewal"
                case .refusal(let rejection): "ask \(flight) refusal \(rejection.reason.rawValue)"
                case .widerScope: "ask \(flight) scope \(request.scope.joined(separator: " "))"
                }
            case .endFlight(let flight): "end \(flight)"
            case .resume(let waiters, .success(let token)): "resume \(waiters) with \(token.keyID ?? "none")"
            case .resume(let waiters, .failure(let error)):
                "fail \(waiters) \(error.code) \(error.reason?.rawValue ?? "-")"
            case .announce(let state): "state \(state)"
            }
        }

        func token(
            _ keyID: String? = "k1", age: Double = 0, lifetime: Duration? = .seconds(300), notBefore: Double? = nil
        ) -> IssuedToken {
            let issuedAt = NumericDate(now.seconds - age)
            return IssuedToken(
                SampleTokens.token(
                    keyID: keyID, issuedAt: issuedAt, lifetime: lifetime,
                    notBefore: notBefore.map { NumericDate(now.seconds + $0) }))
        }

        /// Refuses a token that the machine holds or held.
        mutating func refuse(_ token: IssuedToken, _ reason: Reason) throws {
            let refused = try AccessToken(token, receivedAt: now)
            #expect(handle(.refused(refused, Rejection(reason, "said the server"))).isEmpty)
        }

        /// Takes a token for an operation.
        mutating func accept(_ token: IssuedToken) throws {
            let accepted = try AccessToken(token, receivedAt: now)
            #expect(handle(.accepted(accepted)).isEmpty)
        }
    }

    @Test("however many wait, the source is asked once, and all get the token")
    func singleFlight() {
        var table = Table()
        #expect(table.handle(.wanted(by: 1)) == ["state initializing", "ask 1 start"])
        for waiter in 2...50 as ClosedRange<UInt64> { #expect(table.handle(.wanted(by: waiter)).isEmpty) }
        #expect(
            table.handle(.delivered(table.token(), 1)) == [
                "state ready", "resume \(Array(1...50)) with k1", "end 1",
            ])
        #expect(table.handle(.wanted(by: 51)) == ["resume [51] with k1"])
    }

    @Test("a token is used until its margin, and renewed then")
    func margin() {
        for (lifetime, lastFresh) in [(300.0, 269.0), (100, 89), (10_000, 299)] {
            var table = Table()
            _ = table.handle(.wanted(by: 1))
            _ = table.handle(.delivered(table.token(lifetime: .seconds(lifetime)), 1))
            table.now = Self.start + .seconds(lastFresh)
            #expect(table.handle(.wanted(by: 2)) == ["resume [2] with k1"])
            table.now = Self.start + .seconds(lastFresh + 2)
            #expect(table.handle(.wanted(by: 3)) == ["state refreshing", "ask 2 renewal"])
        }
    }

    @Test("a token is too old by its iat, or by its arrival where it has none; an opaque one never is")
    func age() {
        var table = Table()
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(table.token(age: 200, lifetime: .seconds(9000)), 1))
        table.now = Self.start + .seconds(99)
        #expect(table.handle(.wanted(by: 2)) == ["resume [2] with k1"])
        table.now = Self.start + .seconds(101)
        #expect(table.handle(.wanted(by: 3)).last == "ask 2 renewal")

        let bare = IssuedToken(SampleTokens.token(issuedAt: nil))
        _ = table.handle(.delivered(bare, 2))
        table.now = table.now + .seconds(299)
        #expect(table.handle(.wanted(by: 4)) == ["resume [4] with k1"])
        table.now = table.now + .seconds(2)
        #expect(table.handle(.wanted(by: 5)).last == "ask 3 renewal")

        _ = table.handle(.delivered(IssuedToken("opaque", expiresIn: .seconds(3600)), 3))
        table.now = table.now + .seconds(3500)
        #expect(table.handle(.wanted(by: 6)) == ["resume [6] with none"])
        table.now = table.now + .seconds(80)
        #expect(table.handle(.wanted(by: 7)).last == "ask 4 renewal")
    }

    @Test("the server's clock, once known, judges exp, age and nbf")
    func serverClock() {
        var table = Table()
        _ = table.handle(.dated(Self.start + .seconds(400)))
        #expect(table.machine.serverOffset == 400.5)
        _ = table.handle(.wanted(by: 1))
        // Expired by the server's clock, though not by ours.
        #expect(table.handle(.delivered(table.token(), 1)) == ["ask 1 renewal"])
        #expect(
            table.handle(.delivered(table.token(age: -400), 1)) == ["state ready", "resume [1] with k1", "end 1"])
        _ = table.handle(.dated(Self.start - .seconds(400)))
        #expect(table.handle(.wanted(by: 2)) == ["state refreshing", "ask 2 renewal"])
    }

    @Test("a difference that the whole seconds of a Date header explain is none", arguments: [0.0, -1.4, 0.6])
    func dateResolution(difference: Double) {
        var table = Table()
        _ = table.handle(.dated(Self.start + .seconds(difference)))
        #expect(table.machine.serverOffset == 0)
    }

    @Test("a token that comes stale is never handed out: one more try, then an error with the reason")
    func staleOnArrival() {
        let cases: [(age: Double, lifetime: Double, notBefore: Double?, reason: String)] = [
            (400, 300, nil, "token_expired"), (301, 9000, nil, "token_too_old"), (0, 300, 60, "clock_skew"),
            (0, 9000, 7200, "token_not_yet_valid"), (-60, 300, nil, "clock_skew"),
        ]
        for (age, lifetime, notBefore, reason) in cases {
            var table = Table()
            let stale = table.token(age: age, lifetime: .seconds(lifetime), notBefore: notBefore)
            _ = table.handle(.wanted(by: 1))
            #expect(table.handle(.delivered(stale, 1)) == ["ask 1 renewal"])
            #expect(
                table.handle(.delivered(stale, 1)) == ["state failed", "fail [1] staleToken \(reason)", "end 1"])

            var repeating = Table(canRefresh: false)
            _ = repeating.handle(.wanted(by: 1))
            #expect(
                repeating.handle(.delivered(stale, 1)) == ["state failed", "fail [1] staleToken \(reason)", "end 1"])
        }
    }

    @Test("a key counts as refused after two of its tokens were; the server's reason is told")
    func refusedKey() throws {
        for reason in [Reason.keyRetired, .keyUnknown, .signatureInvalid] {
            var table = Table()
            let first = table.token("old")
            _ = table.handle(.wanted(by: 1))
            _ = table.handle(.delivered(first, 1))
            try table.refuse(first, reason)
            #expect(table.handle(.wanted(by: 2)) == ["state refreshing", "ask 2 refusal \(reason.rawValue)"])
            // The secret may have changed under its kid: one more is tried.
            let second = table.token("old")
            #expect(table.handle(.delivered(second, 2)).contains("resume [2] with old"))
            try table.refuse(second, reason)
            #expect(table.handle(.wanted(by: 3)).last == "ask 3 refusal \(reason.rawValue)")
            #expect(
                table.handle(.delivered(table.token("old"), 3)) == [
                    "state failed", "fail [3] unauthorized \(reason.rawValue)", "end 3",
                ])
            // No loop, but no end either: the next caller makes one more attempt, and a good key heals.
            #expect(table.handle(.wanted(by: 4)).last == "ask 4 refusal \(reason.rawValue)")
            #expect(table.handle(.delivered(table.token("new"), 4)).contains("resume [4] with new"))
        }
    }

    @Test("a token that was taken clears its kid: a secret may change under one name as often as it likes")
    func acceptedKey() throws {
        var table = Table()
        for round in 1...3 {
            let token = table.token("same")
            let waiter = UInt64(round)
            _ = table.handle(.wanted(by: waiter))
            #expect(table.handle(.delivered(token, waiter)).contains("resume [\(waiter)] with same"))
            try table.accept(token)
            try table.refuse(token, .keyRetired)
        }
    }

    @Test("a token that is older than the refused one of its key is not tried")
    func olderTokenOfRefusedKey() throws {
        var table = Table()
        let older = table.token("old")
        table.now = table.now + .seconds(10)
        let first = table.token("old")
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(first, 1))
        try table.refuse(first, .keyRetired)
        _ = table.handle(.wanted(by: 2))
        #expect(table.handle(.delivered(older, 2)).contains("fail [2] unauthorized key_retired"))
    }

    @Test("a token refused for itself does not spoil its key; the same token again does not pass")
    func refusedToken() throws {
        var table = Table()
        let first = table.token("k")
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(first, 1))
        try table.refuse(first, .tokenRevoked)
        _ = table.handle(.wanted(by: 2))
        #expect(table.handle(.delivered(first, 2))[1] == "fail [2] unauthorized token_revoked")
        _ = table.handle(.wanted(by: 3))
        #expect(table.handle(.delivered(table.token("k"), 3)).contains("resume [3] with k"))
    }

    @Test("a refused key is tried again after its memory, and at once where no kid is trusted")
    func keyMemory() throws {
        for (memory, wait) in [(60.0, 61.0), (0, 0)] {
            var table = Table(TokenManagerConfiguration(refusedKeyMemory: .seconds(memory)))
            let first = table.token("k")
            _ = table.handle(.wanted(by: 1))
            _ = table.handle(.delivered(first, 1))
            try table.refuse(first, .keyUnknown)
            try table.refuse(table.token("k"), .keyUnknown)
            table.now = table.now + .seconds(wait)
            _ = table.handle(.wanted(by: 2))
            #expect(table.handle(.delivered(table.token("k"), 2)).contains("resume [2] with k"))
        }
    }

    @Test("a refusal that comes while the source is signing with that key gets one more try")
    func refusalDuringFlight() throws {
        var table = Table()
        let first = table.token("old")
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(first, 1))
        _ = table.handle(.renewalWanted(by: 2))
        try table.refuse(first, .keyRetired)
        #expect(table.handle(.delivered(table.token("old", age: 1), 2)) == ["ask 2 refusal key_retired"])
        #expect(table.handle(.delivered(table.token("new"), 2)).contains("resume [2] with new"))
    }

    @Test("only the very token that was refused is given up")
    func olderTokenRefused() throws {
        var table = Table()
        let first = table.token("a")
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(first, 1))
        _ = table.handle(.renewalWanted(by: 2))
        _ = table.handle(.delivered(table.token("b"), 2))
        try table.refuse(first, .keyRetired)
        #expect(table.handle(.wanted(by: 3)) == ["resume [3] with b"])
    }

    @Test("a waiter that leaves disturbs nobody, and the token of a flight that all left is kept")
    func leaving() {
        var table = Table()
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.wanted(by: 2))
        #expect(table.handle(.left(1)).isEmpty)
        #expect(table.handle(.left(2)).isEmpty)
        #expect(table.handle(.delivered(table.token(), 1)) == ["state ready", "resume [] with k1", "end 1"])
        #expect(table.handle(.wanted(by: 3)) == ["resume [3] with k1"])
    }

    @Test("a source that fails is told from a token that is stale, and the next caller asks again")
    func sourceFails() {
        var table = Table()
        _ = table.handle(.wanted(by: 1))
        #expect(
            table.handle(.sourceFailed(MCPClientError(.tokenSource, "no"), 1)) == [
                "state failed", "fail [1] tokenSource -", "end 1",
            ])
        #expect(table.handle(.sourceFailed(MCPClientError(.timeout, "late"), 1)).isEmpty)
        #expect(table.handle(.delivered(table.token(), 1)).isEmpty)
        #expect(table.handle(.wanted(by: 2)) == ["state refreshing", "ask 2 renewal"])
    }

    @Test("a renewal that fails leaves a token that is still fresh in use")
    func failedRenewal() {
        var table = Table()
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(table.token(), 1))
        _ = table.handle(.renewalWanted(by: 2))
        #expect(table.handle(.wanted(by: 3)) == ["resume [3] with k1"])
        #expect(
            table.handle(.sourceFailed(MCPClientError(.tokenSource, "no"), 2)) == [
                "state ready", "fail [2] tokenSource -", "end 2",
            ])
        #expect(table.handle(.wanted(by: 4)) == ["resume [4] with k1"])
    }

    @Test("a step-up asks for all scope so far, overtakes a narrower flight, and serves those who come later")
    func stepUp() throws {
        var table = Table()
        let narrow = table.token("narrow")
        let old = try AccessToken(narrow, receivedAt: table.now)
        _ = table.handle(.wanted(by: 1))
        _ = table.handle(.delivered(narrow, 1))
        _ = table.handle(.renewalWanted(by: 2))
        #expect(
            table.handle(.widerScopeWanted(by: 3, scope: ["a"], insteadOf: old.digest)) == ["end 2", "ask 3 scope a"])
        #expect(table.handle(.delivered(table.token("late"), 2)).isEmpty)
        #expect(table.handle(.delivered(table.token("wide"), 3)).contains("resume [3, 2] with wide"))
        // Another call that was refused with the narrow token takes the wide one.
        #expect(
            table.handle(.widerScopeWanted(by: 4, scope: ["a"], insteadOf: old.digest)) == ["resume [4] with wide"])
        #expect(table.handle(.widerScopeWanted(by: 5, scope: ["b"], insteadOf: old.digest)).last == "ask 4 scope a b")
    }

    @Test("closing fails who waits and forgets the token; nothing happens after it")
    func closing() {
        var table = Table()
        _ = table.handle(.wanted(by: 1))
        #expect(table.handle(.closed) == ["state closed", "fail [1] closed -", "end 1"])
        #expect(table.handle(.closed).isEmpty)
        #expect(table.handle(.delivered(table.token(), 1)).isEmpty)
        #expect(table.handle(.wanted(by: 2)) == ["fail [2] closed -"])
        #expect(table.handle(.renewalWanted(by: 3)) == ["fail [3] closed -"])
        #expect(table.machine.state == .closed)
    }

    @Test("no order of events makes the source be asked more than twice for one flight, or anybody wait for ever")
    func randomWalks() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var table = Table(canRefresh: Bool.random(using: &generator))
            var waiting: Set<UInt64> = []
            var asked: [UInt64: Int] = [:]
            var open: UInt64?
            var last: IssuedToken?
            func settle(_ actions: [TokenLifecycle.Action]) {
                for action in actions {
                    switch action {
                    case .ask(_, let flight):
                        asked[flight, default: 0] += 1
                        open = flight
                    case .endFlight: open = nil
                    case .resume(let waiters, _): waiting.subtract(waiters)
                    case .announce: break
                    }
                }
            }
            for waiter in 1...40 as ClosedRange<UInt64> {
                table.now = table.now + .seconds(Int.random(in: 0...200, using: &generator))
                let event: TokenLifecycle.Event
                switch Int.random(in: 0...6, using: &generator) {
                case 0...2:
                    waiting.insert(waiter)
                    event = .wanted(by: waiter)
                case 3:
                    last = table.token(["a", "b"].randomElement(), age: Double(Int.random(in: -9...400)))
                    event = .delivered(last ?? IssuedToken(""), open ?? 0)
                case 4: event = .delivered(IssuedToken("undefined"), open ?? 0)
                case 5:
                    guard let last, let token = try? AccessToken(last, receivedAt: table.now) else { continue }
                    event = .refused(token, Rejection(.keyRetired, ""))
                default: event = .dated(table.now + .seconds(Int.random(in: -500...500, using: &generator)))
                }
                settle(table.machine.handle(event, at: table.now))
                #expect(waiting.isEmpty || open != nil, "somebody waits and nobody was asked")
            }
            settle(table.machine.handle(.closed, at: table.now))
            #expect(waiting.isEmpty)
            #expect(asked.values.allSatisfy { $0 <= 2 })
        }
    }
}
