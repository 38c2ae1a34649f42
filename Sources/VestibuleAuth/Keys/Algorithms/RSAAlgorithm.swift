internal import CryptoExtras

/// The algorithms for which an RSA key can be.
enum RSAAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"

    /// What a key is for whose JWK names no `alg`, which RFC 7517 §4.4 leaves open: the one RSA algorithm that the issuer
    /// may use; RS256, which most sign with, where it may use that among others or nothing says what it may use.
    ///
    /// The token's header has no say in it. One key is never for two algorithms.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/unsupported`` where the issuer may use several, and RS256 is none of
    ///   them.
    static func ofUnnamed(among algorithms: Set<SignatureAlgorithm>?) throws(KeyError) -> RSAAlgorithm {
        let candidates = allCases.filter { algorithms?.contains($0.signatureAlgorithm) ?? true }
        if let only = candidates.first, candidates.count == 1 { return only }
        guard candidates.isEmpty || candidates.contains(.rs256) else {
            let names = candidates.map(\.rawValue).joined(separator: ", ")
            throw KeyError(
                .unsupported,
                "an RSA key names no alg and could be for \(names); let its issuer name one, or accept only one")
        }
        return .rs256
    }

    var signatureAlgorithm: SignatureAlgorithm {
        switch self {
        case .rs256: .rs256
        case .rs384: .rs384
        case .rs512: .rs512
        case .ps256: .ps256
        case .ps384: .ps384
        case .ps512: .ps512
        }
    }

    /// The library's PSS has the salt as long as the hash and the same hash in MGF1, as RFC 7518 §3.5 asks.
    var padding: _RSA.Signing.Padding {
        switch self {
        case .rs256, .rs384, .rs512: .insecurePKCS1v1_5
        case .ps256, .ps384, .ps512: .PSS
        }
    }
}
