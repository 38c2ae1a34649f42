import Foundation
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// A protected server, its authorization servers, and a client that signs in: everything in this process.
struct OAuthBench {
    static let url = "https://server.test/mcp"
    static let redirectURI = "http://127.0.0.1:33418/callback"

    let issuer: ScriptedAuthorizationServer
    let other: ScriptedAuthorizationServer
    let server: ScriptedProtectedServer
    let clock: FakeClock
    let store: any CredentialStore
    let source: OAuthTokenSource
    let client: MCPClient

    init(
        url: String = Self.url, issuer: String = "https://auth.test", grant: OAuthGrant? = nil,
        configuration: OAuthConfiguration = OAuthConfiguration(),
        store: any CredentialStore = InMemoryCredentialStore(),
        _ behaviour: ScriptedAuthorizationServer.Behaviour = ScriptedAuthorizationServer.Behaviour(),
        clock: FakeClock = FakeClock(), sharing bench: OAuthBench? = nil,
        server change: @Sendable (inout ScriptedProtectedServer.Behaviour) -> Void = { _ in }
    ) {
        self.clock = bench?.clock ?? clock
        self.store = store
        self.issuer = bench?.issuer ?? ScriptedAuthorizationServer(issuer: issuer, behaviour)
        self.other = bench?.other ?? ScriptedAuthorizationServer(issuer: "https://other-auth.test", behaviour)
        self.server =
            bench?.server
            ?? ScriptedProtectedServer(
                ScriptedServer(clock: self.clock), at: url, tokensFrom: self.issuer, self.other)
        self.server.behave(change)
        let ui = HeadlessAuthorizationUI(redirectURI: Self.redirectURI, transport: self.server)
        self.source = OAuthTokenSource(
            server: url, grant: grant ?? .authorizationCode(ui), configuration: configuration, store: store,
            transport: self.server, clock: self.clock)
        self.client = MCPClient(url: url, token: source, transport: self.server, clock: self.clock)
    }

    /// Lists the tools and calls one.
    func run() async throws {
        _ = try await client.listTools()
        _ = try await client.callTool("echo", arguments: [:])
    }

    var authorizedScopes: [String?] { issuer.authorizations.map { $0["scope"] } }
}

extension ScriptedAuthorizationServer.Behaviour {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var behaviour = Self()
        change(&behaviour)
        return behaviour
    }
}
