public import VestibuleProtocol

/// A key of a ring: its name, its algorithm, where it stands in its life, and the material itself, which stays inside.
public struct RingKey: Sendable {
    /// The key's name in token headers (RFC 7515 §4.1.4), compared by bytes. It need not be unique: a shared secret may
    /// change under one name, and then the ring tells the keys apart by their fingerprints.
    public let kid: String
    /// The only algorithm with which the key signs and verifies.
    public var algorithm: SignatureAlgorithm { material.algorithm }
    /// Where the key stands. Changes only through its ring.
    public internal(set) var state: KeyState
    public let createdAt: NumericDate
    /// Since when the key signs, or signed; `nil` for one that never did, and where nobody wrote it down.
    public internal(set) var activeSince: NumericDate?
    /// Eight hexadecimal digits to tell keys apart without showing them: the start of
    /// HMAC-SHA256(key: secret, message: `vestibule key fingerprint`) for a secret, and of the public key's SHA-256
    /// thumbprint (RFC 7638) for a key pair.
    public let fingerprint: String
    var material: any KeyMaterial

    init(
        kid: String, material: any KeyMaterial, state: KeyState, createdAt: NumericDate,
        activeSince: NumericDate? = nil
    ) {
        self.kid = kid
        self.material = material
        self.state = state
        self.createdAt = createdAt
        self.activeSince = activeSince
        self.fingerprint = material.fingerprint
    }

    /// A new random key in the state `next`.
    ///
    /// - Parameter kid: The key's name; by default made of its algorithm and fingerprint, such as `es256-9c1d3f2a`.
    public static func generate(
        _ algorithm: SigningAlgorithm, kid: String? = nil, createdAt: NumericDate
    ) -> RingKey {
        let material = algorithm.generateMaterial()
        let name = kid ?? "\(algorithm.rawValue.lowercased())-\(material.fingerprint)"
        return RingKey(kid: name, material: material, state: .next, createdAt: createdAt)
    }

    /// A shared secret, used byte for byte as it is.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/shortSecret`` under ``HMACAlgorithm/minimumSecretLength`` bytes, unless
    ///   those are allowed, and ``KeyError/Code/sampleSecret`` for a secret that everybody knows, always.
    public init(
        hmacSecret: [UInt8], algorithm: HMACAlgorithm = .hs256, kid: String, state: KeyState, createdAt: NumericDate,
        allowShortSecret: Bool = false
    ) throws(KeyError) {
        try SampleSecrets.refuse(hmacSecret, kid: kid)
        guard !hmacSecret.isEmpty else {
            throw KeyError(.shortSecret, "the secret of key \(kid.quoted) is empty; put a random one in its place")
        }
        guard allowShortSecret || hmacSecret.count >= algorithm.minimumSecretLength else {
            throw KeyError(
                .shortSecret,
                """
                the secret of key \(kid.quoted) has \(hmacSecret.count) bytes; \(algorithm.rawValue) needs \
                \(algorithm.minimumSecretLength) or more (allowShortSecret: true accepts it at your risk)
                """)
        }
        let material = HMACKeyMaterial(secret: hmacSecret, kind: algorithm)
        self.init(kid: kid, material: material, state: state, createdAt: createdAt)
    }

    /// Whether the private part is here, so that the key could sign.
    public var canSign: Bool { material.canSign }

    /// Whether both are the same key under the same name, whatever their states.
    func isSameKey(as other: RingKey) -> Bool {
        kid.hasSameBytes(as: other.kid) && algorithm == other.algorithm && material.identity == other.material.identity
    }

    /// The key's name and fingerprint, for a person: `"frontend" (9c1d3f2a)`.
    var label: String { "\(kid.quoted) (\(fingerprint))" }
}

extension RingKey: CustomStringConvertible, CustomReflectable {
    /// Name, algorithm, state and fingerprint; never the material.
    public var description: String { "\(label) \(algorithm.rawValue) \(state.name)" }

    /// Keeps the material out of `dump` and of test reports.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
