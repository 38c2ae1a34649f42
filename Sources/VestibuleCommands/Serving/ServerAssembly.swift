internal import ServiceLifecycle
internal import VestibuleAuth
internal import VestibuleBuckets
internal import VestibuleHTTP
internal import VestibuleProtocol
internal import VestibuleServer
internal import VestibuleWeb

/// The composition root: what a configuration amounts to, put together.
struct ServerAssembly: Sendable {
    var endpoint: MCPEndpoint
    /// What answers the paths beside the endpoint.
    var sites: [any HTTPSite]
    var http: HTTPServerConfiguration
    var resource: ResourceIdentity
    /// Whether the data directory was given its first keys just now.
    var createdKeys: Bool
    /// The keys that are fetched, to be kept fresh.
    var remoteKeys: [RemoteKeyRing]
    /// Whether there are issuers whose keys need not be fetched.
    private var hasOwnOrSharedKeys: Bool
    /// What an operator should look at, a line each.
    var warnings: [String]

    /// - Parameters:
    ///   - port: The port that is really listened on.
    ///   - keyObserver: Told of what becomes of an issuer's keys while the server runs, with the issuer's name.
    ///   - remoteKeyObserver: Told what fetching an issuer's keys brought, with the issuer's name.
    init(
        configuration: Configuration, data: DataDirectory, port: Int, clock: any WallClock,
        observer: @escaping @Sendable (RequestRecord) -> Void,
        keyObserver: @escaping @Sendable (_ issuer: String, LiveKeyRing.News) -> Void,
        remoteKeyObserver: @escaping @Sendable (_ issuer: String, RemoteKeyRing.News) -> Void,
        revocationObserver: @escaping @Sendable (LiveRevocations.News) -> Void = { _ in },
        introspectionObserver: @escaping @Sendable (_ issuer: String, TokenIntrospection.News) -> Void = { _, _ in }
    ) throws {
        createdKeys = try configuration.ownIssuer != nil && Self.createKeys(in: data, clock: clock)
        resource = ResourceIdentity(url: configuration.publicURL ?? configuration.url(port: port))
        let trust = try Trust(
            configuration: configuration, data: data, resource: resource, clock: clock, observer: keyObserver,
            remoteObserver: remoteKeyObserver, introspectionObserver: introspectionObserver)
        let revocations = try LiveRevocations(file: data.revocations, clock: clock, observer: revocationObserver)
        let store = try Self.bucketStore(configuration.buckets, data: data)
        let rules = configuration.rules ?? ToolCatalogue.defaultRules
        let tools = ToolCatalogue.tools(
            on: store, visibility: rules.goByBucketsClaim ? .claimed : .all, clock: clock)
        let endpointConfiguration = configuration.endpointConfiguration(
            resource: resource, issuers: trust.issuers, rules: rules)
        let telemetry = configuration.offersSignIn ? Telemetry(clock: clock) : nil
        endpoint = MCPEndpoint(
            configuration: endpointConfiguration,
            gate: Gate(policy: configuration.policy, rules: RuleSet(rules)),
            verifier: TokenVerifier(
                issuers: trust.issuers, clock: clock, revocation: { revocations.rejection(of: $0) }),
            tools: tools, clock: clock,
            observer: Self.observer(observer, telemetry))
        sites = try SiteAssembly(
            configuration: configuration, resource: resource, issuers: trust.issuers, endpoint: endpointConfiguration,
            served: endpoint, telemetry: telemetry, store: store, clock: clock, observer: observer
        )
        .sites()
        http = configuration.httpConfiguration(port: port)
        remoteKeys = trust.remote
        hasOwnOrSharedKeys = trust.issuers.count > trust.remote.count
        warnings = trust.warnings
    }

    private static func observer(
        _ observer: @escaping @Sendable (RequestRecord) -> Void, _ telemetry: Telemetry?
    ) -> @Sendable (RequestRecord) -> Void {
        guard let telemetry else { return observer }
        return { record in
            observer(record)
            telemetry.observe(record)
        }
    }

    /// Whether there were none before.
    private static func createKeys(in data: DataDirectory, clock: any WallClock) throws -> Bool {
        let isNew = !FilePath.exists(data.keyRing.path)
        _ = try data.keyRing.loadOrCreate { () throws(KeyError) in
            var ring = KeyRing()
            let now = clock.now()
            try ring.rotate(to: RingKey.generate(.es256, createdAt: now), overlap: .zero, now: now)
            return ring
        }
        return isNew
    }

    private static func bucketStore(
        _ buckets: Configuration.Buckets, data: DataDirectory
    ) throws -> any BucketStore {
        switch buckets {
        case .sample:
            do {
                try SampleBuckets.create(in: data.buckets)
            } catch {
                throw CommandFailure.couldNotRun(
                    "cannot create the sample buckets in \(data.buckets): \(error); name a writable directory with "
                        + "--data"
                )
            }
            return FolderBucketStore(root: data.buckets)
        case .folder(let path):
            guard FilePath.isFolder(path) else {
                throw CommandFailure.couldNotRun(
                    "buckets.folder: \(path) is not a folder; create it, or name another")
            }
            return FolderBucketStore(root: path)
        case .s3(let s3):
            do {
                return try S3BucketStore(
                    configuration: S3Configuration(
                        endpoint: s3.endpoint, region: s3.region,
                        addressing: s3.addressing.flatMap { S3Configuration.Addressing(rawValue: $0.rawValue) },
                        credentials: try AWSCredentials.fromEnvironment()))
            } catch {
                throw CommandFailure.couldNotRun("buckets.s3: \(error)")
            }
        }
    }
}

extension ServerAssembly {
    /// What runs beside the server, and is begun before it.
    var services: [ServiceGroupConfiguration.ServiceConfiguration] {
        remoteKeys.isEmpty ? [] : [.init(service: IssuerKeysService(rings: remoteKeys))]
    }

    /// Whether anybody's token could be accepted: not before the keys of at least one issuer are here.
    var isReady: @Sendable () -> Bool {
        let (remote, hasOthers) = (remoteKeys, hasOwnOrSharedKeys)
        return { hasOthers || remote.contains { $0.status.hasKeys } }
    }
}

extension [Rule] {
    /// Whether some rule holds an argument against the token's `buckets`.
    var goByBucketsClaim: Bool {
        contains { rule in rule.arguments.contains { $0.allowed == .claim("buckets") } }
    }
}

extension Configuration {
    func endpointConfiguration(
        resource: ResourceIdentity, issuers: [TrustedIssuer], rules: [Rule]
    ) -> EndpointConfiguration {
        var scopes: [String] = []
        for scope in rules.flatMap(\.scope) where !scopes.contains(where: scope.hasSameBytes) { scopes.append(scope) }
        return EndpointConfiguration(
            serverInfo: Implementation(name: "vestibule", version: VestibuleVersion.text, title: "Vestibule"),
            resource: resource.url, path: endpoint, allowedOrigins: allowedOrigins,
            allowsLoopbackOrigins: listensOnLoopback, allowedHosts: allowedHosts,
            // Where tokens come from (RFC 9728 §2); an issuer that is no URL is not one that a client could ask.
            authorizationServers: authorizationServers(issuers),
            keySetURL: ownIssuer == nil ? nil : resource.issuer + KeySetSite.path, scopesSupported: scopes,
            session: SessionConfiguration(
                idle: session.idle, maximum: session.maximum,
                authority: session.remembersToken ? .session : .request),
            refusedTokensPerMinute: limits.refusedTokensPerMinute, maximumBodySize: limits.body,
            maximumHeaderSize: limits.headerSize, maximumHeaderFields: limits.headerFields,
            toolTimeout: limits.toolTimeout,
            streams: StreamConfiguration(stall: limits.streamStall, keepAlive: limits.streamKeepAlive))
    }

    /// Of the issuers that are URLs, those that somebody could ask for a token: all but the own keys, which have no
    /// authorization server. Where there is nobody else they stand there all the same, because clients expect one.
    private func authorizationServers(_ trusted: [TrustedIssuer]) -> [String] {
        let candidates = zip(issuers, trusted).filter { HTTPURL($0.1.issuer) != nil }
        let others = candidates.filter { issuer, _ in if case .own = issuer.keys { false } else { true } }
        return (others.isEmpty ? candidates : others).map(\.1.issuer)
    }

    func httpConfiguration(port: Int) -> HTTPServerConfiguration {
        HTTPServerConfiguration(
            host: host, port: port, drain: limits.drain, headTimeout: limits.headTimeout,
            bodyTimeout: limits.bodyTimeout, minimumBodyRate: limits.bodyRate, idle: limits.idleTimeout,
            maximumConnections: limits.connections)
    }
}
