internal import VestibuleAuth
internal import VestibuleBuckets
internal import VestibuleClient
internal import VestibuleProtocol
internal import VestibuleServer
internal import VestibuleWeb

/// What browsers see of the server, put together.
struct SiteAssembly: Sendable {
    var configuration: Configuration
    var resource: ResourceIdentity
    var issuers: [TrustedIssuer]
    var endpoint: EndpointConfiguration
    var clock: any WallClock
    var observer: @Sendable (RequestRecord) -> Void
    /// To an identity provider.
    var transport: any HTTPTransport = AsyncHTTPClientTransport.shared

    /// - Throws: ``ConfigurationError`` where the secret of the client cannot be read.
    func sites() throws -> [any HTTPSite] {
        let access = BrowserAccess(
            sessions: BrowserSessions(
                BrowserSessionConfiguration(
                    idle: configuration.signIn.idle, lifetime: configuration.signIn.lifetime),
                cookies: SiteCookies(SiteAddress(endpoint)), clock: clock),
            configuration: endpoint)
        return [
            WebSite(
                configuration: endpoint, access: access,
                features: WebSite.Features(frontPage: configuration.web.frontPage), signIn: try signIn(access),
                desk: desk(), clock: clock, observer: observer)
        ]
    }

    private func signIn(_ access: BrowserAccess) throws -> (any SignInProvider)? {
        if let oidc = configuration.signIn.oidc {
            let provider = OIDCConfiguration(
                issuer: oidc.issuer, clientID: oidc.clientID, clientSecret: try configuration.clientSecret(of: oidc),
                scope: oidc.scopes, grants: configuration.signIn.grants)
            return OIDCSignIn(
                provider, address: access.address, cookies: access.sessions.cookies, transport: transport, clock: clock)
        }
        return configuration.offersDevelopmentSignIn
            ? DevelopmentSignIn(choices: SamplePeople.choices, access: access) : nil
    }

    /// Makes tokens where those of the own keys are accepted.
    private func desk() -> TokenDesk? {
        for (issuer, trusted) in zip(configuration.issuers, issuers) {
            guard case .own = issuer.keys, case .live(let ring) = trusted.keys else { continue }
            let isForResource = trusted.audiences.contains { $0.hasSameBytes(as: resource.url) }
            return TokenDesk(
                ring: ring, issuer: trusted.issuer,
                audience: isForResource ? resource.url : trusted.audiences.first ?? resource.url,
                // A token that its own issuer's rule calls too old would be of no use.
                lifetime: min(configuration.signIn.tokenLifetime, trusted.maximumTokenAge ?? .seconds(3600)),
                clock: clock)
        }
        return nil
    }
}

extension Configuration {
    /// Whether anybody may sign in under any name: only on the embedded default, where only this machine can connect.
    var offersDevelopmentSignIn: Bool { file == nil && listensOnLoopback && ownIssuer != nil }
}

/// Whom the development form offers.
enum SamplePeople {
    static var choices: [DevelopmentSignIn.Choice] {
        let everything = ToolCatalogue.defaultRules.flatMap(\.permissions)
        var permissions: [String] = []
        for permission in everything where !permissions.contains(permission) { permissions.append(permission) }
        return [
            DevelopmentSignIn.Choice(
                subject: Welcome.sampleUser, name: "Ada",
                grant: Grant(permissions: Welcome.samplePermissions, buckets: SampleBuckets.readable),
                summary: "may read \(SampleBuckets.readable.joined(separator: " and "))"),
            DevelopmentSignIn.Choice(
                subject: "olga", name: "Olga",
                grant: Grant(
                    permissions: permissions, buckets: SampleBuckets.readable + [SampleBuckets.forbidden],
                    roles: [Grant.operatorRole]),
                summary: "operator: may read and write everything, and see the operator’s page"),
        ]
    }
}
