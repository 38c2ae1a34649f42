import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleWeb

@Suite("The development sign-in")
struct DevelopmentSignInTests {
    private let lobby: Lobby

    init() throws { lobby = try Lobby() }

    @Test("offers the people with what they may do, and a form that needs no script")
    func form() async throws {
        let page = await lobby.send(.get, "/auth/sign-in?return=/operate%3Fx=1")
        #expect(page.status == 200 && page["Content-Type"] == "text/html; charset=utf-8")
        for expected in [
            "value=\"ada\"", "value=\"olga\"", "may read", "name=\"csrf\"", "<form method=\"post\"",
            "name=\"return\" value=\"/operate?x=1\"", "/web/page/sign-in.css", "<html lang=\"en\">",
        ] {
            #expect(page.text.contains(expected), "\(expected)")
        }
        #expect(!page.text.contains("<script"))
        let cookie = try #require(page.setCookies.first)
        #expect(cookie.hasPrefix("__Host-vestibule-sign-in-8080="))
        #expect(cookie.hasSuffix("; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600"))
    }

    @Test(
        "serves this machine only: what a proxy passed on is refused",
        arguments: ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"])
    func proxy(field: String) async throws {
        let page = await lobby.send(.get, "/auth/sign-in", [field: "203.0.113.7"])
        #expect(page.status == 403 && page.setCookies.isEmpty && page.text.contains("signIn.oidc"))
        let form = try await Form(lobby)
        let sent = await lobby.send(
            .post, "/auth/sign-in",
            [
                field: "203.0.113.7", "Cookie": form.cookie, "Origin": "http://127.0.0.1:8080",
                "Content-Type": "application/x-www-form-urlencoded",
            ], body: "user=olga&csrf=\(form.csrf)")
        #expect(sent.status == 403 && sent.setCookies.isEmpty && sent.text.contains("signIn.oidc"))
    }

    @Test("signs in and leads back")
    func signsIn() async throws {
        let browser = try await lobby.signIn("ada", returnTo: "/operate?tab=keys#top")
        #expect(browser.reply.status == 303 && browser.reply["Location"] == "/operate?tab=keys#top")
        #expect(browser.reply.setCookies.contains { $0.hasPrefix("__Host-vestibule-sign-in-8080=;") })
    }

    @Test("a second form in another tab leaves the first one good")
    func twoTabs() async throws {
        let form = try await Form(lobby)
        let second = await lobby.send(.get, "/auth/sign-in", ["Cookie": form.cookie])
        #expect(second.cookie("__Host-vestibule-sign-in-8080") == form.cookie)
        let reply = await lobby.send(.post, "/auth/sign-in", form.headers(), body: form.body(user: "ada"))
        #expect(reply.status == 303)
    }

    /// What another page could make a browser send: everything but this browser's cookie with its token.
    @Test(
        "what another page sends signs nobody in",
        arguments: [
            ["Cookie": nil], ["Cookie": "__Host-vestibule-sign-in-8080=" + String(repeating: "A", count: 43)],
            ["Origin": nil], ["Origin": "null"], ["Origin": "https://evil.example"],
            ["Origin": "http://127.0.0.1:9999"], ["Origin": "https://app.example.com"],
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"],
        ] as [[String: String?]])
    func loginCSRF(_ changes: [String: String?]) async throws {
        let form = try await Form(lobby)
        var headers = form.headers()
        for (name, value) in changes { headers[name] = value }
        let reply = await lobby.send(.post, "/auth/sign-in", headers, body: form.body(user: "ada"))
        #expect(reply.status == 403 && reply.text.contains("role=\"alert\""))
        #expect(reply.cookie("__Host-vestibule-8080") == nil && lobby.access.sessions.count == 0)
    }

    @Test("a token of another browser's form is refused")
    func otherForm() async throws {
        let (mine, other) = (try await Form(lobby), try await Form(lobby))
        #expect(mine.cookie != other.cookie)
        let reply = await lobby.send(.post, "/auth/sign-in", mine.headers(), body: other.body(user: "ada"))
        #expect(reply.status == 403 && lobby.access.sessions.count == 0)
        let empty = await lobby.send(.post, "/auth/sign-in", mine.headers(), body: "user=ada&csrf=")
        #expect(empty.status == 403)
    }

    @Test(
        "never leads out of this origin",
        arguments: [
            "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/a\r\nSet-Cookie: x=1",
            "/\t/evil.example", "javascript:alert(1)", "evil", "", "/\u{e9}", "/a b", "/\"><script>",
            "/" + String(repeating: "a", count: 1024),
        ])
    func openRedirect(_ path: String) async throws {
        #expect(ReturnPath(path) == nil)
        let page = await lobby.send(.get, "/auth/sign-in?return=\(Form.escape(path))")
        #expect(page.text.contains("name=\"return\" value=\"/\""))
        #expect(try await lobby.signIn("ada", returnTo: path).reply["Location"] == "/")
    }

    @Test(
        "paths of this origin are kept as they are",
        arguments: ["/", "/operate", "/a/b?c=d&e=%2F#f", "/%5Cevil", "/a//b"])
    func returns(_ path: String) async throws {
        #expect(ReturnPath(path)?.path == path)
    }

    @Test("a name from outside is shown as text, never as markup")
    func injection() async throws {
        let name = "<img src=x onerror=alert(1)>\"'&"
        let browser = try await lobby.signIn(name)
        let page = await lobby.send(.get, "/auth/sign-in", ["Cookie": browser.cookie])
        #expect(page.text.contains("signed in as <b>&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;</b>"))
        #expect(!page.text.contains("<img"))
        #expect(await lobby.state(browser.cookie)?["name"]?.string == name)
    }

    @Test(
        "refuses names that no line can hold",
        arguments: ["", "  ", "a\nb", "a\u{0}b", "a\u{202e}b", String(repeating: "x", count: 65)])
    func badNames(_ name: String) async throws {
        let form = try await Form(lobby)
        let reply = await lobby.send(.post, "/auth/sign-in", form.headers(), body: form.body(user: name))
        #expect(reply.status == 400 && reply.text.contains("A name has 1 to 64 bytes"))
        #expect(lobby.access.sessions.count == 0)
    }

    @Test("reads forms strictly: type, size, escapes, and no field twice")
    func forms() async throws {
        let form = try await Form(lobby)
        let good = form.body(user: "ada")
        let cases: [(String?, String, Int)] = [
            ("application/json", good, 415), (nil, good, 415), ("multipart/form-data; boundary=x", good, 415),
            ("text/plain", good, 415), ("application/x-www-form-urlencoded; charset=UTF-8", good, 303),
            (nil, "", 415), ("application/x-www-form-urlencoded", good + "&user=olga", 400),
            ("application/x-www-form-urlencoded", good + "&us%65r=olga", 400),
            ("application/x-www-form-urlencoded", good + "&x=%", 400),
            ("application/x-www-form-urlencoded", good + "&x=%zz", 400),
            ("application/x-www-form-urlencoded", good + "&x=%ff", 400),
            ("application/x-www-form-urlencoded", good + "&x=" + String(repeating: "a", count: 8192), 413),
            ("application/x-www-form-urlencoded", good + (0..<20).map { "&x\($0)=" }.joined(), 400),
        ]
        for (type, body, status) in cases {
            var headers = form.headers()
            headers["Content-Type"] = type
            let reply = await lobby.send(.post, "/auth/sign-in", headers, body: body)
            #expect(reply.status == status, "\(type ?? "none") \(body.suffix(20))")
        }
    }

    @Test("other methods are told which there are")
    func methods() async throws {
        let reply = await lobby.send(.delete, "/auth/sign-in")
        #expect(reply.status == 405 && reply["Allow"] == "GET, HEAD, POST")
        #expect(await lobby.send(.head, "/auth/sign-in").status == 200)
        #expect(await lobby.send(.get, "/auth/callback").status == 0)
    }
}

@Suite("Rights by an identity provider's claims")
struct GrantRuleTests {
    private static let claims: JSONObject = [
        "groups": ["staff", "night"], "email_verified": true, "realm_access": ["roles": ["admin"]], "a.b": "c",
        "tenant": "42",
    ]

    @Test(
        "a rule holds where all its claims do",
        arguments: [
            ([:], true), (["groups": "staff"], true), (["groups": "sta"], false), (["groups": "Staff"], false),
            (["groups": "staff", "tenant": "42"], true), (["groups": "staff", "tenant": "43"], false),
            (["email_verified": "true"], true), (["email_verified": "false"], false),
            (["realm_access.roles": "admin"], true), (["realm_access.roles": "none"], false), (["a.b": "c"], true),
            (["realm_access": "roles"], false), (["missing": "x"], false), (["tenant.x": "42"], false),
        ] as [([String: String], Bool)])
    func matches(_ wanted: [String: String], _ isMatch: Bool) {
        #expect(GrantRule(claims: wanted, grant: Grant()).matches(Self.claims) == isMatch)
    }

    @Test("the rights of all rules that hold add up, each once; none without any")
    func union() {
        let rules = [
            GrantRule(claims: [:], grant: Grant(permissions: ["p"], buckets: ["b"])),
            GrantRule(claims: ["groups": "staff"], grant: Grant(permissions: ["p", "q"], roles: ["operator"])),
            GrantRule(claims: ["groups": "other"], grant: Grant(scope: ["all"])),
        ]
        #expect(
            rules.grant(for: Self.claims) == Grant(permissions: ["p", "q"], buckets: ["b"], roles: ["operator"]))
        #expect([].grant(for: Self.claims) == Grant())
    }
}
