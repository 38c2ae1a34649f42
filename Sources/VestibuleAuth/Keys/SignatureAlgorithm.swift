/// The signature algorithms of JWS (RFC 7518 §3, RFC 8037 §3.1) that keys here may have.
///
/// A key has exactly one; a token's header never chooses.
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// HMAC with SHA-256 and a shared secret: whoever can verify can also sign.
    case hs256 = "HS256"
    /// ECDSA with the curve P-256 and SHA-256.
    case es256 = "ES256"
    /// EdDSA with the curve Ed25519.
    case edDSA = "EdDSA"
    /// RSA with PKCS #1 v1.5 padding and SHA-256: what most identity providers sign with. Verified here, never signed.
    case rs256 = "RS256"
}

/// The algorithms with which keys that are made here sign.
public enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    /// `nil` for an algorithm that is only verified.
    public init?(_ algorithm: SignatureAlgorithm) {
        switch algorithm {
        case .hs256: self = .hs256
        case .es256: self = .es256
        case .edDSA: self = .edDSA
        case .rs256: return nil
        }
    }
}
