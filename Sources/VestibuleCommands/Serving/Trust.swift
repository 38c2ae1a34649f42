internal import VestibuleAuth
internal import VestibuleProtocol

/// Whose tokens are accepted, with their keys loaded.
struct Trust: Sendable {
    var issuers: [TrustedIssuer] = []
    /// What an operator should look at, a line each.
    var warnings: [String] = []

    /// - Throws: ``CommandFailure`` or `KeyError`, in one line: no key, a bad file, a short or known secret.
    init(
        configuration: Configuration, data: DataDirectory, resource: ResourceIdentity, clock: any WallClock
    ) throws {
        for issuer in configuration.issuers {
            let keys: TrustedIssuer.Keys
            switch issuer.keys {
            case .own: keys = .live(try Self.ownKeys(data, clock: clock))
            case .secrets(let secrets): keys = .fixed(try sharedKeys(secrets, of: issuer, now: clock.now()))
            }
            issuers.append(
                TrustedIssuer(
                    name: issuer.name, issuer: issuer.issuer ?? resource.issuer,
                    audiences: issuer.audiences.isEmpty ? [resource.url] : issuer.audiences, keys: keys,
                    algorithms: issuer.algorithms, maximumTokenAge: issuer.maximumTokenAge, leeway: issuer.leeway,
                    acceptsMissingKeyID: issuer.acceptsMissingKeyID))
        }
    }

    private static func ownKeys(_ data: DataDirectory, clock: any WallClock) throws -> LiveKeyRing {
        let live = try LiveKeyRing(file: data.keyRing, clock: clock)
        guard !live.current().verifying(at: clock.now()).isEmpty else {
            throw CommandFailure.couldNotRun(
                "the key ring \(data.keyRing.path) holds no key that verifies; add one with `vestibule keys add`")
        }
        return live
    }

    private mutating func sharedKeys(
        _ secrets: [Configuration.Secret], of issuer: Configuration.Issuer, now: NumericDate
    ) throws -> KeyRing {
        var ring = KeyRing()
        for secret in secrets {
            let file = SharedSecretFile(
                kid: secret.keyID, path: secret.file, state: secret.state, allowShortSecret: secret.allowsShortSecret)
            let loaded = try file.load(createdAt: now)
            warnings += loaded.warnings
            try ring.add(loaded.key)
        }
        guard !ring.verifying(at: now).isEmpty else {
            throw CommandFailure.couldNotRun(
                "the issuer \(issuer.title) has no secret that verifies; add an active one")
        }
        return ring
    }
}
