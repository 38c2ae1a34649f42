internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

enum KeyFingerprint {
    /// Of a secret: HMAC-SHA256 with the secret as key over a fixed text, so that it says nothing of the secret itself.
    static func of(secret: SymmetricKey) -> String {
        HMAC<SHA256>.authenticationCode(for: Array("vestibule key fingerprint".utf8), using: secret).prefix(4)
            .hexadecimal
    }

    /// Of a public key: the start of its thumbprint (RFC 7638), which anybody can compute from the JWKS.
    static func of(thumbprint: [UInt8]) -> String {
        thumbprint.prefix(4).hexadecimal
    }

    /// The SHA-256 thumbprint of a public key (RFC 7638 §3), from its required members in lexicographic order.
    static func thumbprint(_ members: JSONObject) -> [UInt8] {
        Array(SHA256.hash(data: JSONValue.object(members).serialized))
    }
}
