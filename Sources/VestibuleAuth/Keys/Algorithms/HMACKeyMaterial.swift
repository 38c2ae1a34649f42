internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// HS256, HS384 and HS512 (RFC 7518 §3.2).
struct HMACKeyMaterial: KeyMaterial {
    let secret: SymmetricKey
    let kind: HMACAlgorithm
    let fingerprint: String
    var algorithm: SignatureAlgorithm { kind.signatureAlgorithm }
    var canSign: Bool { true }

    init(secret: SymmetricKey, kind: HMACAlgorithm = .hs256) {
        self.secret = secret
        self.kind = kind
        self.fingerprint = KeyFingerprint.of(secret: secret)
    }

    init(secret: [UInt8], kind: HMACAlgorithm = .hs256) {
        self.init(secret: SymmetricKey(data: secret), kind: kind)
    }

    /// A secret whose JWK names no `alg` is for HS256.
    init(jwk: JSONObject) throws(KeyError) {
        let name = jwk["alg"] ?? .string(HMACAlgorithm.hs256.rawValue)
        guard let kind = name.string.flatMap(HMACAlgorithm.init) else {
            throw KeyError(.unsupported, "the key's alg is none of those that a secret is for")
        }
        self.init(secret: try jwk.keyBytes("k"), kind: kind)
    }

    /// A random secret as long as the hash.
    static func generate(_ kind: HMACAlgorithm) -> any KeyMaterial {
        HMACKeyMaterial(secret: SymmetricKey(size: .init(bitCount: kind.minimumSecretLength * 8)), kind: kind)
    }

    var bytes: [UInt8] { secret.withUnsafeBytes { Array($0) } }

    var identity: [UInt8] { Array(SHA256.hash(data: bytes)) }

    var jwk: JSONObject {
        ["kty": "oct", "alg": .string(algorithm.rawValue), "k": .string(Base64URL.encode(bytes))]
    }

    /// A secret has no public half.
    var publicJWK: JSONObject? { nil }

    /// Whoever can verify can sign: there is nothing to leave out.
    var verifyingOnly: any KeyMaterial { self }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        // Each compares in constant time, and refuses a code that was cut short.
        switch kind {
        case .hs256: HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: input, using: secret)
        case .hs384: HMAC<SHA384>.isValidAuthenticationCode(signature, authenticating: input, using: secret)
        case .hs512: HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: input, using: secret)
        }
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        switch kind {
        case .hs256: Array(HMAC<SHA256>.authenticationCode(for: input, using: secret))
        case .hs384: Array(HMAC<SHA384>.authenticationCode(for: input, using: secret))
        case .hs512: Array(HMAC<SHA512>.authenticationCode(for: input, using: secret))
        }
    }
}
