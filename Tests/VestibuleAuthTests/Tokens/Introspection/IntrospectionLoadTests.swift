import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("How often an issuer is asked about tokens")
struct IntrospectionLoadTests {
    let clock = TestClock()
    let asked = AskedIssuer()

    private func verifier() -> TokenVerifier {
        let issuer = TrustedIssuer(
            name: "idp", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(KeyRing()),
            introspection: asked.introspection(clock: clock))
        return TokenVerifier(issuers: [issuer], clock: clock)
    }

    private func reason(_ verifier: TokenVerifier, _ token: String) async -> Reason? {
        if case .failure(let rejection) = await verifier.authenticate(token) { rejection.reason } else { nil }
    }

    @Test("however many requests bring one token at a time, the issuer is asked once")
    func singleFlight() async {
        asked.answer(IntrospectionTests.good)
        asked.hold()
        let verifier = verifier()
        await withTaskGroup(of: Reason?.self) { group in
            for _ in 0..<50 { group.addTask { await reason(verifier, "one") } }
            await asked.waitForHeld(1)
            asked.release()
            for await reason in group { #expect(reason == nil) }
        }
        #expect(asked.questions == ["one"])
    }

    @Test("a request that ends before the answer leaves the others their answer, and nothing behind")
    func cancelled() async {
        asked.answer(IntrospectionTests.good)
        asked.hold()
        let verifier = verifier()
        let first = Task { await reason(verifier, "one") }
        await asked.waitForHeld(1)
        let second = Task { await reason(verifier, "one") }
        first.cancel()
        #expect(await first.value == .issuerUnavailable)
        asked.release()
        #expect(await second.value == nil)
        #expect(await reason(verifier, "one") == nil)
    }

    @Test("about 32 unknown tokens at a time, and the tokens that it knows are not kept waiting for them")
    func bound() async {
        asked.answer(IntrospectionTests.good)
        let verifier = verifier()
        #expect(await reason(verifier, "known") == nil)
        clock.advance(31)
        asked.hold()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<32 {
                group.addTask { #expect(await reason(verifier, "made-up-\(index)") == nil) }
            }
            await asked.waitForHeld(32)
            #expect(await reason(verifier, "made-up-32") == .issuerUnavailable)
            group.addTask { #expect(await reason(verifier, "known") == nil) }
            await asked.waitForHeld(33)
            asked.release()
        }
        #expect(asked.questions.count == 34)
        #expect(await reason(verifier, "made-up-32") == nil, "there is room again")
    }

    @Test("after three failures in a row there are pauses, each longer, and one question to end them")
    func outage() async {
        asked.answer(IntrospectionTests.good)
        let verifier = verifier()
        #expect(await reason(verifier, "good") == nil)
        asked.answer { _ in throw IssuerFailure("https://issuer.test does not answer") }
        for index in 0..<3 { #expect(await reason(verifier, "a\(index)") == .issuerUnavailable) }
        #expect(await reason(verifier, "a3") == .issuerUnavailable)
        #expect(asked.questions.count == 4, "the fourth token met a pause")
        #expect(await reason(verifier, "good") == nil, "an answer that still counts serves on")
        for pause in [1.0, 2, 4, 8, 15, 30, 30] {
            let before = asked.questions.count
            clock.advance(pause - 0.5)
            #expect(await reason(verifier, "b") == .issuerUnavailable)
            #expect(asked.questions.count == before)
            clock.advance(0.5)
            asked.hold()
            async let probe = reason(verifier, "c")
            await asked.waitForHeld(1)
            #expect(await reason(verifier, "d") == .issuerUnavailable)
            asked.release()
            #expect(await probe == .issuerUnavailable)
            #expect(asked.questions.count == before + 1)
        }
        #expect(asked.news == [.failed("https://issuer.test does not answer")])
        clock.advance(30)
        var later = IntrospectionTests.good
        later["exp"] = 1_900_000_000
        asked.answer(later)
        for token in ["e", "f", "g"] { #expect(await reason(verifier, token) == nil) }
        #expect(asked.news.last == .recovered && asked.news.count == 2)
    }

    @Test("a token on which the issuer chokes is not everybody's outage")
    func poison() async {
        asked.answer { token in
            token.hasPrefix("poison")
                ? IntrospectionReply(status: 500, body: []) : AskedIssuer.reply(IntrospectionTests.good)
        }
        let verifier = verifier()
        for index in 0..<20 { #expect(await reason(verifier, "poison\(index)") == .issuerUnavailable) }
        #expect(await reason(verifier, "good") == nil)
        #expect(await reason(verifier, "poison0") == .issuerUnavailable)
        #expect(asked.questions.count == 21, "and is not asked about again for five seconds")
    }

    @Test("a flood of made-up tokens does not push out what is known of good ones")
    func flood() async {
        asked.answer { token in
            AskedIssuer.reply(token.hasPrefix("good") ? IntrospectionTests.good : ["active": false])
        }
        let verifier = verifier()
        for index in 0..<100 { #expect(await reason(verifier, "good\(index)") == nil) }
        for index in 0..<5_000 { _ = await verifier.authenticate("flood\(index)") }
        let before = asked.questions.count
        for index in 0..<100 { #expect(await reason(verifier, "good\(index)") == nil) }
        #expect(asked.questions.count == before)
    }
}
