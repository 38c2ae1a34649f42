import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("An issuer's claims mean what its mapping says")
struct ClaimMappingTests {
    let fixture = Fixture()

    private func principal(
        _ mapping: ClaimMapping, _ changes: KeyValuePairs<String, JSONValue?>
    ) throws -> Principal {
        try verifier { $0.claims = mapping }.verify(try fixture.token(changes)).get()
    }

    private func verifier(_ change: (inout TrustedIssuer) -> Void) throws -> TokenVerifier {
        var issuer = TrustedIssuer(
            name: "idp", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(try fixture.ring))
        change(&issuer)
        return TokenVerifier(issuers: [issuer], clock: fixture.clock)
    }

    @Test("claims are read where the mapping says, and only there")
    func paths() throws {
        let mapping = ClaimMapping(
            subject: "email", scope: ["scp"], permissions: ["authorization.permissions"],
            roles: ["realm_access.roles", "resource_access.mcp.roles"], buckets: ["https://example.com/buckets"])
        let principal = try principal(
            mapping,
            [
                "email": "ada@example.com", "scp": ["mcp", "files"], "scope": "admin",
                "authorization": ["permissions": "s3:ListBucket s3:GetObject"], "permissions": ["s3:DeleteObject"],
                "realm_access": ["roles": ["editor"]], "resource_access": ["mcp": ["roles": ["team lead"]]],
                "roles": ["operator"], "https://example.com/buckets": ["s3://reports/2026", "demo"],
                "buckets": "payroll",
            ])
        #expect(principal.subject == "ada@example.com")
        #expect(principal.scope == [ByteKey("mcp"), ByteKey("files")])
        #expect(principal.permissions == [ByteKey("s3:ListBucket"), ByteKey("s3:GetObject")])
        #expect(principal.roles == [ByteKey("editor"), ByteKey("team lead")])
        #expect(principal.buckets == ["reports", "demo"])
        #expect(principal.claims["sub"] == "ada", "the claims themselves stay as they came")
    }

    @Test("a path that a token lacks grants nothing, whatever stands at the usual place")
    func missingPaths() throws {
        let mapping = ClaimMapping(
            scope: ["a.scope"], permissions: ["a.permissions"], roles: ["a.roles"], buckets: ["a.buckets"])
        let principal = try principal(
            mapping, ["scope": "x", "permissions": "x", "roles": "x", "buckets": "x", "a": ["role": "x"]])
        #expect(principal.scope.isEmpty && principal.permissions.isEmpty)
        #expect(principal.roles.isEmpty && principal.buckets.isEmpty)
    }

    @Test("a subject that is not there, or no text, is claim_missing by the claim's own name")
    func missingSubject() throws {
        for (value, says) in [
            (nil, "no user.id"), ("", "user.id is empty"), (["x"], "user.id is a array"),
            (true, "user.id is a boolean"),
        ] as [(JSONValue?, String)] {
            let user: JSONValue = value.map { ["id": $0] } ?? [:]
            let token = try fixture.token(["user": user])
            guard case .failure(let rejection) = try verifier({ $0.claims.subject = "user.id" }).verify(token) else {
                Issue.record("a token without subject was accepted")
                continue
            }
            #expect(rejection.reason == .claimMissing)
            #expect(rejection.detail.contains(says), "\(rejection)")
        }
        #expect(try principal(ClaimMapping(subject: "user.id"), ["user": ["id": 7]]).subject == "7")
    }

    @Test("roles open buckets, beside those that the token lists")
    func bucketsByRole() throws {
        let mapping = ClaimMapping(
            roles: ["realm.roles"],
            bucketsByRole: [
                .init(role: "editor", buckets: try templates("reports", "team-{org}", "home-{sub}")),
                .init(role: "auditor", buckets: try templates("audit")),
                .init(role: ClaimMapping.RoleBuckets.everyone, buckets: try templates("demo", "home-{sub}")),
            ])
        let editor = try principal(
            mapping, ["realm": ["roles": ["editor"]], "org": "lab", "buckets": ["s3://own", "reports"]])
        #expect(editor.buckets == ["own", "reports", "team-lab", "home-ada", "demo"])
        #expect(
            try principal(mapping, ["realm": ["roles": []], "roles": ["auditor"]]).buckets == ["demo", "home-ada"])
        #expect(try principal(mapping, ["realm": ["roles": ["Editor"]]]).buckets == ["demo", "home-ada"])
        #expect(
            try principal(mapping, ["realm": ["roles": "editor"], "org": "a/b"]).buckets
                == ["reports", "home-ada", "demo"])
    }

    private func templates(_ texts: String...) throws -> [BucketTemplate] { try texts.map { try BucketTemplate($0) } }

    @Test("a rule judges the mapped principal, and so does what a session is bound to")
    func rules() throws {
        let principal = try principal(
            ClaimMapping(subject: "email", buckets: ["app.buckets"]),
            ["email": "ada@example.com", "buckets": "payroll", "app": ["buckets": "demo"], "dept": "lab"])
        #expect(principal.identity == .init(issuer: Fixture.issuer, subject: "ada@example.com"))
        let judge = { (claim: String, argument: String) in
            let condition = ArgumentCondition(argument: "x", allowed: .claim(claim))
            let rule = Rule(tools: ["t"], arguments: [condition])
            return rule.refusal(
                of: "t", arguments: Array(#"{"x": "\#(argument)"}"#.utf8)[...], to: principal)?
                .reason
        }
        #expect(judge("buckets", "demo") == nil)
        #expect(judge("buckets", "payroll") == .argumentForbidden)
        #expect(judge("sub", "ada@example.com") == nil)
        #expect(judge("sub", "ada") == .argumentForbidden)
        #expect(judge("dept", "lab") == nil)
        #expect(judge("app.buckets", "demo") == nil)
    }

    // MARK: Required claims

    @Test(
        "a required claim is there, with one of its values",
        arguments: [
            ("azp", .present, "web", nil), ("azp", .present, "", nil), ("azp", .present, nil, "no azp"),
            ("azp", .present, .null, "no azp"), ("azp", .oneOf(["web", "cli"]), "cli", nil),
            ("azp", .oneOf(["web"]), "Web", "azp is not what"), ("azp", .oneOf(["web"]), ["x", "web"], nil),
            ("azp", .oneOf(["web"]), ["x", ["web"]], "azp is not what"),
            ("azp", .oneOf(["web"]), [], "azp is not what"),
            ("azp", .oneOf(["true"]), true, nil), ("azp", .oneOf(["true"]), false, "azp is not what"),
            ("azp", .oneOf(["3"]), 3, nil), ("azp", .oneOf(["3"]), 30, "azp is not what"),
            ("azp", .oneOf(["web"]), ["web": 1], "azp is not what"),
            ("azp", .oneOf(["web"]), "web cli", "azp is not what"),
            ("azp.id", .oneOf(["web"]), ["id": "web"], nil), ("azp.id", .present, ["no": 1], "no azp.id"),
            ("azp", .oneOf(["caf\u{E9}"]), "cafe\u{301}", "azp is not what"),
        ] as [(String, ClaimRequirement.Demand, JSONValue?, String?)])
    func required(_ path: String, _ demand: ClaimRequirement.Demand, _ value: JSONValue?, _ says: String?) throws {
        let verifier = try verifier { $0.requiredClaims = [ClaimRequirement(ClaimPath(path), demand)] }
        switch verifier.verify(try fixture.token(["azp": value])) {
        case .success: #expect(says == nil)
        case .failure(let rejection):
            #expect(rejection.reason == .claimMissing)
            #expect(rejection.detail.contains(says ?? "accepted"), "\(rejection)")
            #expect(rejection.remedy == .signIn)
        }
    }

    @Test("every required claim counts, and the line holds no value, neither the token's nor the one that is due")
    func requiredAll() throws {
        let verifier = try verifier {
            $0.requiredClaims = [
                ClaimRequirement("tenant", .oneOf(["acme-secret"])), ClaimRequirement("acr", .present),
            ]
        }
        #expect(throws: Never.self) {
            try verifier.verify(try fixture.token(["tenant": "acme-secret", "acr": "1"])).get()
        }
        for changes in [["tenant": "other-tenant", "acr": "1"], ["tenant": "acme-secret"]]
            as [KeyValuePairs<String, JSONValue?>]
        {
            guard case .failure(let rejection) = verifier.verify(try fixture.token(changes)) else {
                Issue.record("accepted")
                continue
            }
            #expect(rejection.reason == .claimMissing)
            #expect(!rejection.detail.contains("acme-secret") && !rejection.detail.contains("other-tenant"))
        }
    }

    // MARK: Token type

    /// requirement: F-22
    @Test(
        "an issuer of RFC 9068 tokens needs their typ and claims",
        arguments: [
            ("at+jwt", [:], nil), ("application/at+jwt", [:], nil), ("AT+JWT", [:], nil),
            ("JWT", [:], "typ is not at+jwt"), (nil, [:], "typ is not at+jwt"),
            ("at+jwt", ["client_id": nil], "no client_id"),
            ("at+jwt", ["client_id": 1], "no client_id"), ("at+jwt", ["jti": nil], "no jti"),
            ("at+jwt", ["jti": ""], "no jti"), ("at+jwt", ["iat": nil], "no iat"),
        ] as [(String?, [String: JSONValue?], String?)])
    func tokenType(_ type: String?, _ changes: [String: JSONValue?], _ says: String?) throws {
        let verifier = try verifier { $0.tokenType = .accessToken }
        var claims = Fixture.claims
        claims["client_id"] = "web"
        for (name, value) in changes { claims[name] = value }
        var header: JSONObject = ["alg": "ES256", "kid": "ec-1"]
        header["typ"] = type.map(JSONValue.string)
        let token = try fixture.raw(header: "\(JSONValue.object(header))", claims: "\(JSONValue.object(claims))")
        switch verifier.verify(token) {
        case .success: #expect(says == nil)
        case .failure(let rejection):
            #expect(rejection.reason == .claimMissing)
            #expect(rejection.detail.contains(says ?? "accepted"), "\(rejection)")
        }
    }

    @Test("where no type is asked for, JWT and none are good enough")
    func noTokenType() throws {
        for type in ["JWT", nil] as [JSONValue?] {
            #expect(throws: Never.self) { try verifier { _ in }.verify(try fixture.token(header: ["typ": type])).get() }
        }
    }
}
