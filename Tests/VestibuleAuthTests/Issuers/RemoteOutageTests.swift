import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

@Suite("A remote issuer that does not answer, and one that is asked in time")
struct RemoteOutageTests {
    private let idp = FakeIssuer()

    private func refusal(_ result: Result<Principal, Rejection>) -> Rejection? {
        if case .failure(let rejection) = result { rejection } else { nil }
    }

    @Test("without keys the refusal says so and when to try again, and nobody is asked for each request")
    func nothingAtHand() async throws {
        let ring = idp.ring()
        let verifier = idp.verifier(ring)
        idp.change { $0.failure = IssuerFailure("no connection to idp.test: it was refused") }
        let start = idp.clock.now()
        for _ in 0..<20 {
            let refused = refusal(await verifier.authenticate(try idp.token()))
            #expect(refused?.reason == .issuerUnavailable && refused?.retryAfter == .seconds(4))
            #expect(
                refused?.detail
                    == "no key of \"idp\" is at hand: they could not be fetched at \(start), and the server's log says why; "
                    + "try again in 4 s")
        }
        #expect(idp.count(FakeIssuer.description) == 1)
        #expect(ring.status.hasKeys == false && ring.status.failedAt == start && ring.status.fetchedAt == nil)
        idp.clock.advance(by: .seconds(4))
        idp.change { $0.failure = nil }
        #expect(refusal(await verifier.authenticate(try idp.token())) == nil)
        #expect(ring.status.hasKeys && ring.status.failure == nil && ring.status.fetchedAt == idp.clock.now())
    }

    @Test("keys at hand serve for a day after their time, then no longer")
    func staleIfError() async throws {
        let ring = idp.ring()
        let verifier = idp.verifier(ring)
        let token = try idp.token()
        #expect(refusal(await verifier.authenticate(token)) == nil)
        idp.change { $0.failure = IssuerFailure("gone") }
        for _ in 0..<14 {
            idp.clock.advance(by: .seconds(6000))
            #expect(refusal(await verifier.authenticate(token)) == nil)
            #expect(refusal(await verifier.authenticate(try idp.token())) == nil)
        }
        #expect(ring.status.hasKeys && ring.status.failure == IssuerFailure("gone"))
        #expect(refusal(await verifier.authenticate(try idp.token(kid: "made up")))?.reason == .keyUnknown)
        idp.clock.advance(by: .seconds(6000))
        let refused = refusal(await verifier.authenticate(token))
        #expect(refused?.reason == .issuerUnavailable && refused?.detail.contains("gone") == false)
        #expect(refusal(verifier.verify(token))?.reason == .issuerUnavailable, "and no cache knows better")
        #expect(ring.status.hasKeys == false)
    }

    @Test("while they are kept fresh, they are there before the first request, and no request ever waits")
    func keptFresh() async throws {
        let ring = idp.ring()
        let verifier = idp.verifier(ring)
        idp.change { $0.cacheControl = "max-age=100" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ring.keepFresh() }
            for round in 1...10 {
                await idp.clock.untilSomebodySleeps(for: .seconds(75))
                #expect(idp.count() == round)
                let token = try idp.token()
                #expect(refusal(verifier.verify(token)) == nil)
                idp.clock.advance(by: .seconds(75))
            }
            await idp.clock.untilSomebodySleeps(for: .seconds(75))
            // In an outage it asks less and less often, and the keys stay.
            idp.change { $0.failure = IssuerFailure("gone") }
            idp.clock.advance(by: .seconds(75))
            for wait in [3.75, 7.5, 15, 22.5, 22.5] {
                await idp.clock.untilSomebodySleeps(for: .seconds(wait))
                let token = try idp.token()
                #expect(refusal(verifier.verify(token)) == nil)
                idp.clock.advance(by: .seconds(wait))
            }
            await idp.clock.untilSomebodySleeps(for: .seconds(22.5))
            idp.change { $0.failure = nil }
            idp.clock.advance(by: .seconds(22.5))
            await idp.clock.untilSomebodySleeps(for: .seconds(75))
            group.cancelAll()
        }
        let news = idp.news.map { news in
            switch news {
            case .changed: "changed"
            case .failed: "failed"
            case .recovered: "recovered"
            }
        }
        #expect(news == ["changed", "failed", "recovered"], "told once for each, not with every try")
    }

    @Test("at most 2,048 kids that the issuer does not have are remembered")
    func bounded() {
        var keys = RemoteKeys()
        let now = idp.clock.now()
        var ring = KeyRing()
        ring.keys = [idp.key("key-1")]
        _ = keys.store(ring, maximumAge: nil, at: now, chance: 0.5)
        for round in 0..<5 {
            let date = now + .seconds(Double(round))
            let questions = (0..<RemoteKeys.maximumPending).map { KeyQuestion(kid: "\(round) \($0)") }
            #expect(questions.map { keys.ask($0, beyond: 1, at: date) }.allSatisfy { $0 != .refuse })
            let more = keys.ask(KeyQuestion(kid: "one more"), beyond: 1, at: date)
            #expect(more == .refuse)
            keys.begin(at: date)
            let isChanged = keys.store(ring, maximumAge: nil, at: date, chance: 0.5)
            #expect(!isChanged && questions.map { keys.ask($0, beyond: 1, at: date) }.allSatisfy { $0 == .refuse })
            #expect(keys.absentCount <= RemoteKeys.maximumAbsent)
        }
    }
}
