import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

@Suite("The keys of a remote issuer")
struct RemoteKeyRingTests {
    private let idp = FakeIssuer()

    private func refusal(_ result: Result<Principal, Rejection>) -> Rejection? {
        if case .failure(let rejection) = result { rejection } else { nil }
    }

    private func reason(_ result: Result<Principal, Rejection>) -> Reason? { refusal(result)?.reason }

    @Test("the first token waits for them, and no later one")
    func first() async throws {
        let verifier = idp.verifier()
        let early = refusal(verifier.verify(try idp.token()))
        #expect(early?.reason == .issuerUnavailable)
        #expect(early?.detail.contains("have not been fetched yet") == true, "\(early?.detail ?? "")")
        for _ in 0..<10 { #expect(reason(await verifier.authenticate(try idp.token())) == nil) }
        #expect(reason(verifier.verify(try idp.token())) == nil)
        #expect(idp.count() == 1 && idp.count(FakeIssuer.description) == 1)
    }

    @Test("however many tokens come first, they are fetched once")
    func singleFlight() async throws {
        let verifier = idp.verifier()
        let latch = Latch()
        idp.change { $0.latch = latch }
        try await withThrowingTaskGroup(of: Reason?.self) { group in
            for _ in 0..<100 {
                let token = try idp.token()
                group.addTask { reason(await verifier.authenticate(token)) }
            }
            await latch.untilWaiting()
            latch.open()
            for try await reason in group { #expect(reason == nil) }
        }
        #expect(idp.count() == 1)
    }

    @Test("a rotation refuses nobody: the new key is fetched at once, and once")
    func rotation() async throws {
        let verifier = idp.verifier()
        let old = idp.keys[0]
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        idp.publish(old, idp.key("key-2"))
        try await withThrowingTaskGroup(of: Reason?.self) { group in
            for number in 0..<100 {
                let token = try idp.token(number.isMultiple(of: 2) ? old : nil)
                group.addTask { reason(await verifier.authenticate(token)) }
            }
            for try await reason in group { #expect(reason == nil) }
        }
        #expect(idp.count() == 2)
    }

    @Test("another key under the old name is found, too")
    func sameName() async throws {
        let verifier = idp.verifier()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        idp.publish(idp.key("key-1"))
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        #expect(idp.count() == 2)
    }

    @Test("a rotation within the cool-down refuses nobody either: its tokens wait for the end of it")
    func rotationInCoolDown() async throws {
        let verifier = idp.verifier()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        #expect(reason(await verifier.authenticate(try idp.token(kid: "made up"))) == .keyUnknown)
        #expect(idp.count() == 2)
        idp.clock.advance(by: .seconds(4))
        idp.publish(idp.key("key-2"))
        let token = try idp.token()
        async let late = verifier.authenticate(token)
        await idp.clock.untilSomebodySleeps(for: .seconds(6))
        #expect(idp.count() == 2)
        idp.clock.advance(by: .seconds(6))
        #expect(reason(await late) == nil)
        #expect(idp.count() == 3)
    }

    @Test(
        "a rotation while a fetch is under way refuses nobody: the token that came too late for it waits for the next")
    func rotationInFlight() async throws {
        let verifier = idp.verifier()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        let latch = Latch()
        idp.change { $0.latch = latch }
        let madeUp = try idp.token(kid: "made up")
        async let first = verifier.authenticate(madeUp)
        await latch.untilWaiting()
        idp.publish(idp.key("key-2"))
        let token = try idp.token()
        async let late = verifier.authenticate(token)
        await Task.yield()
        latch.open()
        #expect(reason(await first) == .keyUnknown)
        await idp.clock.untilSomebodySleeps(for: .seconds(10))
        idp.clock.advance(by: .seconds(10))
        #expect(reason(await late) == nil)
        #expect(idp.count() == 3)
    }

    @Test(
        "a made-up kid in every request causes one fetch per cool-down; past 1,024 that wait, they are refused at once")
    func flood() async throws {
        let verifier = idp.verifier()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        #expect(reason(await verifier.authenticate(try idp.token(kid: "made up"))) == .keyUnknown)
        for round in 0..<3 {
            #expect(idp.count() == 2 + round)
            try await withThrowingTaskGroup(of: Reason?.self) { group in
                for number in 0..<1200 {
                    let token = try idp.token(kid: "made up \(round) \(number)")
                    group.addTask { reason(await verifier.authenticate(token)) }
                }
                for _ in 0..<(1200 - RemoteKeys.maximumPending) {
                    #expect(try await group.next() == .some(.keyUnknown))
                }
                #expect(idp.count() == 2 + round)
                await idp.clock.untilSomebodySleeps(for: .seconds(10))
                idp.clock.advance(by: .seconds(10))
                for try await reason in group { #expect(reason == .keyUnknown) }
            }
        }
        #expect(idp.count() == 5)
        #expect(reason(await verifier.authenticate(try idp.token())) == nil, "and nobody else is disturbed")
    }

    @Test("the same made-up kid is not asked for again within thirty seconds, nor a signature that does not fit")
    func negative() async throws {
        let verifier = idp.verifier()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        let forger = idp.key("key-1")
        for _ in 0..<3 {
            #expect(reason(await verifier.authenticate(try idp.token(kid: "made up"))) == .keyUnknown)
            #expect(reason(await verifier.authenticate(try idp.token(forger, kid: "made up"))) == .keyUnknown)
            idp.clock.advance(by: .seconds(9.9))
        }
        #expect(idp.count() == 2)
        for _ in 0..<3 {
            #expect(reason(await verifier.authenticate(try idp.token(forger))) == .signatureInvalid)
            idp.clock.advance(by: .seconds(9))
        }
        #expect(idp.count() == 3)
        idp.clock.advance(by: .seconds(4))
        #expect(reason(await verifier.authenticate(try idp.token(kid: "made up"))) == .keyUnknown)
        #expect(idp.count() == 4)
    }

    @Test("what a fetch cannot mend causes none")
    func hopeless() async throws {
        let verifier = idp.verifier(algorithms: [.es256])
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        let other = RingKey.generate(.edDSA, kid: "key-2", createdAt: idp.clock.now())
        #expect(reason(await verifier.authenticate(try idp.token(other))) == .algorithmNotAllowed)
        let token = try TokenMinter.sign(["iss": "https://else.test", "sub": "eve"], with: idp.key("key-3"))
        #expect(reason(await verifier.authenticate(token)) == .issuerUnknown)
        #expect(reason(await verifier.authenticate("not a token")) == .tokenMalformed)
        #expect(idp.count() == 1)
    }

    @Test("a key that is published no more is named as retired, and verifies nothing")
    func withdrawn() async throws {
        let verifier = idp.verifier()
        let old = idp.keys[0]
        let token = try idp.token(old)
        #expect(reason(await verifier.authenticate(token)) == nil)
        idp.publish(idp.key("key-2"))
        let before = idp.clock.now()
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        for token in [token, try idp.token(old)] {
            let refused = refusal(await verifier.authenticate(token))
            #expect(refused?.reason == .keyRetired)
            let detail = refused?.detail ?? ""
            #expect(detail.contains("\"key-1\" (\(old.fingerprint))") && detail.contains("\(before)"), "\(detail)")
            #expect(detail.contains("\"idp\" publishes \"key-2\" now"), "\(detail)")
        }
        #expect(idp.count() == 2)
        idp.clock.advance(by: .seconds(10))
        #expect(reason(await verifier.authenticate(try idp.token(idp.key("key-1")))) == .signatureInvalid)
    }

    @Test("a key that is published again verifies again")
    func returned() async throws {
        let verifier = idp.verifier()
        let old = idp.keys[0]
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        idp.publish(idp.key("key-2"))
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        idp.clock.advance(by: .seconds(11))
        idp.publish(old, idp.key("key-3"))
        #expect(reason(await verifier.authenticate(try idp.token())) == nil)
        #expect(reason(await verifier.authenticate(try idp.token(old))) == nil)
    }

    @Test("no more than 32 withdrawn keys are remembered, the latest")
    func memory() throws {
        var ring = KeyRing()
        let keys = (0..<100).map { idp.key("key-\($0)") }
        for key in keys {
            var published = KeyRing()
            published.keys = [key]
            ring = ring.replaced(by: published, at: idp.clock.now())
        }
        #expect(ring.keys.map(\.kid) == [99].map { "key-\($0)" } + (67..<99).map { "key-\($0)" })
        var full = KeyRing()
        full.keys = (0..<KeyRing.maximumKeys).map { idp.key("other-\($0)") }
        #expect(ring.replaced(by: full, at: idp.clock.now()).keys.count == KeyRing.maximumKeys)
    }

    @Test("what is fetched again and is the same leaves every verified token in the cache")
    func unchanged() async throws {
        let ring = idp.ring()
        let verifier = idp.verifier(ring)
        let token = try idp.token()
        #expect(reason(await verifier.authenticate(token)) == nil)
        let generation = ring.snapshot().generation
        for round in 2..<5 {
            idp.clock.advance(by: .seconds(601))
            #expect(reason(await verifier.authenticate(token)) == nil)
            #expect(idp.count() == round && ring.snapshot().generation == generation)
        }
    }
}
