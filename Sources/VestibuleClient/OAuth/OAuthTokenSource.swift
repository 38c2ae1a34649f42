internal import Synchronization
public import VestibuleProtocol

/// Gets tokens from the authorization server that a protected MCP server names (MCP 2026-07-28, Authorization; OAuth
/// 2.1).
///
/// ```swift
/// let source = OAuthTokenSource(server: url, grant: .authorizationCode(LoopbackAuthorizationUI { print("open", $0) }))
/// let client = MCPClient(url: url, token: source)
/// let result = try await client.callTool("echo")   // signs in where the server asks, and only then
/// ```
///
/// Nothing is asked before the server asks: until then requests go without a token. Then the resource's metadata lead
/// to the authorization server, the client registers as far as it has to, and a token is got by the grant. What came is
/// kept in the store, used while it is fresh, refreshed where it can be, and never used for another issuer or resource.
public final class OAuthTokenSource: TokenSource {
    /// The MCP server.
    public let url: String
    let grant: OAuthGrant
    let configuration: OAuthConfiguration
    let store: any CredentialStore
    let clock: any WallClock
    let random: RandomSource
    let http: OAuthHTTP
    let dpop: DPoPProver?
    let state = Mutex(State())

    struct State: Sendable {
        /// What was found out last.
        var found: DiscoveredServer?
        /// What was delivered last, and whether a refresh brought it.
        var delivered: StoredSignIn?
        var cameByRefresh = false
        /// How often each scope was asked for because the server wanted more.
        var stepUps: [(scope: [String], count: Int)] = []
        /// The statement that was refused last, and why.
        var refusedAssertion: (digest: TokenDigest, error: MCPClientError)?
    }

    /// How many different scopes are counted for ``OAuthConfiguration/maximumStepUps``.
    static let maximumCountedScopes = 32
    /// A kept token that ends sooner is not worth sending.
    static let leastLifetime = 10.0

    /// - Parameters:
    ///   - server: The URL of the MCP server; tokens are got for it and sent to nobody else.
    ///   - store: Where registrations and tokens are kept. Default: in memory.
    ///   - transport: Carries what goes to authorization servers. Default: one that asks no private network
    ///     (``GuardedTransport``).
    public init(
        server url: String, grant: OAuthGrant, configuration: OAuthConfiguration = OAuthConfiguration(),
        store: any CredentialStore = InMemoryCredentialStore(), transport: any HTTPTransport = GuardedTransport(),
        clock: any WallClock = SystemClock(), random: RandomSource = .system
    ) {
        self.url = url
        self.grant = grant
        self.configuration = configuration
        self.store = store
        self.clock = clock
        self.random = random
        self.http = OAuthHTTP(transport: transport, clock: clock, timeout: configuration.requestTimeout)
        self.dpop = configuration.dpopKey.map { DPoPProver(key: $0, clock: clock, random: random) }
    }

    public var canWidenScope: Bool { true }
    public var canSignIn: Bool { true }
    public var authorizer: any RequestAuthorizer { dpop ?? BearerAuthorizer() as any RequestAuthorizer }

    /// A token counts as fresh for as long as its issuer says, whatever its age.
    public var defaultConfiguration: TokenManagerConfiguration {
        TokenManagerConfiguration(maximumAge: nil, refreshTimeout: configuration.signInTimeout)
    }

    public func token(_ request: TokenRequest) async throws -> String { try await issue(request).text }

    public func issue(_ request: TokenRequest) async throws -> IssuedToken {
        guard let server = WebAddress(url) else {
            throw MCPClientError.signInFailed("\(url.shownURL) is not an http or https URL of a server")
        }
        // What needs no exchange needs no lock either: somebody else may hold it while a person signs in.
        let kept = try await kept(for: server, issuer: nil)
        if let kept, isDeliverable(kept, for: request) { return deliver(kept, byRefresh: false) }
        guard request.challenge != nil || mayAsk(kept, for: request) else {
            throw MCPClientError(
                .signInRequired, "there is no token for \(server.canonical.shownURL), and the server has not asked",
                rejection: Rejection(.tokenMissing, "nobody has signed in to \(server.canonical)"))
        }
        return try await store.exclusively { [self] in try await obtain(request, server) }
    }

    /// Whether something can be done about a token though the server has not asked for one.
    private func mayAsk(_ kept: StoredSignIn?, for request: TokenRequest) -> Bool {
        if case .widerScope = request.occasion { return true }
        if case .authorizationCode = grant { return kept?.refreshToken != nil }
        return state.withLock { $0.found } != nil
    }
}

// What to do, in which order.
extension OAuthTokenSource {
    private func obtain(_ request: TokenRequest, _ server: WebAddress) async throws -> IssuedToken {
        if case .refusal = request.occasion { try await forgetDelivered() }
        var kept = try await kept(for: server, issuer: nil)
        if let kept, isDeliverable(kept, for: request) { return deliver(kept, byRefresh: false) }
        // Whom the client was used with last stays known, whichever issuer the server names now.
        let last = kept
        var found: DiscoveredServer?
        if let challenge = request.challenge {
            // The server may name another issuer by now: nothing of the old one is then used.
            let result = try await discover(server, challenge: challenge, kept: kept)
            found = result
            kept = try await self.kept(for: server, issuer: result.server.issuer)
            if let kept, isDeliverable(kept, for: request) { return deliver(kept, byRefresh: false) }
        }
        if let kept, mayRefresh(kept, for: request),
            let token = try await refresh(kept, server, found: found)
        {
            return token
        }
        if case .authorizationCode = grant, request.challenge == nil, request.occasion != .widerScope {
            throw MCPClientError(
                .signInRequired, "the tokens for \(server.canonical.shownURL) have ended, and the server has not asked",
                rejection: Rejection(.tokenMissing, "nobody is signed in to \(server.canonical) any more"))
        }
        try countStepUp(request)
        let known = state.withLock { $0.found }
        let target: DiscoveredServer
        if let found = found ?? known {
            target = found
        } else {
            target = try await discover(server, challenge: nil, kept: kept)
        }
        return try await signIn(request, server, target, kept: kept ?? last)
    }

    /// What is kept for the server; without tokens where they are bound to another key.
    private func kept(for server: WebAddress, issuer: String?) async throws -> StoredSignIn? {
        guard var kept = try await store.signIn(resource: server.canonical, issuer: issuer) else { return nil }
        if kept.keyThumbprint != dpop?.key.thumbprint { kept.forgetTokens() }
        return kept
    }

    /// The server refused what was delivered last: nobody is to be given it again.
    private func forgetDelivered() async throws {
        guard let delivered = state.withLock({ $0.delivered }),
            var kept = try await store.signIn(resource: delivered.server, issuer: delivered.issuer),
            kept.accessToken.hasSameBytes(as: delivered.accessToken)
        else { return }
        kept.accessToken = ""
        kept.expiresAt = NumericDate(0)
        try await store.save(kept)
    }

    private func isDeliverable(_ kept: StoredSignIn, for request: TokenRequest) -> Bool {
        guard !kept.accessToken.isEmpty, kept.expiresAt - clock.now() > Self.leastLifetime else { return false }
        let delivered = state.withLock { $0.delivered }
        let isNews = delivered.map { !$0.accessToken.hasSameBytes(as: kept.accessToken) } ?? true
        switch request.occasion {
        case .start: return true
        case .renewal: return isNews
        // Another process may have got one meanwhile.
        case .refusal: return isNews && delivered != nil
        case .widerScope:
            return isNews
                && request.scope.allSatisfy { part in
                    kept.requestedScope.contains { $0.hasSameBytes(as: part) }
                }
        }
    }

    private func mayRefresh(_ kept: StoredSignIn, for request: TokenRequest) -> Bool {
        guard case .authorizationCode = grant, kept.refreshToken != nil else { return false }
        switch request.occasion {
        case .start, .renewal: return true
        case .widerScope: return false
        case .refusal(let rejection):
            // A token that a refresh brought and the server refused at once: another refresh brings the same.
            return rejection.remedy != .signIn && !state.withLock { $0.cameByRefresh }
        }
    }

    private func discover(
        _ server: WebAddress, challenge: BearerChallenge?, kept: StoredSignIn?
    ) async throws -> DiscoveredServer {
        let preferred =
            configuration.preferredIssuers + configuration.clients.compactMap(\.issuer)
            + (kept.map { [$0.issuer] } ?? [])
        let found = try await discovery(of: server).discover(challenge: challenge, preferring: preferred)
        state.withLock { $0.found = found }
        return found
    }

    private func discovery(of server: WebAddress) -> OAuthDiscovery {
        OAuthDiscovery(resource: server, http: http, rule: AddressRule(resource: server))
    }

    /// A new token by the refresh token (RFC 6749 §6); `nil` where the server no longer takes that. Any other refusal
    /// says nothing of the refresh token, which is kept.
    private func refresh(
        _ kept: StoredSignIn, _ server: WebAddress, found: DiscoveredServer?
    ) async throws -> IssuedToken? {
        guard let refreshToken = kept.refreshToken else { return nil }
        let metadata = try await metadata(of: kept, server, found: found)
        guard let client = try await client(of: kept) else { return nil }
        let grant = [
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("resource", kept.resource),
        ]
        do {
            let reply = try await endpoint.ask(
                metadata.tokenEndpoint, grant: grant, client: client, audience: metadata.issuer,
                offered: metadata.tokenEndpointAuthMethods)
            var next = kept
            try take(reply, into: &next)
            try await store.save(next)
            return deliver(next, byRefresh: true)
        } catch TokenEndpointFailure.refused(let refusal, _) where refusal.endsGrant {
            var ended = kept
            ended.forgetTokens()
            try await store.save(ended)
            if refusal.error == "invalid_client" { try await store.removeClient(issuer: kept.issuer) }
            return nil
        } catch let failure as TokenEndpointFailure {
            throw failure.error
        }
    }

    private func metadata(
        of kept: StoredSignIn, _ server: WebAddress, found: DiscoveredServer?
    ) async throws -> AuthorizationServerMetadata {
        let known = found ?? state.withLock { $0.found }
        if let known, known.server.issuer.hasSameBytes(as: kept.issuer) { return known.server }
        let discovery = discovery(of: server)
        return kept.isLegacy
            ? try await discovery.legacyServer() : try await discovery.server(issuer: kept.issuer)
    }

    /// The client that got the tokens; `nil` where it is known no more.
    private func client(of kept: StoredSignIn) async throws -> OAuthClient? {
        if let client = configuration.client(for: kept.issuer) {
            return client.id.hasSameBytes(as: kept.clientID) ? client : nil
        }
        if let document = configuration.clientMetadataDocument, document.hasSameBytes(as: kept.clientID) {
            return OAuthClient(issuer: kept.issuer, id: document, authMethod: TokenEndpointAuthMethod.none)
        }
        guard let client = try await store.client(issuer: kept.issuer), client.id.hasSameBytes(as: kept.clientID)
        else { return nil }
        return client
    }

    var endpoint: TokenEndpoint { TokenEndpoint(http: http, clock: clock, random: random, dpop: dpop) }

    /// The same scope is asked for a few times only: somebody who grants it and is asked again has had enough.
    private func countStepUp(_ request: TokenRequest) throws(MCPClientError) {
        guard case .widerScope = request.occasion else { return }
        let wanted = request.scope.sorted()
        let count = state.withLock { state in
            let before = state.stepUps.first { $0.scope == wanted }?.count ?? 0
            let count = min(before, configuration.maximumStepUps) + 1
            state.stepUps.removeAll { $0.scope == wanted }
            if state.stepUps.count >= Self.maximumCountedScopes { state.stepUps.removeFirst() }
            state.stepUps.append((wanted, count))
            return count
        }
        guard count <= configuration.maximumStepUps else {
            throw MCPClientError(
                .forbidden,
                "the scope \(wanted.joined(separator: " ").shownWord) was asked for \(count - 1) times, and the server "
                    + "still wants more; ask its operator for that right",
                status: 403)
        }
    }

    /// Takes what a token endpoint gave into what is kept. A refresh token that it did not replace stays (RFC 6749 §6).
    func take(_ reply: TokenReply, into kept: inout StoredSignIn) throws(MCPClientError) {
        if dpop != nil, reply.scheme != .dpop {
            throw .signInFailed(
                "the authorization server \(kept.issuer.shownURL) issued a token that is not bound to the key (DPoP); "
                    + "it was thrown away")
        }
        if dpop == nil, reply.scheme == .dpop {
            throw .signInFailed(
                "the authorization server \(kept.issuer.shownURL) issued a token bound to a key (DPoP), and this client "
                    + "has none; configure dpopKey")
        }
        kept.accessToken = reply.accessToken
        kept.scheme = reply.scheme
        kept.expiresAt = clock.now() + (reply.expiresIn ?? configuration.assumedLifetime)
        kept.refreshToken = reply.refreshToken ?? kept.refreshToken
        kept.keyThumbprint = dpop?.key.thumbprint
    }

    func deliver(_ kept: StoredSignIn, byRefresh: Bool) -> IssuedToken {
        state.withLock { state in
            state.delivered = kept
            state.cameByRefresh = byRefresh
        }
        return IssuedToken(
            kept.accessToken, expiresIn: .seconds(max(0, kept.expiresAt - clock.now())), scheme: kept.scheme)
    }
}

extension StoredSignIn {
    /// Keeps what was asked for and from whom, and nothing that could be used.
    mutating func forgetTokens() {
        accessToken = ""
        refreshToken = nil
        expiresAt = NumericDate(0)
    }
}

extension OAuthTokenSource: CustomStringConvertible, CustomReflectable {
    public var description: String { "OAuthTokenSource(\(url.prefix { $0 != "?" }))" }
    public var customMirror: Mirror { Mirror(self, children: ["url": String(url.prefix { $0 != "?" })]) }
}
