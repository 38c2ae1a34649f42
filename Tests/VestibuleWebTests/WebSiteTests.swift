import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleWeb

@Suite("The web site")
struct WebSiteTests {
    @Test(
        "leaves what is not its own to the endpoint",
        arguments: ["/elsewhere", "/mcp", "/mcp/", "/mcp?x=1", "/.well-known/oauth-protected-resource", "/auth/other"])
    func leavesOtherPaths(_ path: String) async throws {
        #expect(try await Lobby().send(.get, path).status == 0)
    }

    @Test(
        "leaves a Host that is not the server's to the endpoint, which refuses it", arguments: ["/", "/auth/session"])
    func hosts(_ path: String) async throws {
        let lobby = try Lobby()
        #expect(await lobby.send(.get, path, host: "rebound.example").status == 0)
        #expect(await lobby.send(.get, path, host: "localhost:8080").status == 200)
    }

    @Test("an endpoint under one of its paths stays the endpoint")
    func endpointPath() async throws {
        let lobby = try Lobby(resource: "http://127.0.0.1:8080/web/mcp") { $0.path = "/web/mcp" }
        #expect(await lobby.send(.post, "/web/mcp").status == 0)
        #expect(await lobby.send(.get, "/web/importmap.json").status == 200)
    }

    @Test("without a front page there is none, and the modules are there all the same")
    func noFrontPage() async throws {
        let lobby = try Lobby(features: .init(frontPage: false))
        #expect(await lobby.send(.get, "/").status == 0)
        #expect(await lobby.send(.get, "/web/importmap.json").status == 200)
    }

    @Test(
        "every answer carries the security headers",
        arguments: [
            ("GET", "/", 200), ("GET", "/operate", 303), ("GET", "/web/importmap.json", 200), ("GET", "/web/none", 404),
            ("GET", "/auth/session", 200), ("GET", "/auth/sign-in", 200), ("POST", "/auth/sign-in", 403),
            ("POST", "/auth/token", 403), ("GET", "/auth/token", 405), ("POST", "/auth/sign-out", 403),
            ("OPTIONS", "/auth/token", 204), ("PUT", "/auth/session", 405), ("GET", "/part", 200),
        ])
    func headers(_ method: String, _ path: String, _ status: Int) async throws {
        let reply = await (try Lobby(parts: [Part()])).send(.init(method) ?? .get, path)
        #expect(reply.status == status)
        #expect(reply["X-Content-Type-Options"] == "nosniff")
        #expect(reply["X-Frame-Options"] == "DENY")
        #expect(reply["Cross-Origin-Opener-Policy"] == "same-origin")
        #expect(reply["Referrer-Policy"] == (path == "/auth/sign-in" ? "same-origin" : "no-referrer"))
        #expect(reply["Permissions-Policy"]?.contains("camera=()") == true)
        #expect(reply["Cross-Origin-Resource-Policy"] == (path.hasPrefix("/web/") ? "cross-origin" : "same-origin"))
        #expect(reply["Content-Security-Policy"]?.contains("default-src 'none'") == true)
        #expect(reply["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
        #expect(reply["Content-Security-Policy"]?.contains("'unsafe") == false)
        #expect(reply["Strict-Transport-Security"] == nil)
        #expect(reply["Vestibule-Request-Id"]?.isEmpty == false && reply["Date"] != nil)
        let mayBeKept = path == "/" || path == "/web/importmap.json"
        #expect(reply["Cache-Control"] == (mayBeKept ? "no-cache" : "no-store"))
    }

    @Test("a page may load and do only what this server serves")
    func pagePolicy() async throws {
        for path in ["/", "/auth/sign-in"] {
            let reply = await (try Lobby()).send(.get, path)
            #expect(
                reply["Content-Security-Policy"]
                    == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                    + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
                    + "require-trusted-types-for 'script'")
            #expect(!reply.text.contains("style=\"") && !reply.text.contains("<script>"))
        }
    }

    @Test("over https browsers are told to stay there")
    func transport() async throws {
        let lobby = try Lobby(resource: "https://mcp.example.com/mcp")
        let reply = await lobby.send(.get, "/", host: "mcp.example.com")
        #expect(reply["Strict-Transport-Security"] == "max-age=31536000")
    }

    @Test("every request is recorded: path without query, status, never a cookie or a token")
    func records() async throws {
        let lobby = try Lobby()
        let browser = try await lobby.signIn("ada")
        let token = await lobby.send(.post, "/auth/token?x=secret", browser.headers)
        _ = await lobby.send(.post, "/auth/token?x=secret")
        let records = lobby.records.list
        #expect(
            records.map(\.path) == ["/auth/sign-in", "/auth/sign-in", "/auth/session", "/auth/token", "/auth/token"])
        #expect(records.map(\.status) == [200, 303, 200, 200, 403])
        #expect(records.map(\.verdict) == [.admitted, .admitted, .admitted, .admitted, .refused])
        #expect(records[1].detail == "signed in (development): ada")
        #expect(records.allSatisfy { $0.method == nil && $0.remoteAddress == "127.0.0.1" && !$0.tokenSent })
        #expect(records[3].requestID == token["Vestibule-Request-Id"])
        let dumped = "\(records)"
        for secret in [browser.csrf, browser.cookie, token.json?["access_token"]?.string ?? "", "x=secret"] {
            #expect(!secret.isEmpty && !dumped.contains(secret))
        }
    }

    @Test(
        "the id of a replay's stage, which is the key to it, is in no record",
        arguments: [
            ("/replay/KEY/mcp", "/replay/…/mcp"), ("/replay/KEY/report", "/replay/…/report"),
            ("/replay/KEY", "/replay/…"), ("/replay/x/KEY", "/replay/…"), ("/replay/KEY/", "/replay/…"),
            (
                "/.well-known/oauth-protected-resource/replay/KEY/mcp",
                "/.well-known/oauth-protected-resource/replay/…/mcp"
            ),
        ])
    func stageRecords(_ path: String, _ shown: String) async throws {
        let lobby = try Lobby(parts: [Everything()])
        #expect(await lobby.send(.get, path).status == 200)
        #expect(lobby.records.list.map(\.path) == [shown])
    }

    /// A site that knows every path.
    private struct Everything: HTTPSite {
        func respond(to request: EndpointRequest) async -> EndpointResponse? { .empty(200) }
    }

    @Test("a port that the scheme implies is no part of the origin that a browser names")
    func impliedPorts() async throws {
        let lobby = try Lobby(resource: "https://mcp.example.com:443/mcp") {
            $0.allowedOrigins = ["https://app.example.com:443"]
        }
        for origin in ["https://mcp.example.com", "https://app.example.com"] {
            let reply = await lobby.send(.post, "/auth/token", ["Origin": origin], host: "mcp.example.com")
            #expect(reply.status == 401 && reply.json?["error"] == "login_required", "\(origin)")
        }
        let other = await lobby.send(
            .post, "/auth/token", ["Origin": "https://app.example.com:80"], host: "mcp.example.com")
        #expect(other.status == 403 && other.json?["error"] == "origin_forbidden")
    }

    @Test("the operator's page is for operators, and says so to others")
    func operate() async throws {
        let lobby = try Lobby()
        let stranger = await lobby.send(.get, "/operate?x=1")
        #expect(stranger.status == 303 && stranger["Location"] == "/auth/sign-in?return=/operate")
        let ada = try await lobby.signIn("ada")
        let refused = await lobby.send(.get, "/operate", ["Cookie": ada.cookie])
        #expect(refused.status == 403 && refused.text.contains("role <code>operator</code>"))
        let olga = try await lobby.signIn("olga")
        let page = await lobby.send(.get, "/operate", ["Cookie": olga.cookie])
        #expect(page.status == 200 && page["Content-Type"] == "text/html; charset=utf-8")
        #expect(try await Lobby(offersSignIn: false).send(.get, "/operate").status == 0)
    }

    /// A site that knows one path.
    private struct Part: HTTPSite {
        func respond(to request: EndpointRequest) async -> EndpointResponse? {
            request.path == "/part" ? .empty(200) : nil
        }
    }
}
