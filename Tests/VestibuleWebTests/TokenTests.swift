import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleWeb

@Suite("The token endpoint")
struct TokenTests {
    private let lobby: Lobby

    init() throws { lobby = try Lobby() }

    private func verify(_ token: String?) throws -> Principal {
        let issuer = TrustedIssuer(
            name: "own", issuer: Lobby.origin, audiences: [Lobby.origin + "/mcp"], keys: .live(lobby.keys.ring))
        return try TokenVerifier(issuers: [issuer], clock: lobby.clock).verify(token ?? "").get()
    }

    @Test("mints a short-lived token for this resource with the person's rights")
    func mints() async throws {
        let browser = try await lobby.signIn("ada")
        let reply = await lobby.send(.post, "/auth/token", browser.headers)
        #expect(reply.status == 200 && reply["Cache-Control"] == "no-store")
        #expect(reply.json?["token_type"] == "Bearer" && reply.json?["expires_in"] == 300)
        let principal = try verify(reply.json?["access_token"]?.string)
        #expect(principal.subject == "ada" && principal.buckets == ["demo-bucket"])
        #expect(principal.permissions == [ByteKey("s3:ListBucket")] && principal.roles.isEmpty)
        #expect(principal.expiration == lobby.clock.now() + .seconds(300))
        let nobody = try await lobby.signIn("nobody in particular")
        let plain = try verify(
            await lobby.send(.post, "/auth/token", nobody.headers).json?["access_token"]?.string)
        #expect(plain.subject == "nobody in particular" && plain.permissions.isEmpty && plain.buckets.isEmpty)
        let olga = try await lobby.signIn("olga")
        let operates = try verify(await lobby.send(.post, "/auth/token", olga.headers).json?["access_token"]?.string)
        #expect(operates.roles == [ByteKey("operator")] && operates.scope == [ByteKey("mcp")])
    }

    @Test("what is minted after a rotation is never of the old key")
    func rotation() async throws {
        let browser = try await lobby.signIn("ada")
        let before = try verify(
            await lobby.send(.post, "/auth/token", browser.headers).json?["access_token"]?.string)
        #expect(before.keyID == "first")
        try lobby.keys.rotate(to: "second")
        // The clock stands still: not even the 100 ms pass after which the ring looks by itself.
        let after = try verify(
            await lobby.send(.post, "/auth/token", browser.headers).json?["access_token"]?.string)
        #expect(after.keyID == "second")
    }

    @Test("the lifetime is the configured one, an hour at most")
    func lifetime() async throws {
        let lobby = try Lobby(lifetime: .seconds(86_400))
        let browser = try await lobby.signIn("ada")
        #expect(await lobby.send(.post, "/auth/token", browser.headers).json?["expires_in"] == 3600)
    }

    /// What is changed about a good request, and what that is answered with.
    static let refusals: [([String: String?], Int, String)] = [
        (["Cookie": nil], 401, "login_required"),
        (["Cookie": "__Host-vestibule-8080=" + String(repeating: "A", count: 43)], 401, "login_required"),
        (["Vestibule-CSRF": nil], 403, "csrf"), (["Vestibule-CSRF": ""], 403, "csrf"),
        (["Vestibule-CSRF": String(repeating: "A", count: 43)], 403, "csrf"),
        (["Origin": nil], 403, "origin_forbidden"), (["Origin": "null"], 403, "origin_forbidden"),
        (["Origin": "http://127.0.0.1:9999"], 403, "origin_forbidden"),
        (["Origin": "https://127.0.0.1:8080"], 403, "origin_forbidden"),
        (["Origin": "http://evil.example"], 403, "origin_forbidden"),
        (["Sec-Fetch-Site": "cross-site"], 403, "origin_forbidden"),
        (["Sec-Fetch-Site": "same-site"], 403, "origin_forbidden"),
        (["Origin": "https://app.example.com.evil.example"], 403, "origin_forbidden"),
    ]

    @Test("refuses whoever is not signed in, and every page that is not allowed", arguments: refusals)
    func refusal(_ changes: [String: String?], _ status: Int, _ error: String) async throws {
        let browser = try await lobby.signIn("ada")
        var headers = browser.headers
        for (name, value) in changes { headers[name] = value }
        let reply = await lobby.send(.post, "/auth/token", headers)
        #expect(reply.status == status && reply.error == error)
        #expect(reply.json?["detail"]?.string?.isEmpty == false && !reply.text.contains("access_token"))
        #expect(reply["Access-Control-Allow-Origin"] == (headers["Origin"] == Lobby.origin ? Lobby.origin : nil))
        if status == 401 { #expect(reply.json?["reason"] == "token_missing" && reply.json?["remedy"] == "sign_in") }
    }

    @Test("a CSRF token of another session is refused, and one that stands there twice")
    func otherCSRF() async throws {
        let (ada, olga) = (try await lobby.signIn("ada"), try await lobby.signIn("olga"))
        var headers = ada.headers
        headers["Vestibule-CSRF"] = olga.csrf
        #expect(await lobby.send(.post, "/auth/token", headers).error == "csrf")
        let twice = ada.headers.map { ($0.key, $0.value) } + [("Vestibule-CSRF", ada.csrf)]
        #expect(await lobby.send(.post, "/auth/token", headers: twice).error == "csrf")
        let origins = ada.headers.map { ($0.key, $0.value) } + [("Origin", Lobby.origin)]
        #expect(await lobby.send(.post, "/auth/token", headers: origins).error == "origin_forbidden")
    }

    @Test("a page under another name of this machine is its own origin under that name only")
    func otherName() async throws {
        let browser = try await lobby.signIn("ada")
        var headers = browser.headers
        headers["Origin"] = "http://localhost:8080"
        #expect(await lobby.send(.post, "/auth/token", headers, host: "localhost:8080").status == 200)
        #expect(await lobby.send(.post, "/auth/token", headers, host: "127.0.0.1:8080").error == "origin_forbidden")
    }

    @Test("only origins that the configuration names may read, with credentials; loopback ones are not among them")
    func cors() async throws {
        let browser = try await lobby.signIn("ada")
        for path in ["/auth/token", "/auth/session"] {
            let method: HTTPRequest.Method = path == "/auth/token" ? .post : .get
            var headers = browser.headers
            headers["Origin"] = "https://app.example.com"
            let allowed = await lobby.send(method, path, headers)
            #expect(allowed.status == 200 && allowed["Access-Control-Allow-Origin"] == "https://app.example.com")
            #expect(allowed["Access-Control-Allow-Credentials"] == "true" && allowed["Vary"] == "Origin")
            #expect(allowed["Cross-Origin-Resource-Policy"] == "same-origin", "CORS alone opens it")
            let preflight = await lobby.send(.options, path, ["Origin": "https://app.example.com"])
            #expect(preflight.status == 204 && preflight["Access-Control-Allow-Credentials"] == "true")
            #expect(preflight["Access-Control-Allow-Headers"] == "Vestibule-CSRF, Content-Type")
            #expect(preflight["Access-Control-Allow-Methods"] == preflight["Allow"])
            for origin in ["http://127.0.0.1:9999", "http://localhost:8080", "https://evil.example", "null"] {
                headers["Origin"] = origin
                let refused = await lobby.send(method, path, headers)
                #expect(refused.error == "origin_forbidden" && refused["Vary"] == "Origin")
                #expect(refused["Access-Control-Allow-Origin"] == nil && !refused.text.contains(browser.csrf))
                let silent = await lobby.send(.options, path, ["Origin": origin])
                #expect(silent.status == 204 && silent["Access-Control-Allow-Origin"] == nil)
                #expect(silent["Access-Control-Allow-Headers"] == nil)
            }
        }
        #expect(await lobby.send(.options, "/auth/sign-out", ["Origin": "https://app.example.com"]).status == 405)
    }

    @Test("a session gets so many tokens a minute, then is told when there are more; others are not held up")
    func rate() async throws {
        let lobby = try Lobby(sessions: .init(tokensPerMinute: 2))
        let (ada, olga) = (try await lobby.signIn("ada"), try await lobby.signIn("olga"))
        for _ in 0..<2 { #expect(await lobby.send(.post, "/auth/token", ada.headers).status == 200) }
        lobby.clock.advance(by: .milliseconds(20_500))
        let refused = await lobby.send(.post, "/auth/token", ada.headers)
        #expect(refused.status == 429 && refused.error == "rate_limited" && refused["Retry-After"] == "40")
        #expect(await lobby.send(.post, "/auth/token", olga.headers).status == 200)
        lobby.clock.advance(by: .seconds(40))
        #expect(await lobby.send(.post, "/auth/token", ada.headers).status == 200)
    }

    @Test("where nobody can sign in, it says so")
    func noSignIn() async throws {
        let lobby = try Lobby(offersSignIn: false)
        let reply = await lobby.send(.post, "/auth/token", ["Origin": Lobby.origin])
        #expect(reply.status == 404 && reply.error == "no_sign_in")
        #expect(await lobby.send(.get, "/auth/sign-in").status == 0)
    }

    @Test("a cookie alone, as a form elsewhere would send it, changes nothing")
    func forms() async throws {
        let browser = try await lobby.signIn("ada")
        for path in ["/auth/token", "/auth/sign-out"] {
            let reply = await lobby.send(
                .post, path,
                [
                    "Cookie": browser.cookie, "Origin": Lobby.origin,
                    "Content-Type": "application/x-www-form-urlencoded",
                ], body: "Vestibule-CSRF=\(browser.csrf)")
            #expect(reply.error == "csrf")
        }
    }
}
