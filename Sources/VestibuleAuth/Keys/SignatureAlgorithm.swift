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
}
