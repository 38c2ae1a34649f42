internal import Crypto
internal import CryptoExtras
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// RS256 to RS512 and PS256 to PS512 (RFC 7518 §3.3, §3.5): the public half of an RSA key, as other people's issuers
/// publish it. It only verifies, and for one of the six alone.
struct RSAKeyMaterial: KeyMaterial {
    let publicKey: _RSA.Signing.PublicKey
    let identity: [UInt8]
    private let modulus: [UInt8]
    private let exponent: [UInt8]
    let kind: RSAAlgorithm
    var algorithm: SignatureAlgorithm { kind.signatureAlgorithm }
    var fingerprint: String { KeyFingerprint.of(thumbprint: identity) }
    var canSign: Bool { false }

    /// In bits: fewer are too weak (RFC 7518 §3.3), more cost the verifier too much.
    static let modulusSizes = 2048...8192

    /// - Parameter algorithms: Those that the issuer may use, which say what a key without `alg` is for; see
    ///   ``RSAAlgorithm/ofUnnamed(among:)``.
    init(jwk: JSONObject, algorithms: Set<SignatureAlgorithm>? = nil) throws(KeyError) {
        guard !Self.privateMembers.contains(where: { jwk[$0] != nil }) else {
            throw KeyError(.unsupported, "RSA keys only verify here; give the public half, without \"d\" and its like")
        }
        let kind: RSAAlgorithm
        if let name = jwk["alg"] {
            guard let named = name.string.flatMap(RSAAlgorithm.init) else {
                throw KeyError(.unsupported, "the key's alg is none of those that an RSA key is for")
            }
            kind = named
        } else {
            kind = try RSAAlgorithm.ofUnnamed(among: algorithms)
        }
        try self.init(modulus: try jwk.keyBytes("n"), exponent: try jwk.keyBytes("e"), kind: kind)
    }

    init(modulus: [UInt8], exponent: [UInt8], kind: RSAAlgorithm) throws(KeyError) {
        // RFC 7518 §6.3.1: both in as few octets as they need, so that one key has one thumbprint.
        guard let top = modulus.first, top != 0, let exponentTop = exponent.first, exponentTop != 0 else {
            throw KeyError(.corrupted, "n or e is empty or begins with a zero byte, against RFC 7518 §6.3.1")
        }
        let bits = modulus.count * 8 - top.leadingZeroBitCount
        guard Self.modulusSizes.contains(bits) else {
            throw KeyError(
                .unsupported,
                "an RSA key of \(bits) bits; \(Self.modulusSizes.lowerBound) to \(Self.modulusSizes.upperBound) are accepted"
            )
        }
        // Odd and at least 65537 (FIPS 186-5 §5.1); the library takes four bytes at most.
        let e = exponent.count <= 4 ? exponent.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : 0
        guard e >= 65537, e % 2 == 1 else {
            throw KeyError(.unsupported, "an RSA key whose e is not an odd number of 65537 to 4294967295")
        }
        guard !Self.isFromWeakCard(modulus: modulus) else {
            throw KeyError(.unsupported, "an RSA key of a smart card whose keys can be factored (CVE-2017-15361)")
        }
        guard let last = modulus.last, last % 2 == 1,
            let publicKey = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
        else { throw KeyError(.corrupted, "n and e are not an RSA key") }
        self.publicKey = publicKey
        self.kind = kind
        self.modulus = modulus
        self.exponent = exponent
        self.identity = KeyFingerprint.thumbprint(Self.required(modulus, exponent))
    }

    /// RFC 7518 §6.3.2.
    static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth"]

    private static func required(_ modulus: [UInt8], _ exponent: [UInt8]) -> JSONObject {
        ["e": .string(Base64URL.encode(exponent)), "kty": "RSA", "n": .string(Base64URL.encode(modulus))]
    }

    var publicJWK: JSONObject? {
        var jwk = jwk
        jwk["use"] = "sig"
        return jwk
    }

    var jwk: JSONObject {
        var jwk = Self.required(modulus, exponent)
        jwk["alg"] = .string(algorithm.rawValue)
        return jwk
    }

    var verifyingOnly: any KeyMaterial { self }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        // As long as the modulus, never shorter with its zeros left off (RFC 8017 §8.2.2).
        guard signature.count == modulus.count else { return false }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        let padding = kind.padding
        return switch kind {
        case .rs256, .ps256: publicKey.isValidSignature(signature, for: SHA256.hash(data: input), padding: padding)
        case .rs384, .ps384: publicKey.isValidSignature(signature, for: SHA384.hash(data: input), padding: padding)
        case .rs512, .ps512: publicKey.isValidSignature(signature, for: SHA512.hash(data: input), padding: padding)
        }
    }

    func sign(_ input: [UInt8]) throws(KeyError) -> [UInt8] {
        throw KeyError(.cannotSign, "the key \(fingerprint) is for \(algorithm.rawValue), which is only verified here")
    }
}
