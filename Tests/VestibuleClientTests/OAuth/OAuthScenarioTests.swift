import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// What the official conformance scenarios of the group `auth/` look at, each by its name.
@Suite("Sign-in scenarios")
struct OAuthScenarioTests {
    /// requirement: F-40, F-41, F-42, F-50, F-60, F-61, F-62, F-66
    @Test("auth/metadata-default: the challenge leads to the metadata, these to the issuer, it to a token")
    func metadataDefault() async throws {
        let bench = OAuthBench()
        try await bench.run()
        let request = try #require(bench.issuer.authorizations.first)
        #expect(request["code_challenge_method"] == "S256" && request["code_challenge"]?.count == 43)
        #expect(request["state"]?.count == 43)
        #expect(request["resource"] == OAuthBench.url)
        #expect(bench.issuer.tokenRequests.map(\.form["resource"]) == [OAuthBench.url])
        #expect(bench.issuer.registrations.count == 1)
        #expect(!bench.server.requests.contains("GET /.well-known/oauth-protected-resource"))
        #expect(bench.server.schemes.allSatisfy { $0 == "Bearer" } && !bench.server.schemes.isEmpty)
    }

    struct Place: Sendable, CustomTestStringConvertible {
        var name: String
        var issuer: String
        var resourcePath: String
        var isNamed: Bool
        var resource: String?
        var issuerPath: String
        var testDescription: String { name }
    }

    static let places = [
        Place(
            name: "auth/metadata-var1", issuer: "https://auth.test",
            resourcePath: "/.well-known/oauth-protected-resource/mcp", isNamed: false,
            issuerPath: "/.well-known/openid-configuration"),
        Place(
            name: "auth/metadata-var2", issuer: "https://auth.test/tenant1",
            resourcePath: "/.well-known/oauth-protected-resource", isNamed: false, resource: "https://server.test",
            issuerPath: "/.well-known/oauth-authorization-server/tenant1"),
        Place(
            name: "auth/metadata-var3", issuer: "https://auth.test/tenant1",
            resourcePath: "/custom/metadata/location.json", isNamed: true,
            issuerPath: "/tenant1/.well-known/openid-configuration"),
        Place(
            name: "openid-configuration before the issuer's path", issuer: "https://auth.test/tenant1",
            resourcePath: "/.well-known/oauth-protected-resource/mcp", isNamed: true,
            issuerPath: "/.well-known/openid-configuration/tenant1"),
    ]

    /// requirement: F-11, F-41, F-42
    @Test("documents are found wherever they may lie, and looked for nowhere else", arguments: places)
    func documents(_ place: Place) async throws {
        let behaviour = ScriptedAuthorizationServer.Behaviour.with {
            $0.metadataPaths = [place.issuerPath]
            $0.endpointPrefix = place.issuer.hasSuffix("tenant1") ? "/tenant1" : ""
        }
        let bench = OAuthBench(issuer: place.issuer, behaviour) { server in
            server.metadataPath = place.resourcePath
            server.namesMetadata = place.isNamed
            server.resource = place.resource
        }
        try await bench.run()
        #expect(bench.issuer.authorizations.map { $0["resource"] } == [place.resource ?? OAuthBench.url])
        if place.issuer.hasSuffix("tenant1") {
            #expect(!bench.issuer.requests.contains("GET /.well-known/oauth-authorization-server"))
        }
    }

    /// requirement: F-51, F-52
    @Test("auth/basic-cimd: the client's own URL is its id where that is understood")
    func metadataDocument() async throws {
        let id = "https://client.test/client.json"
        let bench = OAuthBench(
            configuration: OAuthConfiguration(clientMetadataDocument: id), .with { $0.takesMetadataDocuments = true })
        try await bench.run()
        #expect(bench.issuer.authorizations.map { $0["client_id"] } == [id])
        #expect(bench.issuer.registrations.isEmpty)
    }

    /// requirement: F-44
    @Test("auth/2025-03-26-oauth-metadata-backcompat: without resource metadata, the host's own description counts")
    func legacyMetadata() async throws {
        let bench = OAuthBench(issuer: "https://server.test", .with { $0.endpointPrefix = "/oauth" }) {
            $0.metadataPath = nil
        }
        try await bench.run()
        #expect(bench.server.requests.contains("POST /oauth/token"))
        #expect(bench.issuer.registrations.count == 1)
    }

    /// requirement: F-44
    @Test("auth/2025-03-26-oauth-endpoint-fallback: without any description, the endpoints are at the host's root")
    func legacyFallback() async throws {
        let bench = OAuthBench(
            issuer: "https://server.test",
            .with {
                $0.metadataPaths = []
                $0.issuerInAnswer = .missing
            }
        ) { $0.metadataPath = nil }
        try await bench.run()
        #expect(
            bench.server.requests.filter { ["GET /authorize", "POST /token", "POST /register"].contains($0) }.count == 3
        )
    }

    /// requirement: F-64
    @Test("auth/scope-from-www-authenticate: the challenge says which scope")
    func challengedScope() async throws {
        let bench = OAuthBench { server in
            server.needs = { $0 == "initialize" ? nil : ["mcp:basic"] }
            server.namesScope = true
            server.scopesSupported = ["mcp:other"]
        }
        try await bench.run()
        #expect(bench.authorizedScopes == ["mcp:basic"])
    }

    /// requirement: F-64
    @Test("auth/scope-from-scopes-supported: without a scope in the challenge, all that the resource names")
    func supportedScope() async throws {
        let bench = OAuthBench { $0.scopesSupported = ["mcp:basic", "mcp:read", "mcp:write"] }
        try await bench.run()
        #expect(bench.authorizedScopes == ["mcp:basic mcp:read mcp:write"])
    }

    /// requirement: F-64
    @Test("auth/scope-omitted-when-undefined: where nobody names a scope, none is asked for")
    func noScope() async throws {
        let bench = OAuthBench()
        try await bench.run()
        #expect(bench.authorizedScopes == [nil])
    }

    /// requirement: F-65
    @Test("auth/scope-step-up: a wider scope is asked for, with what was asked for before")
    func stepUp() async throws {
        let bench = OAuthBench { server in
            server.needs = { method in
                switch method {
                case "initialize", "notifications/initialized": nil
                case "tools/call": ["mcp:write"]
                default: ["mcp:basic"]
                }
            }
            server.namesScope = true
            server.scopesSupported = ["mcp:profile"]
        }
        try await bench.run()
        #expect(bench.authorizedScopes == ["mcp:basic", "mcp:basic mcp:write"])
    }

    /// requirement: F-65
    @Test("auth/scope-retry-limit: who is never satisfied is asked three times at most")
    func retryLimit() async throws {
        let bench = OAuthBench { server in
            server.needs = { $0 == "initialize" || $0.hasPrefix("notifications") ? nil : ["mcp:admin"] }
            server.namesScope = true
            server.neverEnough = true
        }
        let error = try await failure { try await bench.client.listTools() }
        #expect(error.code == .forbidden && error.reason == .scopeInsufficient)
        #expect(bench.issuer.authorizations.count == 2)
        for _ in 0..<4 { _ = try await failure { try await bench.client.listTools() } }
        let last = try await failure { try await bench.client.listTools() }
        #expect(last.code == .forbidden && last.message.contains("was asked for 3 times"))
        #expect(bench.issuer.authorizations.count == 4)
    }

    /// requirement: F-60
    @Test(
        "auth/token-endpoint-auth-*: the client authenticates as it was registered",
        arguments: ["client_secret_basic", "client_secret_post", "none"])
    func authMethod(_ method: String) async throws {
        let bench = OAuthBench(
            .with {
                $0.authMethods = [method]
                $0.registeredSecret = method == "none" ? nil : "s e&cret:%"
                $0.registeredAuthMethod = method
            })
        try await bench.run()
        #expect(bench.issuer.tokenRequests.map(\.authMethod) == [method])
        #expect(bench.issuer.tokenRequests.first?.form["resource"] == bench.issuer.authorizations.first?["resource"])
    }

    /// requirement: F-51
    @Test("auth/pre-registration: a client that is registered beforehand is used, and no other way tried")
    func preRegistration() async throws {
        let client = OAuthClient(id: "pre-registered", secret: "known")
        let bench = OAuthBench(
            configuration: OAuthConfiguration(clients: [client]),
            .with {
                $0.clients = ["pre-registered": "known"]
                $0.authMethods = ["client_secret_basic"]
            })
        try await bench.run()
        #expect(bench.issuer.registrations.isEmpty)
        #expect(bench.issuer.tokenRequests.map(\.clientID) == ["pre-registered"])
    }

    /// requirement: F-12
    @Test("auth/resource-mismatch: metadata of another resource end the sign-in before it begins")
    func resourceMismatch() async throws {
        let bench = OAuthBench { $0.resource = "https://evil.example/mcp" }
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("another resource"))
        #expect(bench.issuer.requests.isEmpty)
    }

    /// requirement: F-68, F-54
    @Test("auth/offline-access-scope: offline_access where the issuer knows it; refresh_token among the grant types")
    func offlineAccess() async throws {
        let bench = OAuthBench(.with { $0.scopesSupported = ["mcp:basic", "offline_access"] }) {
            $0.scopesSupported = ["mcp:basic"]
        }
        try await bench.run()
        #expect(bench.authorizedScopes == ["mcp:basic offline_access"])
        let document = try #require(bench.issuer.registrations.first)
        #expect(document["grant_types"] == ["authorization_code", "refresh_token"])
        #expect(document["application_type"] == "native")
        #expect(document["redirect_uris"] == [.string(OAuthBench.redirectURI)])
    }

    /// requirement: F-68
    @Test("auth/offline-access-not-supported: it is not asked for where the issuer does not know it")
    func noOfflineAccess() async throws {
        let bench = OAuthBench(.with { $0.scopesSupported = ["mcp:basic"] }) { $0.scopesSupported = ["mcp:basic"] }
        try await bench.run()
        #expect(bench.authorizedScopes == ["mcp:basic"])
    }

    /// requirement: F-45, F-55, F-67
    @Test("auth/authorization-server-migration: another issuer gets another registration, and nothing of the first")
    func migration() async throws {
        let bench = OAuthBench(.with { $0.issuesRefreshTokens = true })
        _ = try await bench.client.listTools()
        bench.server.behave { $0.servers = [1] }
        _ = try await bench.client.callTool("echo", arguments: [:])
        #expect(bench.other.registrations.count == 1)
        let first = bench.issuer.tokenRequests.count
        #expect(first == 1 && bench.other.tokenRequests.map(\.grantType) == ["authorization_code"])
        // Back again: the registration and the tokens of the first are still its own.
        bench.server.behave { $0.servers = [0] }
        _ = try await bench.client.callTool("echo", arguments: [:])
        #expect(bench.issuer.registrations.count == 1)
        #expect(bench.issuer.tokenRequests.allSatisfy { $0.form["refresh_token"]?.hasPrefix("refresh-") ?? true })
    }

    struct IssuerRule: Sendable, CustomTestStringConvertible {
        var name: String
        var advertises: Bool?
        var answer: ScriptedAuthorizationServer.Behaviour.Issuer
        var isAccepted: Bool
        var testDescription: String { name }
    }

    static let issuerRules = [
        IssuerRule(name: "auth/iss-supported", advertises: true, answer: .own, isAccepted: true),
        IssuerRule(name: "auth/iss-not-advertised", advertises: nil, answer: .missing, isAccepted: true),
        IssuerRule(name: "sent, though not advertised", advertises: nil, answer: .own, isAccepted: true),
        IssuerRule(name: "auth/iss-supported-missing", advertises: true, answer: .missing, isAccepted: false),
        IssuerRule(
            name: "auth/iss-wrong-issuer", advertises: true, answer: .other("https://evil.example"), isAccepted: false),
        IssuerRule(
            name: "auth/iss-unexpected", advertises: nil, answer: .other("https://evil.example"), isAccepted: false),
        IssuerRule(
            name: "auth/iss-normalized", advertises: true, answer: .other("https://auth.test/"), isAccepted: false),
    ]

    /// requirement: F-63
    @Test("an answer is judged by the issuer that it names", arguments: issuerRules)
    func issuer(_ rule: IssuerRule) async throws {
        let bench = OAuthBench(
            .with {
                $0.advertisesIssuer = rule.advertises
                $0.issuerInAnswer = rule.answer
            })
        if rule.isAccepted {
            try await bench.run()
            #expect(bench.issuer.tokenRequests.count == 1)
        } else {
            let error = try await failure { try await bench.run() }
            #expect(error.code == .signInFailed && error.message.contains("RFC 9207"))
            #expect(!bench.issuer.authorizations.isEmpty && bench.issuer.tokenRequests.isEmpty)
        }
    }

    /// requirement: F-63
    @Test("an error in an answer of another issuer is neither acted on nor shown")
    func errorOfAnotherIssuer() async throws {
        let bench = OAuthBench(
            .with {
                $0.refusal = "access_denied"
                $0.issuerInAnswer = .other("https://evil.example")
            })
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && !error.message.contains("access_denied"))
    }

    /// requirement: F-43
    @Test("auth/metadata-issuer-mismatch: a description of another issuer is not used")
    func metadataIssuer() async throws {
        let bench = OAuthBench(.with { $0.metadataIssuer = "https://attacker.example" })
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("another issuer"))
        #expect(bench.issuer.requests == ["GET /.well-known/oauth-authorization-server"])
    }

    /// requirement: F-61
    @Test("an issuer that does not say that it supports PKCE with S256 is refused", arguments: [nil, ["plain"]])
    func proofKey(_ methods: [String]?) async throws {
        let bench = OAuthBench(.with { $0.codeChallengeMethods = methods })
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("PKCE"))
        #expect(bench.issuer.authorizations.isEmpty && bench.issuer.registrations.isEmpty)
    }

    // MARK: Extensions

    /// requirement: F-87
    @Test("auth/client-credentials-basic: the client acts for itself, with its secret")
    func clientCredentialsBasic() async throws {
        let bench = OAuthBench(
            grant: .clientCredentials,
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "robot", secret: "known")]),
            .with {
                $0.grantTypes = ["client_credentials"]
                $0.authMethods = ["client_secret_basic"]
                $0.clients = ["robot": "known"]
            })
        try await bench.run()
        #expect(bench.issuer.tokenRequests.map(\.grantType) == ["client_credentials"])
        #expect(bench.issuer.authorizations.isEmpty && bench.issuer.registrations.isEmpty)
    }

    /// requirement: F-87
    @Test("auth/client-credentials-jwt: the client signs an assertion for the issuer")
    func clientCredentialsJWT() async throws {
        let bench = OAuthBench(
            grant: .clientCredentials,
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "robot", key: .generate())]),
            .with {
                $0.grantTypes = ["client_credentials"]
                $0.authMethods = ["private_key_jwt"]
                $0.clients = ["robot": ""]
            })
        try await bench.run()
        let text = try #require(bench.issuer.tokenRequests.first?.form["client_assertion"])
        let assertion = try CompactToken(text)
        #expect(assertion.claims["aud"] == "https://auth.test" && assertion.claims["iss"] == "robot")
        #expect(assertion.header["alg"] == "ES256")
    }

    /// requirement: F-87
    @Test("auth/wif-jwt-bearer: a workload presents its statement; one that was refused is not presented again")
    func workloadIdentity() async throws {
        let bench = OAuthBench(
            grant: .jwtBearer { audience in "statement-for-\(audience)" },
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "workload")]),
            .with {
                $0.clients = ["workload": ""]
                $0.registersClients = false
                $0.judgeAssertion = { $0 == "statement-for-https://auth.test" ? nil : "invalid_grant" }
            })
        try await bench.run()
        #expect(bench.issuer.tokenRequests.map(\.form["assertion"]) == ["statement-for-https://auth.test"])
        bench.issuer.behave { $0.judgeAssertion = { _ in "invalid_grant" } }
        bench.issuer.revokeEverything()
        for _ in 0..<3 {
            let error = try await failure { try await bench.client.callTool("echo", arguments: [:]) }
            #expect(error.code == .unauthorized && error.message.contains("invalid_grant"))
        }
        #expect(bench.issuer.tokenRequests.count == 2)
        #expect(bench.issuer.tokenRequests.allSatisfy { $0.grantType.hasSuffix("jwt-bearer") })
    }

    /// requirement: F-87
    @Test("auth/enterprise-managed-authorization: the organisation's word is exchanged, then presented")
    func enterprise() async throws {
        let identity = EnterpriseIdentity(
            tokenEndpoint: "https://other-auth.test/token", issuer: "https://other-auth.test",
            client: OAuthClient(id: "at-the-idp")
        ) { "id-token" }
        let bench = OAuthBench(
            grant: .enterpriseManaged(identity),
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "at-the-server", secret: "known")]),
            .with {
                $0.clients = ["at-the-server": "known", "at-the-idp": ""]
                $0.authMethods = ["client_secret_basic", "none"]
                $0.exchangedToken = "the-organisation-says"
            })
        try await bench.run()
        let exchange = try #require(bench.other.tokenRequests.first?.form)
        #expect(exchange["audience"] == "https://auth.test" && exchange["resource"] == OAuthBench.url)
        #expect(exchange["subject_token"] == "id-token" && exchange["client_id"] == "at-the-idp")
        #expect(bench.issuer.tokenRequests.map(\.form["assertion"]) == ["the-organisation-says"])
        #expect(bench.issuer.tokenRequests.map(\.authMethod) == ["client_secret_basic"])
    }

    @Test("auth/dpop, auth/dpop-nonce: tokens are bound to a key, each request proves it", arguments: [false, true])
    func proofOfPossession(wantsNonce: Bool) async throws {
        let bench = OAuthBench(
            configuration: OAuthConfiguration(dpopKey: .generate()),
            .with {
                $0.bindsTokens = true
                $0.nonce = wantsNonce ? "nonce-of-the-issuer" : nil
            }
        ) { server in
            server.wantsProofs = true
            server.nonce = wantsNonce ? "nonce-of-the-server" : nil
        }
        try await bench.run()
        try await bench.run()
        #expect(bench.server.schemes.count >= 4 && bench.server.schemes.allSatisfy { $0 == "DPoP" })
        #expect(bench.server.replays == 0)
        #expect(bench.issuer.tokenRequests.count == (wantsNonce ? 2 : 1))
        #expect(bench.issuer.tokenRequests.allSatisfy { $0.proof != nil })
        #expect(bench.issuer.authorizations.first?["dpop_jkt"] != nil)
        #expect(bench.client.recentRequests.filter { $0.occasion == .proofRenewed }.count == (wantsNonce ? 1 : 0))
    }
}
