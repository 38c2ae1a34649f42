import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A token is explained without being shown")
struct ExplanationTests {
    let fixture = Fixture()

    private func explain(_ token: String, rings: [KeyRing]? = nil) throws -> TokenExplanation {
        TokenExplanation(token, rings: try rings ?? [fixture.ring], now: Fixture.now)
    }

    @Test("each part has its line, dates with their distance, the key with its fingerprint")
    func lines() throws {
        let token = try fixture.token(["iat": 1_799_999_940, "scope": "read write", "buckets": ["a", "b"], "level": 3])
        let explanation = try explain(token)
        #expect(
            explanation.lines == [
                "alg        ES256  — ECDSA on the curve P-256",
                "kid        ec-1 (fingerprint \(fixture.active.fingerprint), active)",
                "typ        at+jwt  — an access token (RFC 9068)", "iss        https://issuer.test  — who issued it",
                "sub        ada  — whom it names",
                "aud        https://mcp.test/mcp  — for which resource it is meant",
                "iat        2027-01-15T07:59:00Z (1 min ago)  — issued",
                "exp        2027-01-15T08:05:00Z (in 5 min)  — expires",
                "jti        t-1  — its own name, by which it is revoked",
                "scope      read write  — what the client may do",
                "buckets    a, b  — which buckets the subject may see", "level      3",
                "signature  (64 bytes, not shown)",
            ])
        #expect(explanation.warnings.isEmpty)
        #expect(explanation.problem == nil)
        #expect(explanation.json["claims"]?["sub"] == "ada")
        #expect(explanation.json["key"]?["state"] == "active")
    }

    @Test("the signature is shown nowhere")
    func redacted() throws {
        let token = try fixture.token()
        let explanation = try explain(token)
        let signature = String(token.split(separator: ".")[2])
        let everything = explanation.lines.joined() + JSONValue.object(explanation.json).description
        #expect(!everything.contains(signature.prefix(12)))
    }

    @Test(
        "what is odd is said",
        arguments: [
            (["iss": nil], ["kid": nil], "registry token"), (["iss": nil], [:], "no iss"),
            ([:], ["kid": nil], "no kid"), ([:], ["kid": "zz"], "in no key ring"), (["exp": nil], [:], "no exp"),
            (["exp": "soon"], [:], "not a date"), (["exp": 1_799_999_990], [:], "expired 10 s ago"),
            (["exp": 1_807_776_000], [:], "valid for 90 days"), ([:], ["alg": "none"], "not signed"),
            ([:], ["alg": "RS1"], "not accepted"),
            (["nbf": 1_800_000_060], [:], "nbf is 1 min ahead of this machine's clock; if it is fresh"),
            (["iat": 1_800_000_042], [:], "iat is 42 s ahead of this machine's clock"),
            (["iat": 1_800_090_000], [:], "iat is 25 h ahead of this machine's clock"),
            ([:], ["kid": "ec-0"], "retired at 2027-01-15T07:00:00Z; the active key is \"ec-1\""),
            ([:], ["kid": "ed-0"], ": refresh the token"),
            (["sub": nil], [:], "no sub"), (["aud": nil], [:], "no aud"),
            (["permissions": ["x"], "p": ["x"]], [:], "permissions stand in it twice"),
        ] as [([String: JSONValue?], [String: JSONValue?], String)])
    func warnings(_ claims: [String: JSONValue?], _ header: [String: JSONValue?], says: String) throws {
        var payload = Fixture.claims
        for (name, value) in claims { payload[name] = value }
        var head: JSONObject = ["alg": "ES256", "kid": "ec-1"]
        for (name, value) in header { head[name] = value }
        let token = try fixture.raw(
            header: JSONValue.object(head).description, claims: JSONValue.object(payload).description)
        let warnings = try explain(token).warnings
        #expect(warnings.contains { $0.contains(says) }, "\(warnings)")
    }

    private static let known = [
        KnownIssuer(name: "own", issuer: Fixture.issuer, audiences: [Fixture.audience], algorithms: [.es256]),
        KnownIssuer(name: "slashed", issuer: "https://slash.test/", audiences: [Fixture.audience]),
    ]

    @Test(
        "which issuer it would be, and what keeps it from being that",
        arguments: [
            ([:], [:], nil), (["iss": "https://elsewhere.test"], [:], "is no issuer here; there are \"own\""),
            (
                ["iss": "https://slash.test"], [:],
                "\"slashed\" is \"https://slash.test/\"; they differ by a trailing slash"
            ),
            (["aud": "x"], [:], "aud does not name this resource: \"own\" needs \"https://mcp.test/mcp\""),
            (["aud": ["https://mcp.test/mcp/"]], [:], "they differ by a trailing slash"),
            ([:], ["alg": "EdDSA"], "alg \"EdDSA\" is not accepted from \"own\": ES256"),
        ] as [([String: JSONValue?], [String: JSONValue?], String?)])
    func issuer(_ claims: [String: JSONValue?], _ header: [String: JSONValue?], says: String?) throws {
        var payload = Fixture.claims
        for (name, value) in claims { payload[name] = value }
        var head: JSONObject = ["alg": "ES256", "kid": "ec-1"]
        for (name, value) in header { head[name] = value }
        let token = try fixture.raw(
            header: JSONValue.object(head).description, claims: JSONValue.object(payload).description)
        let explanation = TokenExplanation(token, issuers: Self.known, now: Fixture.now)
        #expect(explanation.warnings.count == (says == nil ? 0 : 1), "\(explanation.warnings)")
        if let says { #expect(explanation.warnings.first?.contains(says) == true, "\(explanation.warnings)") }
        if claims["iss"] == nil {
            #expect(explanation.json["issuer"] == "own")
            #expect(explanation.lines.contains { $0.hasSuffix("who issued it: the issuer \"own\" here") })
        }
    }

    @Test("dates out of all range, and text that would forge lines, are shown harmlessly")
    func hostile() throws {
        let explanation = try explain(
            try fixture.token(["exp": number("1e400"), "iat": number("-1e300"), "sub": "a\nb\u{202E}", "x\ny": "z"]))
        #expect(explanation.lines.contains { $0.contains("1e400 (not a date in seconds since 1970)") })
        #expect(explanation.lines.contains { $0.contains("a\\u{a}b\\u{202e}  —") })
        #expect(explanation.lines.allSatisfy { line in !line.utf8.contains { $0 < 0x20 } })
    }

    @Test("what is no token is called so", arguments: ["", "undefined", "a.b", "Bearer x.y.z"])
    func noToken(_ text: String) throws {
        let explanation = try explain(text)
        #expect(explanation.problem != nil)
        #expect(explanation.lines.count == 1 && explanation.lines[0].hasPrefix("not a token: "))
        #expect(explanation.json["problem"]?.string == explanation.problem)
    }

    @Test(
        "lengths of time are said as people say them",
        arguments: [
            (0, "0 s"), (0.44, "0.4 s"), (5.5, "5.5 s"), (9.96, "10 s"), (59.9, "59 s"), (60, "1 min"),
            (250, "4 min 10 s"), (3600, "1 h"), (12_000, "3 h 20 min"), (172_800, "2 days"), (-60, "1 min"),
            (7_776_000, "90 days"), (1e300, "1e+300 s"), (.infinity, "inf s"),
        ] as [(Double, String)])
    func durations(_ seconds: Double, says: String) {
        #expect("\(SpokenDuration(seconds))" == says)
    }
}
