/// The signature algorithms of JWS (RFC 7518 §3, RFC 8037 §3.1) that keys here may have.
///
/// A key has exactly one; a token's header never chooses.
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// HMAC with SHA-256 and a shared secret: whoever can verify can also sign.
    case hs256 = "HS256"
    /// HMAC with SHA-384.
    case hs384 = "HS384"
    /// HMAC with SHA-512.
    case hs512 = "HS512"
    /// ECDSA with the curve P-256 and SHA-256.
    case es256 = "ES256"
    /// ECDSA with the curve P-384 and SHA-384.
    case es384 = "ES384"
    /// ECDSA with the curve P-521 and SHA-512.
    case es512 = "ES512"
    /// EdDSA with the curve Ed25519.
    case edDSA = "EdDSA"
    /// RSA with PKCS #1 v1.5 padding and SHA-256: what most identity providers sign with. Verified here, never signed.
    case rs256 = "RS256"
    /// RSA with PKCS #1 v1.5 padding and SHA-384.
    case rs384 = "RS384"
    /// RSA with PKCS #1 v1.5 padding and SHA-512.
    case rs512 = "RS512"
    /// RSA with PSS padding and SHA-256, the salt as long as the hash. Verified here, never signed.
    case ps256 = "PS256"
    /// RSA with PSS padding and SHA-384.
    case ps384 = "PS384"
    /// RSA with PSS padding and SHA-512.
    case ps512 = "PS512"

    /// Whether the key is a secret that both sides share, so that it is never published.
    public var isSymmetric: Bool { HMACAlgorithm(rawValue: rawValue) != nil }
}

/// The algorithms with which keys that are made here sign.
public enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// `nil` for an algorithm that is only verified.
    public init?(_ algorithm: SignatureAlgorithm) {
        self.init(rawValue: algorithm.rawValue)
    }
}

/// The algorithms for which a shared secret can be (RFC 7518 §3.2).
public enum HMACAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// The fewest bytes that a secret may have: as many as the hash has (RFC 7518 §3.2).
    public var minimumSecretLength: Int {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        }
    }

    /// The same algorithm among all of them.
    public var signatureAlgorithm: SignatureAlgorithm {
        switch self {
        case .hs256: .hs256
        case .hs384: .hs384
        case .hs512: .hs512
        }
    }
}
