import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("Identity providers, in order and out of order")
struct ProviderTests {
    private static let discovery = "/realm/.well-known/openid-configuration"

    private func begin(_ bench: SignInBench) async -> (status: Int, page: String) {
        let start = await bench.signIn.begin(SignInBench.request("/auth/sign-in"), returnTo: .home)
        #expect((start.detail == nil) == (start.response.head.status == .seeOther), "what went wrong is logged")
        return (start.response.head.status.code, text(start.response))
    }

    @Test(
        "a description that cannot be used says what is wrong with it",
        arguments: [
            ("issuer", "https://idp.test/realm/", "not of &quot;https://idp.test/realm&quot;"),
            ("issuer", nil, "no &quot;issuer"),
            ("token_endpoint", nil, "token_endpoint"), ("jwks_uri", 5, "jwks_uri"),
            ("authorization_endpoint", "/authorize", "no http URL"), ("jwks_uri", "http://idp.test/keys", "plain http"),
            ("token_endpoint", "file:///etc/passwd", "no http URL"),
            ("code_challenge_methods_supported", ["plain"], "no PKCE"),
            ("response_types_supported", ["id_token"], "code"),
            ("id_token_signing_alg_values_supported", ["HS256", "HS512"], "HS512"),
        ] as [(String, JSONValue?, String)])
    func metadata(_ member: String, value: JSONValue?, expected: String) async {
        let bench = SignInBench()
        bench.provider.change { $0.metadata[member] = value }
        let (status, page) = await begin(bench)
        #expect(status == 502 && page.contains("provider_invalid") && page.contains(expected), "\(page)")
    }

    @Test(
        "a provider that gives no good answer is named, with what to do",
        arguments: [
            (TransportResponse(status: 503), "provider_unreachable"),
            (TransportResponse(status: 404), "provider_invalid"),
            (TransportResponse(status: 302), "redirect"),
            (TransportResponse(status: 200, bytes: Array("<html>".utf8)), "not acceptable JSON"),
            (TransportResponse(status: 200, bytes: Array(#"{"issuer":"a","issuer":"b"}"#.utf8)), "not acceptable JSON"),
            (TransportResponse(status: 200, bytes: Array(repeating: 0x20, count: 1_100_000)), "more than 1048576"),
        ])
    func answers(_ reply: TransportResponse, expected: String) async {
        let bench = SignInBench()
        bench.provider.change { $0.replies[Self.discovery] = reply }
        let (status, page) = await begin(bench)
        #expect(status == 502 && page.contains(expected) && page.contains("What to do"), "\(page)")
    }

    @Test("a provider that cannot be reached is asked again after five seconds, not before")
    func unreachable() async throws {
        let bench = SignInBench()
        bench.provider.change { $0.failures[Self.discovery] = TransportError(.notSent, "no connection: refused") }
        for _ in 0..<10 {
            let (status, page) = await begin(bench)
            #expect(status == 502 && page.contains("provider_unreachable") && page.contains("no connection: refused"))
        }
        #expect(bench.provider.count(Self.discovery) == 1)
        bench.provider.change { $0.failures = [:] }
        bench.clock.advance(by: .seconds(6))
        _ = try await bench.begin()
        #expect(bench.provider.count(Self.discovery) == 2)
    }

    @Test("a provider that does not answer is given up after five seconds")
    func timeout() async {
        let bench = SignInBench()
        bench.provider.change { $0.latch = Latch() }
        async let answer = begin(bench)
        await bench.clock.untilSomebodySleeps(for: .seconds(5))
        bench.clock.advance(by: .seconds(5))
        let (status, page) = await answer
        #expect(status == 502 && page.contains("no answer within"), "\(page)")
    }

    @Test("however many sign in at once, the provider is asked once for its description and once for its keys")
    func singleFlight() async throws {
        let bench = SignInBench()
        let latch = Latch()
        bench.provider.change { $0.latch = latch }
        let tabs = try await withThrowingTaskGroup(of: SignInBench.Tab.self) { group in
            for _ in 0..<20 { group.addTask { try await bench.begin() } }
            latch.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(tabs.map(\.state)).count == 20)
        #expect(bench.provider.count(Self.discovery) == 1)
        _ = try await bench.run()
        _ = try await bench.run()
        #expect(bench.provider.count("/keys") == 1)
    }

    @Test("a description is fetched anew when its time is over, and serves a day longer where that fails")
    func staleness() async throws {
        let bench = SignInBench()
        bench.provider.change { $0.fields[Self.discovery] = [.cacheControl: "public, max-age=3600"] }
        _ = try await bench.begin()
        bench.clock.advance(by: .seconds(3599))
        _ = try await bench.begin()
        #expect(bench.provider.count(Self.discovery) == 1)
        bench.provider.change { $0.failures[Self.discovery] = TransportError(.notSent, "gone") }
        bench.clock.advance(by: .seconds(2))
        _ = try await bench.begin()
        #expect(bench.provider.count(Self.discovery) == 2)
        _ = try await bench.begin()
        #expect(bench.provider.count(Self.discovery) == 2, "and not for every sign-in")
        bench.clock.advance(by: .seconds(86_400))
        #expect(await begin(bench).page.contains("provider_unreachable"))
    }

    @Test("a key that the provider rotated to is found at once")
    func rotation() async throws {
        let bench = SignInBench()
        #expect(try await bench.run().person != nil)
        bench.provider.rotate(to: "key-2")
        #expect(try await bench.run().person != nil)
        #expect(bench.provider.count("/keys") == 2)
    }

    @Test("a key changed under its old name is found, too")
    func sameName() async throws {
        let bench = SignInBench()
        #expect(try await bench.run().person != nil)
        bench.provider.rotate(to: "key-1")
        #expect(try await bench.run().person != nil)
    }

    @Test("unknown keys make the server ask once in ten seconds, not once for each")
    func flood() async throws {
        let bench = SignInBench()
        #expect(try await bench.run().person != nil)
        let stranger = RingKey.generate(.es256, kid: "stranger", createdAt: bench.clock.now())
        bench.provider.change { $0.signer = stranger }
        for _ in 0..<10 { #expect(try await bench.run().detail.contains("key_unknown")) }
        #expect(bench.provider.count("/keys") == 2)
        bench.clock.advance(by: .seconds(11))
        #expect(try await bench.run().detail.contains("key_unknown"))
        #expect(bench.provider.count("/keys") == 3)
    }

    @Test("where the key set cannot be had anew, the old one serves")
    func keysDown() async throws {
        let bench = SignInBench()
        #expect(try await bench.run().person != nil)
        bench.provider.change { $0.replies["/keys"] = TransportResponse(status: 500) }
        bench.clock.advance(by: .seconds(1000))
        #expect(try await bench.run().person != nil)
        #expect(bench.provider.count("/keys") == 2)
    }

    @Test(
        "a key set that cannot be used says why",
        arguments: [
            (#"{"keys":[]}"#, "it is empty"), ("[]", "no array"),
            (#"{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}"#, "secret part"),
            (#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#, "1 bits"),
        ])
    func badKeys(_ keys: String, expected: String) async throws {
        let bench = SignInBench()
        bench.provider.change { $0.replies["/keys"] = TransportResponse(status: 200, bytes: Array(keys.utf8)) }
        let outcome = try await bench.run()
        #expect(outcome.detail.hasPrefix("provider_invalid:") && outcome.detail.contains(expected), "\(outcome.detail)")
    }

    @Test(
        "a code that is not redeemed says why",
        arguments: [
            (401, #"{"error":"invalid_client"}"#, "client_refused"), (401, "", "client_refused"),
            (400, #"{"error":"invalid_grant","error_description":"code expired"}"#, "code_refused"),
            (400, #"{"error":"invalid_request"}"#, "provider_error"), (500, "<html>", "provider_unreachable"),
            (302, "", "provider_invalid"), (200, "<html>", "provider_error"), (200, "{}", "provider_error"),
            (200, #"{"access_token":"x","token_type":"Bearer"}"#, "it has: access_token"),
            (200, #"{"id_token":"not a token"}"#, "token_malformed"),
            (400, #"{"error":"the-code-of-the-provider"}"#, "provider_error"),
        ])
    func tokenEndpoint(_ status: Int, body: String, expected: String) async throws {
        let bench = SignInBench()
        bench.provider.change {
            $0.replies["/token"] = TransportResponse(status: status, bytes: Array(body.utf8))
        }
        let outcome = try await bench.run()
        #expect(outcome.status == 502 && outcome.detail.contains(expected), "\(outcome.detail)")
        #expect(outcome.page?.contains("What to do") == true)
    }

    @Test("no more than 64 codes are redeemed at once; who comes then is asked to wait, and everything else goes on")
    func crowd() async throws {
        let bench = SignInBench()
        #expect(try await bench.run().person != nil)
        let latch = Latch()
        bench.provider.change { $0.latch = latch }
        let outcomes = try await withThrowingTaskGroup(of: SignInOutcome.self) { group in
            var tabs: [SignInBench.Tab] = []
            for _ in 0..<80 { tabs.append(try await bench.begin()) }
            for tab in tabs { group.addTask { await bench.complete(tab) } }
            var refused: [SignInOutcome] = []
            while refused.count < 16, let outcome = try await group.next() { refused.append(outcome) }
            latch.open()
            #expect(refused.allSatisfy { $0.status == 503 && $0.detail.hasPrefix("busy:") })
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 64 && outcomes.allSatisfy { !$0.detail.hasPrefix("busy:") })
        #expect(try await bench.run().person != nil, "there is room again")
    }

    @Test("neither page nor log line holds the secret, the code, the state or the verifier")
    func nothingSecret() async throws {
        let bench = SignInBench()
        for (path, reply) in [
            ("/token", TransportResponse(status: 401)), ("/token", TransportResponse(status: 500)),
            ("/keys", TransportResponse(status: 404)),
        ] {
            bench.provider.change { $0.replies = [path: reply] }
            let tab = try await bench.begin()
            let outcome = await bench.complete(tab)
            let shown = outcome.detail + (outcome.page ?? "")
            let verifiers = bench.provider.requests.map { String(decoding: $0.body, as: UTF8.self) }
                .flatMap { $0.split(separator: "&") }.filter { $0.hasPrefix("code_verifier=") }
                .map { String($0.dropFirst(14)) }
            #expect(!verifiers.isEmpty)
            for secret in ["s3cr3t", "the-code-of-the-provider", tab.state, tab.parameters["nonce"] ?? ""] + verifiers {
                #expect(!shown.contains(secret))
            }
        }
    }
}
