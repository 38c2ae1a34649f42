import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// What becomes of tokens after the sign-in.
@Suite("Life after the sign-in")
struct OAuthLifeTests {
    static let refreshing = ScriptedAuthorizationServer.Behaviour.with { $0.issuesRefreshTokens = true }

    @Test("nobody signs in before the server asks")
    func lazy() async throws {
        let bench = OAuthBench { $0.needs = { $0 == "tools/call" ? [] : nil } }
        try await bench.client.connect()
        _ = try await bench.client.listTools()
        #expect(bench.issuer.requests.isEmpty)
        #expect(bench.client.tokens?.currentState == .idle)
        _ = try await bench.client.callTool("echo", arguments: [:])
        #expect(bench.issuer.authorizations.count == 1)
    }

    /// requirement: F-68
    @Test("a token that ends is refreshed; the refresh token stays where no new one comes", arguments: [true, false])
    func refresh(rotates: Bool) async throws {
        let bench = OAuthBench(
            .with {
                $0.issuesRefreshTokens = true
                $0.rotatesRefreshTokens = rotates
                $0.lifetime = .seconds(600)
            })
        try await bench.run()
        for _ in 0..<3 {
            bench.clock.advance(by: .seconds(595))
            try await bench.run()
        }
        #expect(bench.issuer.authorizations.count == 1)
        let refreshes = bench.issuer.tokenRequests.filter { $0.grantType == "refresh_token" }
        #expect(refreshes.count == 3)
        #expect(Set(refreshes.compactMap { $0.form["refresh_token"] }).count == (rotates ? 3 : 1))
        #expect(refreshes.allSatisfy { $0.form["resource"] == OAuthBench.url })
    }

    @Test("a refresh token that is spent leads to the sign-in, once the server asks")
    func spentRefreshToken() async throws {
        let bench = OAuthBench(Self.refreshing)
        try await bench.run()
        bench.issuer.revokeEverything()
        try await bench.run()
        #expect(
            bench.issuer.tokenRequests.map(\.grantType) == [
                "authorization_code", "refresh_token", "authorization_code",
            ])
        #expect(bench.issuer.registrations.count == 1)
    }

    /// requirement: F-40
    @Test("a token that the server refuses is refreshed once, and the call made again")
    func refused() async throws {
        let bench = OAuthBench(Self.refreshing)
        try await bench.run()
        let token = try await bench.client.tokens?.currentToken()
        bench.server.behave { $0.needs = { _ in [] } }
        let other = OAuthBench(store: bench.store, sharing: bench)
        _ = try await other.client.callTool("echo", arguments: [:])
        #expect(try await other.client.tokens?.currentToken() == token)
        #expect(bench.issuer.authorizations.count == 1)
    }

    @Test("who comes later uses what is kept: no other sign-in, no other registration")
    func kept() async throws {
        try await withTemporaryDirectory { directory in
            let store = FileCredentialStore(path: "\(directory)/credentials.json")
            let bench = OAuthBench(store: store, Self.refreshing)
            try await bench.run()
            let later = OAuthBench(store: store, sharing: bench)
            try await later.run()
            #expect(bench.issuer.authorizations.count == 1 && bench.issuer.tokenRequests.count == 1)
            bench.clock.advance(by: .seconds(3700))
            let latest = OAuthBench(store: store, sharing: bench)
            try await latest.run()
            #expect(bench.issuer.authorizations.count == 1)
            #expect(bench.issuer.tokenRequests.map(\.grantType) == ["authorization_code", "refresh_token"])
        }
    }

    @Test("an opaque token without expires_in counts as fresh for the assumed time")
    func noLifetime() async throws {
        let bench = OAuthBench(.with { $0.lifetime = nil })
        try await bench.run()
        bench.clock.advance(by: .seconds(3000))
        try await bench.run()
        #expect(bench.issuer.tokenRequests.count == 1)
        bench.clock.advance(by: .seconds(700))
        try await bench.run()
        #expect(bench.issuer.tokenRequests.count == 2)
    }

    @Test("a server that issues unbound tokens to who wants bound ones is refused")
    func unbound() async throws {
        let bench = OAuthBench(configuration: OAuthConfiguration(dpopKey: .generate()))
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("not bound to the key"))
    }

    @Test("tokens that are bound to another key are not sent, and not refreshed")
    func otherKey() async throws {
        let store = InMemoryCredentialStore()
        let behaviour = ScriptedAuthorizationServer.Behaviour.with {
            $0.bindsTokens = true
            $0.issuesRefreshTokens = true
        }
        let bench = OAuthBench(configuration: OAuthConfiguration(dpopKey: .generate()), store: store, behaviour) {
            $0.wantsProofs = true
        }
        try await bench.run()
        let later = OAuthBench(
            configuration: OAuthConfiguration(dpopKey: .generate()), store: store, sharing: bench)
        try await later.run()
        #expect(bench.issuer.tokenRequests.map(\.grantType) == ["authorization_code", "authorization_code"])
    }

    /// requirement: F-55
    @Test("a client without an issuer belongs to the first that it was used with")
    func boundClient() async throws {
        let bench = OAuthBench(
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "mine", secret: "s")]),
            .with {
                $0.clients = ["mine": "s"]
                $0.authMethods = ["client_secret_basic"]
            })
        try await bench.run()
        bench.server.behave { $0.servers = [1] }
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("the client id \"mine\" belongs to"))
        #expect(bench.other.tokenRequests.isEmpty)
    }

    /// requirement: F-55
    @Test("whom such a client was used with is known to a later process, too")
    func boundClientKept() async throws {
        let store = InMemoryCredentialStore()
        try await store.save(
            StoredSignIn(
                server: OAuthBench.url, resource: OAuthBench.url, issuer: "https://auth.test", clientID: "mine",
                accessToken: "old", expiresAt: NumericDate(1)))
        let bench = OAuthBench(
            configuration: OAuthConfiguration(clients: [OAuthClient(id: "mine", secret: "s")]), store: store,
            .with {
                $0.clients = ["mine": "s"]
                $0.authMethods = ["client_secret_basic"]
            }
        ) { $0.servers = [1] }
        let error = try await failure { try await bench.run() }
        #expect(error.code == .signInFailed && error.message.contains("the client id \"mine\" belongs to"))
        #expect(bench.other.tokenRequests.isEmpty && bench.other.authorizations.isEmpty)
    }

    @Test("a refusal that says nothing of the refresh token leaves it for the next time")
    func refreshPutOff() async throws {
        let bench = OAuthBench(Self.refreshing)
        try await bench.run()
        bench.clock.advance(by: .seconds(3700))
        bench.issuer.behave { $0.refreshRefusal = "temporarily_unavailable" }
        _ = try await failure { try await bench.source.issue(TokenRequest(serverTime: bench.clock.now())) }
        bench.issuer.behave { $0.refreshRefusal = nil }
        _ = try await bench.source.issue(TokenRequest(serverTime: bench.clock.now()))
        #expect(bench.issuer.tokenRequests.last?.grantType == "refresh_token")
        #expect(bench.issuer.authorizations.count == 1)
    }

    /// requirement: F-45
    @Test("an issuer that cannot be had gives way to the next")
    func nextIssuer() async throws {
        let bench = OAuthBench { $0.servers = [0, 1] }
        bench.issuer.behave { $0.metadataPaths = [] }
        try await bench.run()
        #expect(bench.other.authorizations.count == 1 && bench.issuer.authorizations.isEmpty)
    }

    @Test("the refusal of the server stays the reason where the sign-in fails")
    func reason() async throws {
        let bench = OAuthBench { $0.servers = [] }
        let error = try await failure { try await bench.client.callTool("echo", arguments: [:]) }
        #expect(error.code == .signInFailed && error.reason == .tokenMissing && error.status == 401)
        #expect(error.message.contains("names no authorization server"))
    }

    @Test("the time in which a person signs in does not count against the call")
    func patience() async throws {
        let latch = Latch()
        let bench = OAuthBench()
        let ui = SlowUI(after: latch, transport: bench.server)
        let source = OAuthTokenSource(
            server: OAuthBench.url, grant: .authorizationCode(ui), transport: bench.server, clock: bench.clock)
        let client = MCPClient(
            url: OAuthBench.url, token: source, configuration: MCPClientConfiguration(callTimeout: .seconds(20)),
            transport: bench.server, clock: bench.clock)
        let call = Task { try await client.callTool("echo", arguments: [:]) }
        try await ui.shown.wait()
        bench.clock.advance(by: .seconds(200))
        latch.open()
        _ = try await call.value
    }

    /// Shows the page, and has the person wait for the latch.
    struct SlowUI: AuthorizationUI {
        let latch: Latch
        let shown = Latch()
        let headless: HeadlessAuthorizationUI

        init(after latch: Latch, transport: any HTTPTransport) {
            self.latch = latch
            self.headless = HeadlessAuthorizationUI(redirectURI: OAuthBench.redirectURI, transport: transport)
        }

        func begin(preferring redirectURIs: [String]) async throws -> any AuthorizationSession {
            Session(ui: self, inner: try await headless.begin(preferring: redirectURIs))
        }

        struct Session: AuthorizationSession {
            let ui: SlowUI
            let inner: any AuthorizationSession
            var redirectURI: String { inner.redirectURI }

            func authorize(_ url: String) async throws -> String {
                ui.shown.open()
                try await ui.latch.wait()
                return try await inner.authorize(url)
            }

            func end() async { await inner.end() }
        }
    }
}
