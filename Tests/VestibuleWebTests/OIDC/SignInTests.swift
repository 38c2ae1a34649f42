import Crypto
import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("Sign-in with an identity provider")
struct OIDCSignInTests {
    @Test("the browser is sent to the provider with state, nonce and a proof key; the endpoint's own query stays")
    func authorizationRequest() async throws {
        let bench = SignInBench()
        let tab = try await bench.begin()
        #expect(tab.location.hasPrefix("https://idp.test/authorize?tenant=1&"))
        let parameters = tab.parameters
        #expect(parameters["response_type"] == "code")
        #expect(parameters["client_id"] == "vestibule")
        #expect(parameters["redirect_uri"] == "http://127.0.0.1:8080/auth/callback")
        #expect(parameters["scope"]?.contains("openid") == true)
        #expect(parameters["code_challenge_method"] == "S256")
        for name in ["state", "nonce", "code_challenge"] { #expect(parameters[name]?.count == 43, "\(name)") }
        #expect(Set(["state", "nonce", "code_challenge"].map { parameters[$0] }).count == 3)
    }

    @Test("the cookie is HttpOnly, Secure, SameSite=Lax, of this host only, for ten minutes, and shows nothing")
    func cookie() async throws {
        let bench = SignInBench()
        let answer = await bench.signIn.begin(SignInBench.request("/auth/sign-in"), returnTo: .home).response
        let field = try #require(answer.head.headerFields[.setCookie])
        #expect(field.hasPrefix("__Host-vestibule-oidc-8080="))
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
            #expect(field.contains(attribute))
        }
        let location = answer.head.headerFields[.location] ?? ""
        let state = SignInBench.Tab(location: location).state
        #expect(!field.contains(state) && !field.contains("Domain"))
    }

    @Test("the code is redeemed with the verifier of the challenge and the client's secret; the person comes back")
    func exchange() async throws {
        let bench = SignInBench()
        let tab = try await bench.begin()
        let outcome = await bench.complete(tab)
        guard case .signedIn(let person, let returnTo, let fields) = outcome else {
            Issue.record("\(outcome.detail)")
            return
        }
        #expect(person.subject == "ada" && person.name == "Ada Lovelace" && person.method == "oidc")
        #expect(returnTo.path == "/operate?x=1")
        #expect(fields.first?.value.contains("Max-Age=0") == true, "the cookie goes")
        let request = try #require(bench.provider.requests.first { $0.url == "https://idp.test/token" })
        let form = "?" + String(decoding: request.body, as: UTF8.self)
        let sent = SignInBench.Tab(location: "http://x/" + form).parameters
        let verifier = try #require(sent["code_verifier"])
        #expect(Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8)))) == tab.parameters["code_challenge"])
        #expect(sent["grant_type"] == "authorization_code" && sent["code"] == "the-code-of-the-provider")
        #expect(sent["redirect_uri"] == tab.parameters["redirect_uri"])
        #expect(sent["client_secret"] == nil && sent["client_id"] == nil)
        // RFC 6749 §2.3.1: encoded as in a form, then Base64.
        #expect(
            request.fields[.authorization]
                == "Basic dmVzdGlidWxlOnMzY3IzdCtvZit0aGUrY2xpZW50JTNBKyUyQiUyRiUyNQ==")
        #expect(!"\(request)".contains("s3cr3t"))
    }

    @Test(
        "the secret is shown as configured, or else as the provider supports it, and never where there is none",
        arguments: [
            (nil, nil, true, "basic"), (["client_secret_post"], nil, true, "post"),
            (["client_secret_post", "client_secret_basic"], nil, true, "basic"),
            (["client_secret_basic"], ClientAuthentication.post, true, "post"),
            (["private_key_jwt"], nil, true, "refused"), (["client_secret_basic"], nil, false, "none"),
        ] as [([String]?, ClientAuthentication?, Bool, String)])
    func authentication(
        _ offered: [String]?, _ chosen: ClientAuthentication?, hasSecret: Bool, expected: String
    ) async throws {
        let bench = SignInBench(secret: hasSecret ? SignInBench.secret : nil, authentication: chosen)
        bench.provider.change { $0.metadata["token_endpoint_auth_methods_supported"] = offered.map(JSONValue.strings) }
        let outcome = try await bench.run()
        guard let request = bench.provider.requests.first(where: { $0.url == "https://idp.test/token" }) else {
            #expect(expected == "refused" && outcome.detail.contains("private_key_jwt"), "\(outcome.detail)")
            return
        }
        let sent = SignInBench.Tab(location: "http://x/?" + String(decoding: request.body, as: UTF8.self)).parameters
        #expect(outcome.person != nil, "\(outcome.detail)")
        #expect((request.fields[.authorization] != nil) == (expected == "basic"))
        #expect((sent["client_secret"] == SignInBench.secret) == (expected == "post"))
        #expect((sent["client_id"] == "vestibule") == (expected != "basic"))
    }

    @Test("rights come from all rules that fit; nobody comes in whom none fits")
    func grants() async throws {
        let rules = [
            GrantRule(claims: ["groups": "operators"], grant: Grant(roles: ["operator"], scope: ["a"])),
            GrantRule(claims: ["groups": "analysts"], grant: Grant(permissions: ["s3:GetObject"], buckets: ["demo"])),
            GrantRule(claims: ["sub": "eve"], grant: Grant(permissions: ["everything"])),
        ]
        let bench = SignInBench(grants: rules)
        #expect(
            try await bench.run().person?.grant
                == Grant(permissions: ["s3:GetObject"], buckets: ["demo"], roles: ["operator"], scope: ["a"]))
        bench.provider.change { $0.changes = [("groups", ["others"])] }
        let outcome = try await bench.run()
        #expect(outcome.status == 403 && outcome.detail.hasPrefix("no_rights:"))
        #expect(outcome.detail.contains("groups") && !outcome.detail.contains("others"))
        bench.provider.change { $0.changes = [("groups", nil)] }
        #expect(try await bench.run().status == 403)
    }

    @Test("a name is whatever the provider tells of it, on one line, or else the subject")
    func names() async throws {
        let bench = SignInBench()
        for (claims, expected) in [
            ([("name", "Ada\nAdmin"), ("email", "x")], "Ada Admin"),
            ([("name", nil), ("email", "ada@test")], "ada@test"),
            ([("name", ""), ("preferred_username", "ada1")], "ada1"), ([("name", 5)], "ada"),
        ] as [([(String, JSONValue?)], String)] {
            bench.provider.change { $0.changes = claims }
            #expect(try await bench.run().person?.name == expected)
        }
    }

    @Test("a browser that came as localhost is sent to the configured name first, whose cookies come back")
    func hostName() async throws {
        let bench = SignInBench()
        let path = try #require(ReturnPath("/operate?a=b"))
        let answer = await bench.signIn
            .begin(
                SignInBench.request("/auth/sign-in", host: "localhost:8080"), returnTo: path
            )
            .response
        #expect(
            answer.head.headerFields[.location] == "http://127.0.0.1:8080/auth/sign-in?return=%2Foperate%3Fa%3Db")
        // Where the port differs, something in between chose the name: no redirect could help, and it might go on for ever.
        let proxied = await bench.signIn
            .begin(
                SignInBench.request("/auth/sign-in", host: "localhost:9999"), returnTo: path
            )
            .response
        #expect(proxied.head.headerFields[.location]?.hasPrefix("https://idp.test/") == true)
    }

    @Test("a client's secret shows itself neither in print nor in a dump")
    func secret() {
        let configuration = OIDCConfiguration(
            issuer: FakeProvider.issuer, clientID: "vestibule", clientSecret: ClientSecret(SignInBench.secret))
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test(
        "an issuer is https, or http on this machine",
        arguments: [
            ("https://idp.test", true), ("https://idp.test/realm/", true), ("http://127.0.0.1:5000/", true),
            ("http://localhost:5000", true), ("http://idp.test", false), ("idp.test", false),
            ("https://idp.test/?a=b", false), ("https://idp.test/#x", false), ("https://u@idp.test", false),
            ("http://127.0.0.1.idp.test", false), ("file:///etc", false), ("", false),
        ])
    func issuers(_ issuer: String, isGood: Bool) {
        #expect((OIDCConfiguration.problem(withIssuer: issuer) == nil) == isGood)
    }
}
