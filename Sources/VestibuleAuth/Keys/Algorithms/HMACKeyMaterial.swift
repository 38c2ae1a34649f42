internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// HS256 (RFC 7518 §3.2).
struct HMACKeyMaterial: KeyMaterial {
    let secret: SymmetricKey
    let fingerprint: String
    var algorithm: SignatureAlgorithm { .hs256 }
    var canSign: Bool { true }

    init(secret: SymmetricKey) {
        self.secret = secret
        self.fingerprint = KeyFingerprint.of(secret: secret)
    }

    init(secret: [UInt8]) {
        self.init(secret: SymmetricKey(data: secret))
    }

    init(jwk: JSONObject) throws(KeyError) {
        self.init(secret: try jwk.keyBytes("k"))
    }

    static func generate() -> any KeyMaterial {
        HMACKeyMaterial(secret: SymmetricKey(size: .bits256))
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
        // Compares in constant time.
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: input, using: secret)
    }

    func sign(_ input: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: input, using: secret))
    }
}
