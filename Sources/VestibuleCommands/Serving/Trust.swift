internal import VestibuleAuth
internal import VestibuleProtocol

/// Whose tokens are accepted, with their keys loaded.
struct Trust: Sendable {
    var issuers: [TrustedIssuer] = []
    /// What an operator should look at, a line each.
    var warnings: [String] = []

    /// - Parameter observer: Told of what becomes of an issuer's keys later, with the issuer's name.
    /// - Throws: ``CommandFailure`` or `KeyError`, in one line: no key, a bad file, a short or known secret.
    init(
        configuration: Configuration, data: DataDirectory, resource: ResourceIdentity, clock: any WallClock,
        observer: @escaping @Sendable (_ issuer: String, LiveKeyRing.News) -> Void = { _, _ in }
    ) throws {
        for issuer in configuration.issuers {
            let name = issuer.name
            let live: LiveKeyRing
            switch issuer.keys {
            case .own:
                live = try LiveKeyRing(file: data.keyRing, clock: clock) { observer(name, $0) }
                guard !live.current().verifying(at: clock.now()).isEmpty else {
                    throw CommandFailure.couldNotRun(
                        "the key ring \(data.keyRing.path) holds no key that verifies; add one with "
                            + "`vestibule keys add`")
                }
            case .secrets(let secrets):
                try configuration.requireLoadable(secrets, now: clock.now())
                live = try LiveKeyRing(secrets: secrets.map(\.sharedFile), clock: clock) { observer(name, $0) }
                guard !live.current().verifying(at: clock.now()).isEmpty else {
                    throw CommandFailure.couldNotRun(
                        "the issuer \(issuer.title) has no secret that verifies; add an active one")
                }
            }
            warnings += live.warnings
            issuers.append(
                TrustedIssuer(
                    name: name, issuer: issuer.issuer ?? resource.issuer,
                    audiences: issuer.audiences.isEmpty ? [resource.url] : issuer.audiences, keys: .live(live),
                    algorithms: issuer.algorithms, maximumTokenAge: issuer.maximumTokenAge, leeway: issuer.leeway,
                    acceptsMissingKeyID: issuer.acceptsMissingKeyID, claims: issuer.claims,
                    requiredClaims: issuer.requiredClaims, tokenType: issuer.tokenType))
        }
    }
}

extension Configuration {
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
