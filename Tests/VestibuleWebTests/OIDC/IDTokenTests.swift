import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("ID tokens")
struct IDTokenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var changes: [(String, JSONValue?)]
        var expected: String?
        var testDescription: String {
            changes.map { "\($0.0) \($0.1?.description ?? "absent")" }.joined(separator: ", ")
        }

        init(_ changes: [(String, JSONValue?)], _ expected: String?) {
            self.changes = changes
            self.expected = expected
        }
    }

    /// OpenID Connect Core §3.1.3.7; the clock stands at 1,700,000,000.
    @Test(
        "every claim has to be that of this sign-in",
        arguments: [
            Case([], nil), Case([("iss", "https://idp.test/realm/")], "issuer_unknown"),
            Case([("iss", "https://evil.test")], "issuer_unknown"), Case([("iss", nil)], "claim_missing"),
            Case([("aud", "another")], "audience_mismatch"), Case([("aud", nil)], "claim_missing"),
            Case([("aud", [])], "audience_mismatch"), Case([("aud", ["vestibule"])], nil),
            Case([("aud", ["vestibule", "another"])], "azp does not say"),
            Case([("aud", ["vestibule", "another"]), ("azp", "vestibule")], nil),
            Case([("aud", ["vestibule", "another"]), ("azp", "another")], "made for the client \"another\""),
            Case([("azp", "vestibule")], nil), Case([("azp", "another")], "made for the client \"another\""),
            Case([("azp", 1)], "azp is not a string"), Case([("nonce", nil)], "no nonce"),
            Case([("nonce", "")], "nonce is not that"), Case([("nonce", "x")], "nonce is not that"),
            Case([("nonce", 7)], "nonce is not that"), Case([("exp", nil)], "claim_missing"),
            Case([("exp", 1_699_999_980)], nil), Case([("exp", 1_699_999_970)], "token_expired"),
            Case([("exp", "1800000000")], "claim_missing"), Case([("iat", nil)], "claim_missing"),
            Case([("iat", 1_700_000_025)], nil), Case([("iat", 1_700_000_040)], "clock_skew"),
            Case([("iat", 1_700_090_000)], "token_not_yet_valid"), Case([("iat", 1_699_999_300)], "token_too_old"),
            Case([("sub", nil)], "claim_missing"), Case([("sub", "")], "claim_missing"),
            Case([("sub", 5)], "sub is not a string"), Case([("sub", "a\nb")], "sub is not 1 to 255"),
            Case([("sub", .string(String(repeating: "a", count: 256)))], "sub is not 1 to 255"),
            Case([("sub", .string(String(repeating: "a", count: 255)))], nil), Case([("sub", "ä")], "sub is not 1"),
        ])
    func claims(_ test: Case) async throws {
        let bench = SignInBench()
        bench.provider.change { $0.changes = test.changes }
        let outcome = try await bench.run()
        #expect((outcome.person != nil) == (test.expected == nil), "\(outcome.detail)")
        guard let expected = test.expected else { return }
        #expect(outcome.status == 502)
        #expect(outcome.detail.hasPrefix("id_token_refused:") && outcome.detail.contains(expected), "\(outcome.detail)")
    }

    @Test(
        "the header cannot choose key, algorithm or kind",
        arguments: [
            (["kid": "another"], "key_unknown"), (["alg": "none"], "algorithm_not_allowed"),
            (["alg": "HS256"], "algorithm_not_allowed"), (["alg": "RS256"], "algorithm_not_allowed"),
            (["crit": ["exp"]], "algorithm_not_allowed"), (["typ": "at+jwt"], "access token"),
            (["typ": "application/AT+JWT"], "access token"), (["typ": "logout+jwt"], "token_malformed"),
        ] as [(JSONObject, String)])
    func header(_ header: JSONObject, expected: String) async throws {
        let bench = SignInBench()
        bench.provider.change { $0.header = header }
        let outcome = try await bench.run()
        #expect(outcome.detail.hasPrefix("id_token_refused:") && outcome.detail.contains(expected), "\(outcome.detail)")
    }

    @Test("a key of the same name that the provider does not publish signs nothing, nor does the client's secret")
    func signature() async throws {
        let bench = SignInBench()
        let forged = RingKey.generate(.es256, kid: "key-1", createdAt: bench.clock.now())
        bench.provider.change { $0.signer = forged }
        #expect(try await bench.run().detail.contains("signature_invalid"))
        let secret = try RingKey(
            hmacSecret: Array("\(SignInBench.secret) and so on, long enough".utf8), kid: "key-1", state: .active,
            createdAt: bench.clock.now())
        bench.provider.change { $0.signer = secret }
        #expect(try await bench.run().detail.contains("algorithm_not_allowed"))
    }

    @Test("the ID token of one sign-in is no good for another")
    func otherSignIn() async throws {
        let bench = SignInBench()
        let mine = try await bench.begin()
        _ = try await bench.begin()
        #expect(await bench.complete(mine).detail.contains("nonce is not that of this sign-in"))
    }
}
