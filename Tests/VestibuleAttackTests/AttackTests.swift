import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Attacks on the verifier: each is refused for its exact reason, or legal for a reason")
struct AttackTests {
    /// requirement: F-20, F-22
    @Test("verdict", arguments: Attack.all)
    func verdict(_ attack: Attack) async throws {
        let bench = try Bench.shared.get()
        let credential = await bench.verifier.credential(authorization: try attack.fields(bench))
        switch (attack.verdict, credential) {
        case (.legal, .verified(let principal)):
            #expect([Bench.issuer, Bench.looseIssuer].contains(principal.issuer))
        case (.refused(let reason), .rejected(let rejection)):
            #expect(rejection.reason == reason, "\(rejection)")
            #expect(!rejection.detail.isEmpty && rejection.detail.utf8.count < 1200, "\(rejection)")
            #expect(!rejection.detail.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "one line: \(rejection)")
        default:
            Issue.record("\(attack.verdict) became \(credential)")
        }
    }

    @Test("the table holds at least 150 attacks, each once, and the good token that they start from is good")
    func count() async throws {
        let refused = Attack.all.filter { if case .refused = $0.verdict { true } else { false } }
        #expect(refused.count >= 150, "\(refused.count)")
        #expect(Set(Attack.all.map(\.name)).count == Attack.all.count)
        let bench = try Bench.shared.get()
        for signer in [Signer.es256, .es384, .es512, .edDSA, .rs256, .ps256, .hs256, .hs512] {
            _ = try bench.verifier.verify(try bench.token(by: signer)).get()
        }
    }

    @Test("no attack leaves anything among the tokens that are remembered as good")
    func nothingRemembered() async throws {
        let bench = try Bench()
        for attack in Attack.all {
            guard case .refused = attack.verdict else { continue }
            _ = await bench.verifier.credential(authorization: try attack.fields(bench))
        }
        #expect(bench.verifier.cache.count == 0)
    }
}
