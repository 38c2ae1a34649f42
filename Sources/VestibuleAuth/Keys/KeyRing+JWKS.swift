public import VestibuleProtocol

extension KeyRing {
    /// How long whoever fetched ``jwks`` may go by it, by default: the `max-age` with which it is published.
    public static let defaultLifetime = Duration.seconds(300)
    /// How long it takes until every server that reads the ring from its file has noticed a change, with room to spare.
    public static let replicaDelay = Duration.seconds(1)

    /// How long a new key of that algorithm has to be in the ring before everybody who verifies with it has seen it: the
    /// lifetime of the published key set, and the time that a replica takes to publish it. A secret is published to
    /// nobody; only the replicas have to see it.
    ///
    /// - Parameter lifetime: The `max-age` with which the key set is published.
    public static func publication(of algorithm: SignatureAlgorithm, lifetime: Duration) -> Duration {
        algorithm.isSymmetric ? replicaDelay : lifetime + replicaDelay
    }

    /// The ring's public keys as a JSON Web Key Set (RFC 7517 §5): those that are not retired. Secrets are never in it.
    ///
    /// Settle the ring first (``settle(now:)``), so that keys whose time is over are left out.
    public var jwks: JSONValue {
        let published = keys.filter { !$0.state.isRetired }
            .compactMap { key -> JSONValue? in
                guard var jwk = key.material.publicJWK else { return nil }
                jwk["kid"] = .string(key.kid)
                return .object(jwk)
            }
        return ["keys": .array(published)]
    }

    /// The keys of a JSON Web Key Set, all in state `next`: they verify, none signs.
    ///
    /// Keys that are not for signatures or of a kind that is not supported are left out, as RFC 7517 §5 asks. A key
    /// without `kid` gets its fingerprint as name.
    ///
    /// - Throws: ``KeyError`` where the value is no key set, a key of a supported kind is broken, or none is left.
    public init(jwks: JSONValue, createdAt: NumericDate) throws(KeyError) {
        guard let values = jwks["keys"]?.array else {
            throw KeyError(.corrupted, "not a JSON Web Key Set: it has no array \"keys\"")
        }
        self.init()
        for value in values {
            guard let jwk = value.object else {
                throw KeyError(.corrupted, "not a JSON Web Key Set: \"keys\" holds a \(value.kind)")
            }
            let material: any KeyMaterial
            do {
                material = try keyMaterial(jwk: jwk)
            } catch {
                guard error.code == .unsupported else { throw error }
                continue
            }
            let kid = jwk["kid"]?.string ?? material.fingerprint
            if let secret = material as? HMACKeyMaterial {
                try add(
                    RingKey(
                        hmacSecret: secret.bytes, algorithm: secret.kind, kid: kid, state: .next, createdAt: createdAt))
            } else {
                try add(RingKey(kid: kid, material: material.verifyingOnly, state: .next, createdAt: createdAt))
            }
        }
        guard !keys.isEmpty else {
            let algorithms = SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw KeyError(.unsupported, "the key set holds no key for any of \(algorithms)")
        }
    }
}
