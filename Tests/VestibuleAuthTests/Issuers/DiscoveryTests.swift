import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleAuth

@Suite("Finding out what an issuer says of itself")
struct DiscoveryTests {
    private let idp = FakeIssuer()

    private func discover(_ issuer: String = FakeIssuer.issuer) async -> Result<IssuerMetadata, IssuerFailure> {
        do {
            return .success(try await IssuerDiscovery(issuer: issuer, clock: idp.clock, fetch: idp.fetch).metadata())
        } catch {
            return .failure(error as? IssuerFailure ?? IssuerFailure("\(error)"))
        }
    }

    private func message(_ result: Result<IssuerMetadata, IssuerFailure>) -> String {
        if case .failure(let failure) = result { failure.message } else { "found" }
    }

    @Test(
        "the description is looked for where OpenID Connect and RFC 8414 put it",
        arguments: [
            ("https://idp.test", "https://idp.test/.well-known/openid-configuration"),
            ("https://idp.test", "https://idp.test/.well-known/oauth-authorization-server"),
            ("https://idp.test/", "https://idp.test/.well-known/openid-configuration"),
            ("https://idp.test/a/b", "https://idp.test/a/b/.well-known/openid-configuration"),
            ("https://idp.test/a/b", "https://idp.test/.well-known/oauth-authorization-server/a/b"),
            ("https://idp.test/a/b/", "https://idp.test/.well-known/oauth-authorization-server/a/b"),
            ("https://idp.test/a/b", "https://idp.test/.well-known/openid-configuration/a/b"),
            ("http://127.0.0.1:9000/a", "http://127.0.0.1:9000/a/.well-known/openid-configuration"),
        ])
    func places(_ issuer: String, place: String) async throws {
        let json: JSONValue = [
            "issuer": .string(issuer), "jwks_uri": "https://keys.test/set",
            "introspection_endpoint": "https://a.test/i",
        ]
        idp.change { $0.documents[place] = FakeIssuer.json(json) }
        let found = try await discover(issuer).get()
        #expect(found.jwksURI == "https://keys.test/set" && found.introspectionEndpoint == "https://a.test/i")
    }

    @Test("the place that was right before is asked first")
    func remembered() async throws {
        let place = "https://idp.test/.well-known/openid-configuration/realm"
        let json: JSONValue = ["issuer": .string(FakeIssuer.issuer), "jwks_uri": "https://keys.test/set"]
        idp.change {
            $0.documents[place] = FakeIssuer.json(json)
            $0.documents[FakeIssuer.description] = IssuerDocument(status: 404, body: [])
        }
        let discovery = IssuerDiscovery(issuer: FakeIssuer.issuer, clock: idp.clock, fetch: idp.fetch)
        _ = try await discovery.metadata()
        #expect(idp.asked.count == 3)
        idp.clock.advance(by: .seconds(601))
        _ = try await discovery.metadata()
        #expect(idp.asked.dropFirst(3) == [place])
    }

    @Test(
        "a description that cannot be used says what is wrong with it",
        arguments: [
            (["issuer": "https://idp.test/realm/", "jwks_uri": "https://k.test"], "differs by a trailing slash"),
            (["issuer": "https://idp.test/Realm", "jwks_uri": "https://k.test"], "is that of the issuer"),
            (["issuer": "https://\u{69}dp.test/re\u{301}alm", "jwks_uri": "https://k.test"], "is that of the issuer"),
            (["jwks_uri": "https://k.test"], "has no \"issuer\""), (["issuer": 5], "has no \"issuer\""),
            (["issuer": "https://idp.test/realm"], "has no \"jwks_uri\""),
            (["issuer": "https://idp.test/realm", "jwks_uri": "keys"], "no https URL"),
            (["issuer": "https://idp.test/realm", "jwks_uri": "file:///etc/passwd"], "no https URL"),
            (["issuer": "https://idp.test/realm", "jwks_uri": "http://k.test"], "plain http"),
            (["issuer": "https://idp.test/realm", "jwks_uri": "http://127.0.0.1:1/k"], "on this machine"),
            (["issuer": "https://idp.test/realm", "jwks_uri": "https://localhost/k"], "on this machine"),
            (
                ["issuer": "https://idp.test/realm", "jwks_uri": "https://k.test", "introspection_endpoint": 7],
                "introspection_endpoint"
            ), ([], "a array"),
        ] as [(JSONValue, String)])
    func unusable(_ json: JSONValue, says: String) async {
        idp.change { $0.documents[FakeIssuer.description] = FakeIssuer.json(json) }
        let found = message(await discover())
        #expect(found.contains(says) || (says == "a array" && found.contains("an object is due")), "\(found)")
    }

    @Test(
        "an answer that is no description says what it is",
        arguments: [
            (302, "", "a redirect, which is not followed"), (503, "", "HTTP 503"),
            (200, "<html>", "not acceptable JSON"), (200, #"{"issuer":"a","\u0069ssuer":"b"}"#, "not acceptable JSON"),
            (404, "", "has no description (HTTP 404 at https://idp.test/realm/.well-known"),
        ])
    func answers(_ status: Int, text: String, says: String) async {
        idp.change {
            $0.documents[FakeIssuer.description] = IssuerDocument(status: status, body: Array(text.utf8))
        }
        let found = message(await discover())
        #expect(found.contains(says), "\(found)")
    }

    @Test("a megabyte is the most that a description may have")
    func size() async {
        for (size, says) in [(1 << 20, "not acceptable JSON"), (1 << 20 + 1, "more than 1048576 bytes")] {
            idp.change {
                $0.documents[FakeIssuer.description] = IssuerDocument(
                    status: 200, body: Array(repeating: 0x20, count: size))
            }
            let found = message(await discover())
            #expect(found.contains(says), "\(found)")
        }
    }

    @Test("keys that have moved are found where the description says by now")
    func moved() async throws {
        let verifier = idp.verifier()
        await #expect(throws: Never.self) { try await verifier.authenticate(try idp.token()).get() }
        let keys = try KeyRing(idp.keys).jwks
        idp.change {
            $0.documents[FakeIssuer.keys] = IssuerDocument(status: 410, body: [])
            $0.documents["https://idp.test/new"] = FakeIssuer.json(keys)
            $0.documents[FakeIssuer.description] = FakeIssuer.json([
                "issuer": .string(FakeIssuer.issuer), "jwks_uri": "https://idp.test/new",
            ])
        }
        idp.clock.advance(by: .seconds(500))
        await #expect(throws: Rejection.self) { try await verifier.authenticate(try idp.token(kid: "made up")).get() }
        #expect(idp.count("https://idp.test/new") == 1)
    }

    @Test(
        "a key set that cannot be used says why, and leaves those at hand",
        arguments: [
            (#"{"keys":[]}"#, "it is empty"), ("[]", "no array"),
            (#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "secret part"),
            (#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#, "1 bits"),
        ])
    func keySets(_ text: String, says: String) async throws {
        let ring = idp.ring(.url(FakeIssuer.keys))
        let verifier = idp.verifier(ring)
        let token = try idp.token()
        await #expect(throws: Never.self) { try await verifier.authenticate(token).get() }
        idp.change { $0.documents[FakeIssuer.keys] = IssuerDocument(status: 200, body: Array(text.utf8)) }
        idp.clock.advance(by: .seconds(601))
        await #expect(throws: Never.self) { try await verifier.authenticate(token).get() }
        let failure = ring.status.failure?.message ?? ""
        #expect(failure.hasPrefix("the key set at https://idp.test/keys cannot be used: "), "\(failure)")
        #expect(failure.contains(says), "\(failure)")
        #expect(idp.count(FakeIssuer.description) == 0)
    }
}
