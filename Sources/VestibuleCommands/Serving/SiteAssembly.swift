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
    var served: MCPEndpoint
    /// What the operator's page shows; `nil` where nobody can sign in.
    var telemetry: Telemetry?
    var store: any BucketStore
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
                features: WebSite.Features(frontPage: configuration.web.frontPage, replay: configuration.offersReplay),
                signIn: try signIn(access), desk: desk(), parts: parts(access), clock: clock, observer: observer)
        ]
    }

    private func parts(_ access: BrowserAccess) -> [any HTTPSite] {
        var parts: [any HTTPSite] = []
        if let ring = ownRing {
            parts.append(KeySetSite(ring: ring, lifetime: configuration.keys.jwksLifetime, clock: clock))
        }
        if let telemetry {
            parts.append(
                OperatorSite(
                    access: access, endpoint: served, issuers: issuers, telemetry: telemetry, schedules: schedules,
                    clock: clock))
        }
        if configuration.offersReplay {
            let tools = ToolCatalogue.tools(on: store, visibility: .claimed, clock: clock)
            parts.append(ReplaySite(access: access, tools: tools, clock: clock))
        }
        return parts
    }

    private var schedules: [String: RotationSchedule] {
        guard let own = configuration.ownIssuer, let schedule = configuration.keys.schedule else { return [:] }
        return [own.name: schedule]
    }

    private var ownRing: LiveKeyRing? {
        for (issuer, trusted) in zip(configuration.issuers, issuers) {
            if case .own = issuer.keys, case .live(let ring) = trusted.keys { return ring }
        }
        return nil
    }

    private func signIn(_ access: BrowserAccess) throws -> (any SignInProvider)? {
        if let provider = try configuration.identityProvider() {
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

    /// Whether browsers can sign in at all.
    var offersSignIn: Bool { signIn.oidc != nil || offersDevelopmentSignIn }

    /// Whether pages may replay the incident: only where everybody may sign in, and on the sample buckets.
    var offersReplay: Bool { offersDevelopmentSignIn && buckets == .sample }
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
