import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

@Suite("Browser sessions")
struct SessionTests {
    @Test("the cookie is the host's own, out of scripts' reach, and holds 256 random bits")
    func cookie() async throws {
        let browser = try await (try Lobby()).signIn("ada")
        let cookie = try #require(browser.reply.setCookies.first { $0.hasPrefix("__Host-vestibule-8080=") })
        let parts = cookie.split(separator: "; ").map(String.init)
        #expect(Set(parts.dropFirst()) == ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"])
        let id = try #require(parts.first?.split(separator: "=").last.map(String.init))
        #expect(Base64URL.decode(id)?.count == 32)
        #expect(!cookie.contains("Domain"))
    }

    @Test(
        "the name carries the port on loopback only",
        arguments: [
            ("http://127.0.0.1:9000/mcp", "__Host-vestibule-9000"), ("http://[::1]:9000/mcp", "__Host-vestibule-9000"),
            ("http://localhost/mcp", "__Host-vestibule-80"), ("https://mcp.example.com/mcp", "__Host-vestibule"),
            ("https://mcp.example.com:8443/mcp", "__Host-vestibule"),
        ])
    func names(_ resource: String, _ name: String) {
        let configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "test", version: "1"), resource: resource)
        #expect(SiteCookies(SiteAddress(configuration)).name() == name)
    }

    @Test("signing in makes a new id and ends the session that was: a planted one is worth nothing")
    func fixation() async throws {
        let lobby = try Lobby()
        let planted = "__Host-vestibule-8080=" + RandomID.makeSecret()
        let first = try await lobby.signIn("ada", cookie: planted)
        #expect(first.cookie != planted)
        #expect(await lobby.state(planted)?["signed_in"] == false)
        let second = try await lobby.signIn("olga", cookie: first.cookie)
        #expect(second.cookie != first.cookie && second.csrf != first.csrf)
        #expect(await lobby.state(first.cookie)?["signed_in"] == false)
        #expect(await lobby.state(second.cookie)?["subject"] == "olga")
        #expect(lobby.access.sessions.count == 1)
    }

    @Test(
        "a cookie that is not exactly one id is nobody's",
        arguments: [
            "", "short", "a b", String(repeating: "A", count: 43), String(repeating: "A", count: 9000), "\u{e9}",
        ])
    func otherCookies(_ value: String) async throws {
        #expect(try await Lobby().state("__Host-vestibule-8080=\(value)")?["signed_in"] == false)
    }

    @Test("two cookies of the name are nobody's: who can say which one the browser's person has?")
    func twoCookies() async throws {
        let lobby = try Lobby()
        let (ada, olga) = (try await lobby.signIn("ada"), try await lobby.signIn("olga"))
        #expect(await lobby.state("\(ada.cookie); \(olga.cookie)")?["signed_in"] == false)
        let fields = [("Cookie", ada.cookie), ("Cookie", olga.cookie)]
        #expect(await lobby.send(.get, "/auth/session", headers: fields).json?["signed_in"] == false)
        #expect(await lobby.state("other=1; \(ada.cookie);x=\"y")?["subject"] == "ada")
        #expect(await lobby.state(ada.cookie.replacing("__Host-", with: "__host-"))?["signed_in"] == false)
    }

    @Test("a session ends when it is idle too long, and at its age however busy it is")
    func times() async throws {
        let lobby = try Lobby(sessions: .init(idle: .seconds(100), lifetime: .seconds(250)))
        let idle = try await lobby.signIn("ada")
        let busy = try await lobby.signIn("ada")
        #expect(await lobby.state(busy.cookie)?["expires_at"]?.integer == 1_800_000_250)
        for _ in 0..<2 {
            lobby.clock.advance(by: .seconds(99))
            #expect(await lobby.state(busy.cookie)?["signed_in"] == true)
        }
        #expect(await lobby.state(idle.cookie)?["signed_in"] == false)
        lobby.clock.advance(by: .seconds(52))
        #expect(await lobby.state(busy.cookie)?["signed_in"] == false)
        #expect(lobby.access.sessions.count == 0, "what was found expired is gone")
    }

    @Test("at the bound the session that was idle longest goes")
    func bound() async throws {
        let lobby = try Lobby(sessions: .init(maximum: 2))
        let first = try await lobby.signIn("ada")
        lobby.clock.advance(by: .seconds(1))
        let second = try await lobby.signIn("ada")
        lobby.clock.advance(by: .seconds(1))
        #expect(await lobby.state(first.cookie)?["signed_in"] == true)
        let third = try await lobby.signIn("ada")
        #expect(lobby.access.sessions.count == 2)
        #expect(await lobby.state(second.cookie)?["signed_in"] == false)
        #expect(await lobby.state(first.cookie)?["signed_in"] == true)
        #expect(await lobby.state(third.cookie)?["signed_in"] == true)
    }

    @Test("says who is signed in and where to sign in, and nothing that only the cookie may know")
    func state() async throws {
        let lobby = try Lobby(features: .init(replay: true))
        let nobody = try #require(await lobby.state(nil))
        #expect(nobody["signed_in"] == false && nobody["csrf"] == .null && nobody["sign_in"] == "/auth/sign-in")
        #expect(nobody["resource"] == "http://127.0.0.1:8080/mcp" && nobody["replay"] == true)
        #expect(nobody["operator"] == false && nobody["subject"] == nil)
        let olga = try await lobby.signIn("olga")
        let reply = await lobby.send(.get, "/auth/session", ["Cookie": olga.cookie])
        let state = try #require(reply.json)
        #expect(state["signed_in"] == true && state["subject"] == "olga" && state["name"] == "Olga")
        #expect(state["roles"] == ["operator"] && state["operator"] == true && state["method"] == "development")
        #expect(state["csrf"]?.string?.utf8.count == 43)
        let id = olga.cookie.split(separator: "=").last.map(String.init) ?? ""
        #expect(!id.isEmpty && !reply.text.contains(id))
        let none = try #require(await (try Lobby(offersSignIn: false)).state(nil))
        #expect(none["sign_in"] == .null && none["replay"] == false)
    }

    @Test("a page under another name of this machine gets the endpoint's URL under that name")
    func otherName() async throws {
        let lobby = try Lobby()
        let reply = await lobby.send(.get, "/auth/session", host: "localhost:9090")
        #expect(reply.json?["endpoint"] == "http://localhost:9090/mcp")
        #expect(reply.json?["resource"] == "http://127.0.0.1:8080/mcp")
        let remote = try Lobby(resource: "https://mcp.example.com/mcp") { $0.allowedHosts = ["*"] }
        let answer = await remote.send(.get, "/auth/session", host: "localhost:9090")
        #expect(answer.json?["endpoint"] == "https://mcp.example.com/mcp")
    }

    @Test("signing out ends the session and removes the cookie")
    func signOut() async throws {
        let lobby = try Lobby()
        let browser = try await lobby.signIn("ada")
        let reply = await lobby.send(.post, "/auth/sign-out", browser.headers)
        #expect(reply.status == 204)
        #expect(reply.setCookies.count == 1)
        #expect(reply.setCookies.first?.hasPrefix("__Host-vestibule-8080=; ") == true)
        #expect(reply.setCookies.first?.contains("Max-Age=0") == true)
        #expect(await lobby.state(browser.cookie)?["signed_in"] == false)
        #expect(await lobby.send(.post, "/auth/token", browser.headers).error == "login_required")
        #expect(await lobby.send(.post, "/auth/sign-out", browser.headers).status == 401)
        #expect(await lobby.send(.get, "/auth/sign-out").status == 405)
    }

    @Test("no other origin may sign a person out, not even one that may fetch tokens")
    func signOutElsewhere() async throws {
        let lobby = try Lobby()
        let browser = try await lobby.signIn("ada")
        for origin in ["https://app.example.com", "http://127.0.0.1:9999", "null"] {
            var headers = browser.headers
            headers["Origin"] = origin
            #expect(await lobby.send(.post, "/auth/sign-out", headers).error == "origin_forbidden")
        }
        #expect(await lobby.state(browser.cookie)?["signed_in"] == true)
    }
}

extension Lobby {
    /// What `/auth/session` says to that cookie.
    func state(_ cookie: String?) async -> JSONValue? {
        await send(.get, "/auth/session", cookie.map { ["Cookie": $0] } ?? [:]).json
    }
}
