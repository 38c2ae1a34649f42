internal import Synchronization
internal import VestibuleProtocol

extension OAuthTokenSource {
    /// Gets a token by the grant, keeps it and delivers it.
    func signIn(
        _ request: TokenRequest, _ server: WebAddress, _ found: DiscoveredServer, kept: StoredSignIn?
    ) async throws -> IssuedToken {
        try checkBinding(found.server)
        let earlier = kept?.issuer.hasSameBytes(as: found.server.issuer) ?? false ? kept?.requestedScope ?? [] : []
        var scope = ScopeChoice.scope(
            challenged: ScopeChoice.union([request.challenge?.scope ?? [], request.scope]),
            supported: found.scopesSupported, earlier: earlier, configured: configuration.scope)
        let issuer = found.server.issuer
        let (client, reply): (OAuthClient, TokenReply)
        do {
            switch grant {
            case .authorizationCode(let ui):
                if configuration.asksForOfflineAccess, found.server.knowsOfflineAccess {
                    scope = ScopeChoice.union([scope, ["offline_access"]])
                }
                (client, reply) = try await askPerson(ui, found, scope: scope, kept: kept)
            case .clientCredentials:
                client = try configuredClient(for: found.server, kept: kept)
                reply = try await ask(
                    found, client, [("grant_type", "client_credentials"), ("resource", found.resource)], scope: scope)
            case .jwtBearer(let assertion):
                client = try configuredClient(for: found.server, kept: kept)
                reply = try await present(try await assertion(issuer), found, client, scope: scope)
            case .enterpriseManaged(let identity):
                client = try configuredClient(for: found.server, kept: kept)
                let assertion = try await vouch(identity, found, scope: scope)
                reply = try await present(assertion, found, client, scope: scope)
            }
        } catch let failure as TokenEndpointFailure {
            if case .refused(let refusal, _) = failure, refusal.error == "invalid_client" {
                // A registration that the server has forgotten; the next sign-in makes another.
                try await store.removeClient(issuer: issuer)
            }
            throw failure.error
        }
        var next = StoredSignIn(
            server: server.canonical, resource: found.resource, issuer: issuer, clientID: client.id, accessToken: "",
            expiresAt: NumericDate(0), requestedScope: scope, isLegacy: found.server.isLegacy)
        try take(reply, into: &next)
        try await store.save(next)
        return deliver(next, byRefresh: false)
    }

    /// Checks that the server makes tokens of the kind that is wanted, before anybody is bothered.
    private func checkBinding(_ server: AuthorizationServerMetadata) throws(MCPClientError) {
        guard let dpop, let algorithms = server.dpopAlgorithms else { return }
        guard algorithms.contains(dpop.key.algorithm.rawValue) else {
            throw .signInFailed(
                "the authorization server \(server.issuer.shownURL) takes proofs of possession with "
                    + "\(algorithms.prefix(5).joined(separator: ", ").onOneLine(limit: 80)), not with "
                    + "\(dpop.key.algorithm.rawValue); configure another dpopKey")
        }
    }

    /// The authorization code grant: register where that is due, ask the person, redeem the code.
    private func askPerson(
        _ ui: any AuthorizationUI, _ found: DiscoveredServer, scope: [String], kept: StoredSignIn?
    ) async throws -> (OAuthClient, TokenReply) {
        try found.server.checkProofKey()
        let stored = try await store.client(issuer: found.server.issuer)
        let known = configuration.client(for: found.server.issuer)?.redirectURIs ?? stored?.redirectURIs ?? []
        let session = try await ui.begin(preferring: known)
        do {
            let redirectURI = session.redirectURI
            try Self.check(redirectURI: redirectURI)
            let client = try await client(
                for: found.server, stored: stored, kept: kept, redirectURI: redirectURI, scope: scope)
            let pending = PendingSignIn(server: found.server, redirectURI: redirectURI, random: random)
            let url = try pending.url(
                server: found.server, clientID: client.id, resource: found.resource, scope: scope,
                dpopThumbprint: dpop?.key.thumbprint)
            let code = try pending.code(from: try await session.authorize(url))
            await session.end()
            let reply = try await ask(
                found, client,
                [
                    ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
                    ("code_verifier", pending.proofKey.verifier), ("resource", found.resource),
                ])
            return (client, reply)
        } catch {
            await session.end()
            throw error
        }
    }

    /// `https`, or `http` on this machine (OAuth 2.1 §1.5); schemes of an app's own are its own business.
    private static func check(redirectURI: String) throws(MCPClientError) {
        guard redirectURI.lowercased().hasPrefix("http:") else { return }
        guard let address = WebAddress(redirectURI), address.isLoopback else {
            throw .signInFailed("the redirect URI \(redirectURI.shownURL) is plain http to another host; use https")
        }
    }

    private func client(
        for server: AuthorizationServerMetadata, stored: OAuthClient?, kept: StoredSignIn?, redirectURI: String,
        scope: [String]
    ) async throws -> OAuthClient {
        let way = try RegistrationWay.choose(
            server: server, configuration: configuration, stored: stored, boundIssuer: boundIssuer(kept),
            redirectURI: redirectURI, now: clock.now())
        switch way {
        case .preRegistered(let client), .stored(let client): return client
        case .metadataDocument(let url):
            return OAuthClient(issuer: server.issuer, id: url, authMethod: TokenEndpointAuthMethod.none)
        case .dynamic(let endpoint):
            let document = ClientRegistration.document(
                configuration.metadata, redirectURI: redirectURI,
                grantTypes: ["authorization_code", "refresh_token"], scope: scope, server: server,
                bindsTokens: dpop != nil)
            let client = try await ClientRegistration(http: http)
                .register(document, at: endpoint, issuer: server.issuer, redirectURI: redirectURI)
            try await store.save(client)
            return client
        }
    }

    /// The issuer that a client without one was used with.
    private func boundIssuer(_ kept: StoredSignIn?) -> String? {
        let delivered = state.withLock { $0.delivered }
        let last = delivered ?? kept
        guard let last, let client = configuration.clients.first(where: { $0.issuer == nil }),
            client.id.hasSameBytes(as: last.clientID)
        else { return nil }
        return last.issuer
    }

    /// A client for a grant without a person, which nobody can register on the way.
    private func configuredClient(
        for server: AuthorizationServerMetadata, kept: StoredSignIn?
    ) throws(MCPClientError) -> OAuthClient {
        guard !configuration.clients.isEmpty else {
            throw .signInFailed(
                "this grant needs a client that is registered with \(server.issuer.shownURL); configure its id and its "
                    + "secret or key")
        }
        let way = try RegistrationWay.choose(
            server: server, configuration: configuration, stored: nil, boundIssuer: boundIssuer(kept),
            redirectURI: nil, now: clock.now())
        guard case .preRegistered(let client) = way else {
            throw .signInFailed("this grant needs a client that is registered with \(server.issuer.shownURL)")
        }
        return client
    }

    private func ask(
        _ found: DiscoveredServer, _ client: OAuthClient, _ grant: [(name: String, value: String)], scope: [String] = []
    ) async throws -> TokenReply {
        let form = grant + (scope.isEmpty ? [] : [(name: "scope", value: scope.joined(separator: " "))])
        return try await endpoint.ask(
            found.server.tokenEndpoint, grant: form, client: client, audience: found.server.issuer,
            offered: found.server.tokenEndpointAuthMethods)
    }

    /// Presents a signed statement (RFC 7523 §2.1). One that was refused is not presented again.
    private func present(
        _ assertion: String, _ found: DiscoveredServer, _ client: OAuthClient, scope: [String]
    ) async throws -> TokenReply {
        let digest = TokenDigest(of: assertion)
        if let refused = state.withLock({ $0.refusedAssertion }), refused.digest == digest { throw refused.error }
        do {
            return try await ask(
                found, client,
                [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion),
                    ("resource", found.resource),
                ], scope: scope)
        } catch let failure as TokenEndpointFailure {
            if case .refused(_, let error) = failure { state.withLock { $0.refusedAssertion = (digest, error) } }
            throw failure
        }
    }

    /// Exchanges the person's ID token for the identity provider's word to the authorization server (RFC 8693;
    /// draft-ietf-oauth-identity-assertion-authz-grant).
    private func vouch(_ identity: EnterpriseIdentity, _ found: DiscoveredServer, scope: [String]) async throws
        -> String
    {
        guard let address = WebAddress(identity.tokenEndpoint), address.isSecure || address.isLoopback else {
            throw MCPClientError.signInFailed(
                "the identity provider's token endpoint \(identity.tokenEndpoint.shownURL) is not https; correct it")
        }
        let wanted = "urn:ietf:params:oauth:token-type:id-jag"
        var form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("requested_token_type", wanted),
            ("audience", found.server.issuer), ("resource", found.resource),
            ("subject_token", try await identity.identityToken()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ]
        if !scope.isEmpty { form.append(("scope", scope.joined(separator: " "))) }
        let reply = try await endpoint.ask(
            identity.tokenEndpoint, grant: form, client: identity.client, audience: identity.issuer, offered: nil,
            isExchange: true)
        guard reply.issuedTokenType?.hasSameBytes(as: wanted) ?? false else {
            throw MCPClientError.signInFailed(
                "the identity provider \(identity.issuer.shownURL) gave another kind of token than was asked for")
        }
        return reply.accessToken
    }
}
