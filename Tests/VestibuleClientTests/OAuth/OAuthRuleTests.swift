import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleClient

/// The rules of signing in, each as a table without I/O.
@Suite("Sign-in rules")
struct OAuthRuleTests {
    static let rule = AddressRule(resource: address("https://server.test/mcp"))

    static func address(_ url: String) -> WebAddress {
        guard let address = WebAddress(url) else { preconditionFailure("no URL: \(url)") }
        return address
    }

    static func metadata(
        _ change: (inout JSONObject) -> Void = { _ in }, rule: AddressRule = rule, isLegacy: Bool = false
    ) throws -> AuthorizationServerMetadata {
        var document: JSONObject = [
            "issuer": "https://auth.test", "authorization_endpoint": "https://auth.test/authorize",
            "token_endpoint": "https://auth.test/token", "code_challenge_methods_supported": ["S256"],
        ]
        change(&document)
        return try AuthorizationServerMetadata(
            .object(document), for: ["https://auth.test"], at: "the description", rule: rule, isLegacy: isLegacy)
    }

    static func problem(_ body: () throws -> some Any) -> String? {
        do {
            _ = try body()
            return nil
        } catch let error as MCPClientError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    /// requirement: F-41
    @Test(
        "resource metadata are looked for as the challenge says, then at the path, then at the root",
        arguments: [
            ("https://h.test/a/mcp", "https://h.test/x", ["https://h.test/x", "A/a/mcp", "A"]),
            ("https://h.test/a/mcp/", nil, ["A/a/mcp", "A"]), ("https://h.test", nil, ["A"]),
            ("HTTPS://H.test:443/mcp?x=1", nil, ["A/mcp", "A"]),
            ("https://h.test/mcp", "https://h.test/.well-known/oauth-protected-resource", ["A", "A/mcp"]),
        ] as [(String, String?, [String])])
    func resourcePlaces(_ url: String, _ named: String?, _ expected: [String]) {
        let places = ResourceMetadata.places(
            for: Self.address(url), challenge: BearerChallenge(resourceMetadata: named))
        let base = "https://h.test/.well-known/oauth-protected-resource"
        #expect(places == expected.map { $0.hasPrefix("A") ? base + $0.dropFirst() : $0 })
    }

    /// requirement: F-42
    @Test(
        "an issuer's description is looked for at its own places, never at another's",
        arguments: [
            (
                "https://i.test",
                ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
            ),
            (
                "https://i.test/",
                ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
            ),
            (
                "https://i.test/t/1",
                [
                    "/.well-known/oauth-authorization-server/t/1", "/.well-known/openid-configuration/t/1",
                    "/t/1/.well-known/openid-configuration",
                ]
            ),
        ] as [(String, [String])])
    func issuerPlaces(_ issuer: String, _ expected: [String]) {
        #expect(
            AuthorizationServerMetadata.places(of: Self.address(issuer)) == expected.map { "https://i.test" + $0 })
    }

    /// requirement: F-12, F-26, F-60
    @Test(
        "metadata speak for the resource and what lies below it",
        arguments: [
            ("https://server.test/mcp", true), ("https://server.test/mcp/", true),
            ("https://SERVER.test:443/mcp", true),
            ("https://server.test", true), ("https://server.test/", true), ("https://server.test/mc", false),
            ("https://server.test/mcp/x", false), ("http://server.test/mcp", false), ("https://evil.test/mcp", false),
            ("https://server.test.evil.test/mcp", false), ("https://server.test:444/mcp", false), ("mcp", false),
            ("https://server.test/mcp#x", false), ("https://user@server.test/mcp", false),
        ])
    func resourceMatch(_ resource: String, _ isAccepted: Bool) throws {
        let metadata = try ResourceMetadata(
            ["resource": .string(resource), "authorization_servers": ["https://auth.test"]], at: "it")
        let problem = Self.problem { try metadata.check(for: Self.address("https://server.test/mcp"), at: "it") }
        #expect((problem == nil) == isAccepted)
    }

    /// requirement: F-10
    @Test(
        "resource metadata without what is needed are refused, with what is missing",
        arguments: [
            (["authorization_servers": ["https://a.test"]], "`resource`"), (["resource": "https://s.test"], "no auth"),
            (["resource": "https://s.test", "authorization_servers": []], "no auth"), ([], "JSON object"),
        ] as [(JSONValue, String)])
    func resourceDocument(_ json: JSONValue, _ words: String) {
        let problem = Self.problem { try ResourceMetadata(json, at: "it") }
        #expect(problem?.contains(words) ?? false)
    }

    /// requirement: F-43
    @Test(
        "the issuer of a description is compared byte by byte", arguments: ["https://auth.test/", "https://AUTH.test"])
    func issuerEquality(_ issuer: String) {
        let problem = Self.problem { try Self.metadata { $0["issuer"] = .string(issuer) } }
        #expect(problem?.contains("another issuer") ?? false)
    }

    /// requirement: F-46, F-69
    @Test(
        "only https is asked, and this machine only by those who are on it",
        arguments: [
            ("https://auth.test/token", "https://server.test/mcp", nil),
            ("http://auth.test/token", "https://server.test/mcp", "plain http"),
            ("http://127.0.0.1:9/token", "https://server.test/mcp", "on this machine"),
            ("https://localhost/token", "https://server.test/mcp", "on this machine"),
            ("http://[::1]/token", "https://server.test/mcp", "on this machine"),
            ("http://127.0.0.1:9/token", "http://127.0.0.1:8/mcp", nil),
            ("http://auth.test/token", "http://127.0.0.1:8/mcp", "plain http"),
            ("javascript:alert(1)", "http://127.0.0.1:8/mcp", "no"), ("file:///etc/passwd", "http://localhost/", "no"),
            ("data:text/html,x", "http://localhost/", "no"), ("https://user@auth.test/", "https://server.test", "no"),
        ] as [(String, String, String?)])
    func addresses(_ url: String, _ resource: String, _ words: String?) {
        let problem = Self.problem { try AddressRule(resource: Self.address(resource)).check(url, "it") }
        #expect((problem == nil) == (words == nil))
        if let words { #expect(problem?.contains(words) ?? false) }
    }

    /// requirement: F-70
    @Test(
        "a sign-in page is opened at https only",
        arguments: ["javascript:alert(1)", "http://auth.test/authorize", "file:///bin/sh", "data:text/html,x"])
    func authorizationEndpoint(_ url: String) {
        let problem = Self.problem { try Self.metadata { $0["authorization_endpoint"] = .string(url) } }
        #expect(problem?.contains("authorization endpoint") ?? false)
    }

    /// requirement: F-61
    @Test("PKCE is asked of every issuer but those of before it had to be published")
    func proofKeyRules() throws {
        let missing = { (document: inout JSONObject) in document["code_challenge_methods_supported"] = nil }
        #expect(Self.problem { try Self.metadata(missing).checkProofKey() } != nil)
        #expect(Self.problem { try Self.metadata(missing, isLegacy: true).checkProofKey() } == nil)
        let plain = { (document: inout JSONObject) in document["code_challenge_methods_supported"] = ["plain"] }
        #expect(Self.problem { try Self.metadata(plain, isLegacy: true).checkProofKey() } != nil)
    }

    /// requirement: F-61
    @Test("a proof key is the hash that RFC 7636 gives as its example")
    func proofKey() {
        let bytes: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let key = ProofKey(RandomSource { _ in bytes })
        #expect(key.verifier == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(key.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    /// requirement: F-45
    @Test("of several issuers the preferred one is chosen, else the first")
    func choice() {
        let issuers = ["https://a.test", "https://b.test", "https://c.test"]
        #expect(OAuthDiscovery.ordered(issuers, preferring: []) == issuers)
        #expect(
            OAuthDiscovery.ordered(issuers, preferring: ["https://x.test", "https://c.test"])
                == ["https://c.test", "https://a.test", "https://b.test"])
    }

    /// requirement: F-64, F-65
    @Test(
        "the scope is the challenge's with what was asked for before; else the resource's; else none",
        arguments: [
            ([], nil, [], [], []), ([], ["a", "b"], [], [], ["a", "b"]), (["x"], ["a"], [], [], ["x"]),
            (["x"], ["a"], ["e"], [], ["e", "x"]), ([], ["a"], ["e"], [], ["e"]), ([], ["a"], [], ["c"], ["a", "c"]),
            (["x", "x"], nil, ["x"], ["x"], ["x"]),
        ] as [([String], [String]?, [String], [String], [String])])
    func scope(
        _ challenged: [String], _ supported: [String]?, _ earlier: [String], _ configured: [String],
        _ expected: [String]
    ) {
        #expect(
            ScopeChoice.scope(challenged: challenged, supported: supported, earlier: earlier, configured: configured)
                == expected)
    }

    // MARK: Registration

    enum Way: Sendable, Equatable { case configured, document, stored, dynamic, problem(String) }

    struct RegistrationCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var clients: [OAuthClient] = []
        var document: String?
        var stored: OAuthClient?
        var bound: String?
        var takesDocuments = true
        var registers = true
        var expected: Way
    }

    static let here = "https://auth.test"
    static let known = OAuthClient(issuer: here, id: "stored", redirectURIs: [OAuthBench.redirectURI])
    static let registrations: [RegistrationCase] = [
        .init(
            testDescription: "registered beforehand comes first", clients: [OAuthClient(id: "a")],
            document: "https://c.test/c", stored: known, expected: .configured),
        .init(
            testDescription: "registered beforehand for this issuer", clients: [OAuthClient(issuer: here, id: "a")],
            expected: .configured),
        .init(
            testDescription: "registered beforehand elsewhere",
            clients: [OAuthClient(issuer: "https://old.test", id: "a")], expected: .problem("belongs to")),
        .init(
            testDescription: "used elsewhere before", clients: [OAuthClient(id: "a")], bound: "https://old.test",
            expected: .problem("belongs to")),
        .init(
            testDescription: "the document before registering", document: "https://c.test/c", stored: known,
            expected: .document),
        .init(
            testDescription: "no document where it is not understood", document: "https://c.test/c",
            takesDocuments: false, expected: .dynamic),
        .init(testDescription: "the document has no path", document: "https://c.test", expected: .problem("no https")),
        .init(
            testDescription: "the document is plain http", document: "http://c.test/c", expected: .problem("no https")),
        .init(testDescription: "registered before", stored: known, expected: .stored),
        .init(
            testDescription: "registered before, with another redirect URI",
            stored: OAuthClient(issuer: here, id: "b", redirectURIs: ["http://127.0.0.1:1/callback"]),
            expected: .dynamic),
        .init(
            testDescription: "registered before, and its secret has ended",
            stored: OAuthClient(
                issuer: here, id: "b", secret: "s", redirectURIs: [OAuthBench.redirectURI],
                secretExpiresAt: NumericDate(5)), expected: .dynamic),
        .init(testDescription: "nothing is left", registers: false, expected: .problem("--client-id")),
    ]

    /// requirement: F-50, F-51, F-52, F-55
    @Test("the ways to a client id are tried in their order", arguments: registrations)
    func registration(_ row: RegistrationCase) throws {
        let server = try Self.metadata { document in
            document["client_id_metadata_document_supported"] = .bool(row.takesDocuments)
            if row.registers { document["registration_endpoint"] = "https://auth.test/register" }
        }
        let configuration = OAuthConfiguration(clients: row.clients, clientMetadataDocument: row.document)
        let found: Way
        do {
            let way = try RegistrationWay.choose(
                server: server, configuration: configuration, stored: row.stored, boundIssuer: row.bound,
                redirectURI: OAuthBench.redirectURI, now: NumericDate(10))
            found =
                switch way {
                case .preRegistered: .configured
                case .metadataDocument: .document
                case .stored: .stored
                case .dynamic: .dynamic
                }
        } catch {
            guard case .problem(let words) = row.expected else { throw error }
            #expect(error.message.contains(words))
            return
        }
        #expect(found == row.expected)
    }

    /// requirement: F-54, F-68
    @Test(
        "a client registers as what it is",
        arguments: [
            ("http://127.0.0.1:7/callback", "native"), ("http://localhost/cb", "native"), ("com.app:/cb", "native"),
            ("https://app.test/cb", "web"),
        ])
    func applicationType(_ redirectURI: String, _ type: String) throws {
        let document = ClientRegistration.document(
            OAuthClientMetadata(name: "n"), redirectURI: redirectURI,
            grantTypes: ["authorization_code", "refresh_token"],
            scope: ["a", "b"], server: try Self.metadata(), bindsTokens: true)
        #expect(document["application_type"] == .string(type) && document["client_name"] == "n")
        #expect(document["scope"] == "a b" && document["response_types"] == ["code"])
        #expect(document["dpop_bound_access_tokens"] == true)
        // A server that does not say wants a secret (RFC 8414 §2).
        #expect(document["token_endpoint_auth_method"] == "client_secret_basic")
    }

    @Test(
        "a client authenticates by its own method, else by the best that both sides have",
        arguments: [
            (OAuthClient(id: "a"), nil, .none), (OAuthClient(id: "a", secret: "s"), nil, .clientSecretBasic),
            (OAuthClient(id: "a", secret: "s"), ["client_secret_post"], .clientSecretPost),
            (OAuthClient(id: "a", secret: "s"), ["client_secret_post", "client_secret_basic"], .clientSecretBasic),
            (OAuthClient(id: "a", secret: "s"), ["none"], .none),
            (OAuthClient(id: "a", secret: "s", authMethod: .clientSecretPost), ["none"], .clientSecretPost),
            (OAuthClient(id: "a", key: .generate()), ["client_secret_basic"], .privateKeyJWT),
        ] as [(OAuthClient, [String]?, TokenEndpointAuthMethod)])
    func authMethod(_ client: OAuthClient, _ offered: [String]?, _ expected: TokenEndpointAuthMethod) {
        #expect(ClientAuthentication.method(for: client, offered: offered) == expected)
    }

    // MARK: Answers

    /// requirement: F-62, F-63
    @Test(
        "an answer without the state of the request, or with a parameter twice, is none",
        arguments: [
            "?code=c&state=other&iss=https://auth.test", "?code=c&iss=https://auth.test",
            "?state=STATE&state=STATE&code=c",
            "", "?", "?state=%zz&code=c", "?state=STATE&iss=https%3A%2F%2Fauth.test", "?state=STATE&code=",
        ])
    func answers(_ query: String) throws {
        let pending = PendingSignIn(
            server: try Self.metadata(), redirectURI: OAuthBench.redirectURI,
            random: RandomSource { Array(0..<UInt8($0)) })
        let answer = OAuthBench.redirectURI + query.split(separator: "STATE").joined(separator: pending.state)
        #expect(Self.problem { try pending.code(from: answer) } != nil)
        let good = "\(OAuthBench.redirectURI)?code=c%2B1&state=\(pending.state)&iss=https%3A%2F%2Fauth.test"
        #expect(try pending.code(from: good) == "c+1")
    }

    @Test("a nonce goes with openid, as some providers insist, and with no other scope", arguments: ["openid", "mcp"])
    func nonce(_ scope: String) throws {
        let server = try Self.metadata()
        let pending = PendingSignIn(server: server, redirectURI: OAuthBench.redirectURI, random: .system)
        let url = try pending.url(
            server: server, clientID: "c", resource: "https://server.test/mcp", scope: [scope], dpopThumbprint: nil)
        #expect((QueryParameters(url: url)?["nonce"] != nil) == (scope == "openid"))
    }

    @Test("a refusal at the sign-in page is told, on one line, with what to do")
    func refusedSignIn() async throws {
        let bench = OAuthBench(.with { $0.refusal = "access_denied" })
        let error = try await failure { try await bench.run() }
        #expect(error.code == .unauthorized)
        #expect(error.message.contains("access_denied (scripted); whoever was asked said no"))
    }

    @Test(
        "an answer of a token endpoint is read strictly",
        arguments: [
            (#"{"access_token":"t","token_type":"Bearer","expires_in":60}"#, nil),
            (#"{"access_token":"t","token_type":"bearer","expires_in":"60"}"#, nil),
            (#"{"access_token":"t","token_type":"DPoP"}"#, nil),
            (#"{"access_token":"t","token_type":"Bearer","expires_in":-1}"#, "expires_in"),
            (#"{"access_token":"t","token_type":"Bearer","expires_in":1e300}"#, "expires_in"),
            (#"{"access_token":"t","token_type":"mac"}"#, "type"), (#"{"access_token":"t"}"#, "token_type"),
            (#"{"token_type":"Bearer","id_token":"x"}"#, "access_token"), (#"{"access_token":""}"#, "access_token"),
            (#"{"access_token":"a b","token_type":"Bearer"}"#, "header"), ("[]", "object"),
            (#"{"access_token":"t\r\nX: y","token_type":"Bearer"}"#, "header"),
        ] as [(String, String?)])
    func tokenReply(_ text: String, _ words: String?) throws {
        let json = try JSONParser().parse(text.utf8)
        let problem = Self.problem { try TokenReply(json, "the token endpoint") }
        #expect((problem == nil) == (words == nil))
        if let words { #expect(problem?.contains(words) ?? false) }
    }

    @Test("each error of OAuth is one line that says what to do, and no line can be forged in it")
    func errorWords() {
        for error in ["invalid_client", "invalid_grant", "invalid_scope", "access_denied", "invalid_target"] {
            #expect(OAuthErrorReply(error: error, description: nil).inWords.hasPrefix("\(error); "))
        }
        let forged = OAuthErrorReply(error: "x\ny", description: "a\u{1B}[2J\nb").inWords
        #expect(forged == "x y (a [2J b)")
    }

    /// requirement: F-25
    @Test("no secret, token or verifier shows in a description")
    func descriptions() throws {
        let secret = "hidden-value"
        let signIn = StoredSignIn(
            server: "s", resource: "s", issuer: "i", clientID: "c", accessToken: secret, expiresAt: NumericDate(1),
            refreshToken: secret)
        let pending = PendingSignIn(
            server: try Self.metadata(), redirectURI: "r", random: RandomSource { Array(repeating: 7, count: $0) })
        let values: [Any] = [
            OAuthClient(id: "a", secret: secret), signIn, pending, PresentedToken(secret), OAuthSigningKey.generate(),
            OAuthConfiguration(clients: [OAuthClient(id: "a", secret: secret)]),
        ]
        for value in values {
            var shown = "\(value) \(String(reflecting: value))"
            dump(value, to: &shown)
            #expect(!shown.contains(secret) && !shown.contains(pending.state))
            #expect(!shown.contains(pending.proofKey.verifier))
        }
    }
}
