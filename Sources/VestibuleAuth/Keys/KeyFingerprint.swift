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
        hex(HMAC<SHA256>.authenticationCode(for: Array("vestibule key fingerprint".utf8), using: secret).prefix(4))
    }

    /// Of a public key: the start of its thumbprint (RFC 7638), which anybody can compute from the JWKS.
    static func of(thumbprint: [UInt8]) -> String {
        hex(thumbprint.prefix(4))
    }

    /// The SHA-256 thumbprint of a public key (RFC 7638 §3), from its required members in lexicographic order.
    static func thumbprint(_ members: JSONObject) -> [UInt8] {
        Array(SHA256.hash(data: JSONValue.object(members).serialized))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }
}
