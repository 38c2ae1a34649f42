internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// Whose tokens are accepted, with their keys loaded.
struct Trust: Sendable {
    var issuers: [TrustedIssuer] = []
    /// The keys that are fetched, to be kept fresh while a server runs.
    var remote: [RemoteKeyRing] = []
    /// What an operator should look at, a line each.
    var warnings: [String] = []

    /// - Parameters:
    ///   - observer: Told of what becomes of an issuer's keys later, with the issuer's name.
    ///   - remoteObserver: Told what fetching an issuer's keys brought, with the issuer's name.
    ///   - introspectionObserver: Told of whether the issuer answers when it is asked about tokens.
    /// - Throws: ``CommandFailure`` or `KeyError`, in one line: no key, a bad file, a short or known secret.
    init(
        configuration: Configuration, data: DataDirectory, resource: ResourceIdentity, clock: any WallClock,
        observer: @escaping @Sendable (_ issuer: String, LiveKeyRing.News) -> Void = { _, _ in },
        remoteObserver: @escaping @Sendable (_ issuer: String, RemoteKeyRing.News) -> Void = { _, _ in },
        introspectionObserver: @escaping @Sendable (_ issuer: String, TokenIntrospection.News) -> Void = { _, _ in }
    ) throws {
        for issuer in configuration.issuers {
            let name = issuer.name
            var live: LiveKeyRing?
            var keys: TrustedIssuer.Keys?
            switch issuer.keys {
            case .own:
                let ring = try LiveKeyRing(file: data.keyRing, clock: clock) { observer(name, $0) }
                live = ring
                guard !ring.current().verifying(at: clock.now()).isEmpty else {
                    throw CommandFailure.couldNotRun(
                        "the key ring \(data.keyRing.path) holds no key that verifies; add one with "
                            + "`vestibule keys add`")
                }
            case .secrets(let secrets):
                try configuration.requireLoadable(secrets, now: clock.now())
                let ring = try LiveKeyRing(secrets: secrets.map(\.sharedFile), clock: clock) { observer(name, $0) }
                live = ring
                guard !ring.current().verifying(at: clock.now()).isEmpty else {
                    throw CommandFailure.couldNotRun(
                        "the issuer \(issuer.title) has no secret that verifies; add an active one")
                }
            case .published(let published):
                if issuer.needsNoKeys {
                    keys = .fixed(KeyRing())
                } else if case .file = published.source {
                    live = try configuration.keyFile(published, of: issuer, clock: clock) { observer(name, $0) }
                } else {
                    let ring = RemoteKeyRing(published, of: issuer, clock: clock) { remoteObserver(name, $0) }
                    remote.append(ring)
                    keys = .remote(ring)
                }
            }
            if let live { (keys, warnings) = (.live(live), warnings + live.warnings) }
            guard let keys else { continue }
            issuers.append(
                TrustedIssuer(
                    name: name, issuer: issuer.issuer ?? resource.issuer,
                    audiences: issuer.audiences.isEmpty ? [resource.url] : issuer.audiences, keys: keys,
                    algorithms: issuer.algorithms, maximumTokenAge: issuer.maximumTokenAge, leeway: issuer.leeway,
                    acceptsMissingKeyID: issuer.acceptsMissingKeyID, claims: issuer.claims,
                    requiredClaims: issuer.requiredClaims, tokenType: issuer.tokenType,
                    introspection: try issuer.introspection?
                        .asked(of: issuer.title, file: configuration.file, clock: clock) {
                            introspectionObserver(name, $0)
                        }))
        }
    }
}

extension RemoteKeyRing {
    fileprivate convenience init(
        _ published: Configuration.PublishedKeys, of issuer: Configuration.Issuer, clock: any WallClock,
        observer: @escaping @Sendable (News) -> Void
    ) {
        let fetch = IssuerDocument.fetch(
            over: GuardedTransport(allowsPrivateNetwork: published.allowsPrivateNetwork))
        let location: Location =
            if case .url(let url) = published.source { .url(url) } else {
                .discovered(IssuerDiscovery(issuer: issuer.issuer ?? "", clock: clock, fetch: fetch))
            }
        self.init(location, algorithms: issuer.algorithms, clock: clock, fetch: fetch, observer: observer)
    }
}

extension Configuration {
    /// - Throws: ``ConfigurationError`` with the line that names the file.
    fileprivate func keyFile(
        _ published: PublishedKeys, of issuer: Issuer, clock: any WallClock,
        observer: @escaping @Sendable (LiveKeyRing.News) -> Void
    ) throws -> LiveKeyRing? {
        guard let keyFile = published.keyFile(of: issuer) else { return nil }
        do throws(KeyError) {
            return try LiveKeyRing(published: keyFile, clock: clock, observer: observer)
        } catch {
            throw ConfigurationError(file: file ?? "the configuration", problems: [published.problem(error)])
        }
    }

    /// - Throws: ``ConfigurationError`` with the line that names the file, as `config check` says it.
    fileprivate func requireLoadable(_ secrets: [Secret], now: NumericDate) throws(ConfigurationError) {
        for secret in secrets {
            do throws(KeyError) {
                _ = try secret.load(now: now)
            } catch {
                throw ConfigurationError(
                    file: file ?? "the configuration", problems: [.error(secret.place, secret.problem(error))])
            }
        }
    }
}

extension Configuration.Issuer {
    /// Whether every token of the issuer is one about which it is asked, so that keys which nobody named are not looked
    /// for either.
    fileprivate var needsNoKeys: Bool {
        guard introspection?.scope == .all, case .published(let published) = keys else { return false }
        return published.source == .discovery
    }
}
