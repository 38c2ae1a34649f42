import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

/// The same table, as it goes over the wire.
@Suite("Attacks over HTTP")
struct AttackSweepTests {
    @Test("each attack on a running server: status, challenge and reason; what is no header is 400; it goes on serving")
    func sweep() async throws {
        let bench = try Bench.shared.get()
        try await House.with(
            verifier: bench.verifier, configure: { $0.refusedTokensPerMinute = 100_000 }
        ) { house in
            for attack in Attack.all {
                let fields = try attack.fields(bench)
                let session = try await house.open()
                let reply = try await house.post(House.call("echo"), authorization: fields, session: session)
                let isHeader = fields.allSatisfy { $0.utf8.allSatisfy { $0 == 0x09 || 0x20...0x7E ~= $0 } }
                switch attack.verdict {
                case .legal:
                    #expect(reply.status == 200 && reply.result?["isError"] == false, "\(attack.name): \(reply.status)")
                case .refused where reply.status == 400 && !isHeader:
                    #expect(reply.result == nil, "\(attack.name)")
                case .refused(let reason):
                    #expect(reply.status == 401, "\(attack.name): \(reply.status)")
                    #expect(reply.reason == reason.rawValue, "\(attack.name)")
                    #expect(reply.error?["data"]?["remedy"]?.string == reason.remedy.rawValue, "\(attack.name)")
                    #expect(reply["WWW-Authenticate"]?.contains(#"error="invalid_token""#) == true, "\(attack.name)")
                    let token = fields.first?.split(separator: " ").last.map(String.init) ?? ""
                    if token.utf8.count > 60 {
                        let signature = token.suffix(40)
                        let answer = String(decoding: reply.body, as: UTF8.self)
                        #expect(!answer.contains(signature), "\(attack.name)")
                    }
                }
            }
            let session = try await house.open()
            let reply = try await house.post(House.call("echo"), token: try bench.token(), session: session)
            #expect(reply.status == 200, "a good token is served after all that")
        }
    }
}
