import Synchronization
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Tokens that only their issuer can judge (RFC 7662)")
struct IntrospectionTests {
    let fixture = Fixture()
    let asked = AskedIssuer()

    static let good: JSONObject = [
        "active": true, "sub": "ada", "aud": .string(Fixture.audience), "iss": .string(Fixture.issuer),
        "exp": 1_800_000_300, "iat": 1_800_000_000, "scope": "read write", "client_id": "web", "token_type": "Bearer",
        "jti": "t-1",
    ]

    private func verifier(
        _ scope: TokenIntrospection.Scope = .opaque, cache: Duration = .seconds(30),
        acceptsMissingAudience: Bool = false,
        revocation: TokenVerifier.Revocation? = nil, change: (inout TrustedIssuer) -> Void = { _ in }
    ) throws -> TokenVerifier {
        var issuer = TrustedIssuer(
            name: "idp", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(try fixture.ring),
            introspection: asked.introspection(
                scope, cache: cache, acceptsMissingAudience: acceptsMissingAudience, clock: fixture.clock))
        change(&issuer)
        let other = TrustedIssuer(
            name: "other", issuer: Fixture.otherIssuer, audiences: [Fixture.audience],
            keys: .fixed(try KeyRing([fixture.other])))
        return TokenVerifier(issuers: [other, issuer], clock: fixture.clock, revocation: revocation)
    }

    private func rejection(_ verifier: TokenVerifier, _ token: String = "opaque-1") async -> Rejection? {
        if case .failure(let rejection) = await verifier.authenticate(token) { rejection } else { nil }
    }

    private func reason(_ verifier: TokenVerifier, _ token: String = "opaque-1") async -> Reason? {
        await rejection(verifier, token)?.reason
    }

    // MARK: What an answer means

    @Test("an active token makes a principal by the issuer's mapping")
    func principal() async throws {
        var claims = Self.good
        claims["realm_access"] = ["roles": ["editor"]]
        asked.answer(claims)
        let verifier = try verifier(change: { $0.claims.roles = ["realm_access.roles"] })
        let principal = try await verifier.authenticate("opaque-1").get()
        #expect(principal.subject == "ada" && principal.issuer == Fixture.issuer && principal.keyID == nil)
        #expect(principal.scope == [ByteKey("read"), ByteKey("write")] && principal.roles == [ByteKey("editor")])
        #expect(principal.tokenID == "t-1" && principal.expiration == NumericDate(1_800_000_300))
        #expect(asked.questions == ["opaque-1"])
    }

    @Test(
        "an active token is held against the same conditions as any other",
        arguments: [
            ([:], nil), (["iss": nil], nil), (["token_type": nil], nil), (["token_type": "bearer"], nil),
            (["token_use": "access_token"], nil), (["aud": ["x", .string(Fixture.audience)]], nil), (["iat": nil], nil),
            (["sub": nil], .claimMissing), (["exp": nil], .claimMissing), (["aud": nil], .claimMissing),
            (["aud": "https://other.test"], .audienceMismatch), (["aud": []], .audienceMismatch),
            (["iss": "https://other.test"], .issuerUnknown), (["iss": 1], .issuerUnknown),
            (["iss": .string(Fixture.issuer + "/")], .issuerUnknown), (["exp": 1_799_999_000], .tokenExpired),
            (["nbf": 1_800_000_060], .clockSkew), (["iat": 1_800_009_000, "exp": 1_800_009_900], .tokenNotYetValid),
            (["exp": "soon"], .claimMissing), (["token_type": "DPoP"], .claimMissing),
            (["token_type": 1], .claimMissing),
            (["token_use": "refresh_token"], .claimMissing), (["azp": "evil"], .claimMissing),
            (["azp": nil], .claimMissing),
        ] as [([String: JSONValue?], Reason?)])
    func conditions(_ changes: [String: JSONValue?], _ due: Reason?) async throws {
        var claims = Self.good
        claims["azp"] = "web"
        for (name, value) in changes { claims[name] = value }
        asked.answer(claims)
        let verifier = try verifier(change: { $0.requiredClaims = [ClaimRequirement("azp", .oneOf(["web"]))] })
        #expect(await reason(verifier) == due)
        #expect(await reason(verifier) == due, "remembered as well")
        #expect(asked.questions.count == 1)
    }

    @Test("without aud a token is accepted only where the configuration says so; a wrong one never is")
    func missingAudience() async throws {
        var claims = Self.good
        claims["aud"] = nil
        asked.answer(claims)
        let verifier = try verifier(acceptsMissingAudience: true)
        #expect(await reason(verifier) == nil)
        claims["aud"] = "https://other.test"
        asked.answer(claims)
        #expect(await reason(verifier, "opaque-2") == .audienceMismatch)
    }

    @Test(
        "an answer that is none is the issuer's failure, not the token's",
        arguments: [
            (200, "", "JSON"), (200, "[]", "is a array"), (200, "{}", "no \"active\""),
            (200, "{\"active\":\"true\"}", "string"),
            (200, "{\"active\":1}", "number"), (200, "{\"active\":null}", "null"), (200, "<html>", "JSON"),
            (200, "{\"active\":false,\"active\":true}", "twice"), (200, "{\"active\":true,", "JSON"),
            (401, "{}", "credentials"),
            (200, "{\"a\":\"" + String(repeating: "x", count: 65_536) + "\"}", "65536 bytes"), (302, "", "redirect"),
            (400, "{}", "HTTP 400"), (404, "", "HTTP 404"), (429, "", "HTTP 429"), (500, "", "HTTP 500"),
            (503, "", "HTTP 503"),
            (201, "{\"active\":true}", "HTTP 201"), (200, String(repeating: "[", count: 1000), "JSON"),
        ])
    func failures(_ status: Int, _ body: String, _ says: String) async throws {
        asked.answer { _ in IntrospectionReply(status: status, body: Array(body.utf8)) }
        let rejection = try #require(await rejection(try verifier()))
        #expect(rejection.reason == .issuerUnavailable && rejection.remedy == .wait)
        #expect(rejection.reason.status == 503 && rejection.retryAfter != nil)
        #expect(!rejection.detail.contains("opaque-1"))
        guard case .failed(let line)? = asked.news.first else {
            Issue.record("the operator was told nothing")
            return
        }
        #expect(line.contains(says), "\(line)")
        #expect(!rejection.detail.contains(line), "what is wrong with the issuer is not the caller's business")
    }

    @Test("a token that is not active has expired, as far as anybody knows; one that was active was revoked")
    func inactive() async throws {
        let verifier = try verifier()
        asked.answer(["active": false])
        let unknown = try #require(await rejection(verifier, "made-up"))
        #expect(unknown.reason == .tokenExpired && unknown.remedy == .refresh)
        #expect(unknown.detail.contains("expired, was revoked, or is not one of its tokens"))
        asked.answer(Self.good)
        #expect(await reason(verifier) == nil)
        asked.answer(["active": false])
        #expect(await reason(verifier) == nil, "the answer counts for 30 s")
        fixture.clock.advance(30)
        let revoked = try #require(await rejection(verifier))
        #expect(revoked.reason == .tokenRevoked && revoked.remedy == .signIn)
        fixture.clock.advance(-15)
        #expect(await reason(verifier) != nil, "a clock that is set back does not bring it back")
    }

    @Test("the operator's own revocations count as well")
    func revocation() async throws {
        asked.answer(Self.good)
        let revoked = Mutex(false)
        let verifier = try verifier(revocation: { principal in
            revoked.withLock { $0 } && principal.tokenID == "t-1" ? Rejection(.tokenRevoked, "revoked here") : nil
        })
        #expect(await reason(verifier) == nil)
        revoked.withLock { $0 = true }
        #expect(await reason(verifier) == .tokenRevoked)
        #expect(asked.questions.count == 1)
    }

    // MARK: Which tokens are asked about

    @Test("what can be judged by keys, or can be no token, is not asked about")
    func notAsked() async throws {
        asked.answer(Self.good)
        let verifier = try verifier()
        #expect(await reason(verifier, try fixture.token()) == nil)
        #expect(await reason(verifier, try fixture.token(header: ["kid": "nobody"])) == .keyUnknown)
        #expect(await reason(verifier, try fixture.token(header: ["kid": 1])) == .tokenMalformed)
        #expect(await reason(verifier, try fixture.token(["iss": "https://unknown.test"])) == .issuerUnknown)
        for text in [
            "", "undefined", "null", "Bearer abc", "{}", "a b", "a\nb", "\"abc\"", "caf\u{E9}", "a,b", "a=b", "=",
            "a;b",
            String(repeating: "a", count: 16_385),
        ] {
            #expect(await reason(verifier, text) == .tokenMalformed, "\(text.prefix(20))")
        }
        #expect(asked.questions.isEmpty)
    }

    @Test("whatever else a bearer token may look like is asked about")
    func askedAbout() async throws {
        asked.answer(Self.good)
        let verifier = try verifier()
        let tokens = [
            "a", "2YotnFZFEjr1zCsicMWpAA", "ory_at_x.y", "a.b.c", "a.b.c.d.e", "ghp_x-~+/==",
            String(repeating: "a", count: 16_384),
        ]
        for token in tokens { #expect(await reason(verifier, token) == nil) }
        #expect(asked.questions == tokens)
    }

    @Test("with `tokens: all` the issuer's own JWTs are asked about, and nobody else's")
    func allTokens() async throws {
        asked.answer(["active": false])
        let verifier = try verifier(.all)
        let own = try fixture.token()
        #expect(await reason(verifier, own) == .tokenExpired)
        let forged = try fixture.token(header: ["kid": "nobody"])
        #expect(await reason(verifier, forged) == .tokenExpired)
        let others = try fixture.token(
            ["iss": .string(Fixture.otherIssuer)], header: ["kid": "other-1"], key: fixture.other)
        #expect(await reason(verifier, others) == nil)
        #expect(await reason(verifier, "opaque-1") == .tokenExpired)
        #expect(asked.questions == [own, forged, "opaque-1"])
    }

    @Test("the check that does not wait goes by what is known")
    func synchronous() async throws {
        asked.answer(Self.good)
        let verifier = try verifier()
        guard case .failure(let rejection) = verifier.verify("opaque-1") else {
            Issue.record("accepted without asking")
            return
        }
        #expect(rejection.reason == .issuerUnavailable)
        #expect(await reason(verifier) == nil)
        #expect(try verifier.verify("opaque-1").get().subject == "ada")
        #expect(asked.questions.count == 1)
    }

    @Test("no answer may be kept at all")
    func noCache() async throws {
        asked.answer(Self.good)
        let verifier = try verifier(cache: .zero)
        for _ in 0..<3 { #expect(await reason(verifier) == nil) }
        asked.answer(["active": false])
        for _ in 0..<2 { #expect(await reason(verifier) == .tokenRevoked) }
        #expect(asked.questions.count == 5)
    }

    @Test("a good answer counts for as long as is configured, and never beyond exp")
    func cached() async throws {
        asked.answer(Self.good)
        let verifier = try verifier(cache: .seconds(200))
        #expect(await reason(verifier) == nil)
        fixture.clock.advance(199)
        #expect(await reason(verifier) == nil)
        #expect(asked.questions.count == 1)
        fixture.clock.advance(1)
        #expect(await reason(verifier) == nil)
        #expect(asked.questions.count == 2)
        fixture.clock.advance(105)
        #expect(await reason(verifier) == .tokenExpired, "exp and the leeway have passed, the 200 s have not")
        #expect(asked.questions.count == 2, "what has expired needs no question")
    }

    @Test("how long a good answer counts is counted from the question: what it says may be as old as that")
    func slowAnswer() async throws {
        let clock = fixture.clock
        asked.answer { _ in
            clock.advance(4)
            return AskedIssuer.reply(Self.good)
        }
        let verifier = try verifier()
        #expect(await reason(verifier) == nil)
        clock.advance(25.5)
        #expect(await reason(verifier) == nil)
        #expect(asked.questions.count == 1)
        clock.advance(0.5)
        #expect(await reason(verifier) == nil)
        #expect(asked.questions.count == 2)
    }

    @Test("a long answer takes as much room as it is long, so that one subject's cannot fill the memory")
    func longAnswers() async throws {
        var claims = Self.good
        claims["about"] = .string(String(repeating: "x", count: 60_000))
        asked.answer(claims)
        let verifier = try verifier()
        for index in 0..<20 { #expect(await reason(verifier, "long-\(index)") == nil) }
        #expect(await reason(verifier, "long-19") == nil)
        #expect(asked.questions.count == 20, "the latest is remembered")
        #expect(await reason(verifier, "long-0") == nil)
        #expect(asked.questions.count == 21, "the first has made room")
    }

    @Test("a bad answer counts for five seconds")
    func cachedRefusal() async throws {
        asked.answer(["active": false])
        let verifier = try verifier()
        for _ in 0..<3 { #expect(await reason(verifier) == .tokenExpired) }
        fixture.clock.advance(4)
        #expect(await reason(verifier) == .tokenExpired)
        #expect(asked.questions.count == 1)
        fixture.clock.advance(1)
        asked.answer(Self.good)
        #expect(await reason(verifier) == nil)
        #expect(asked.questions.count == 2)
    }
}
