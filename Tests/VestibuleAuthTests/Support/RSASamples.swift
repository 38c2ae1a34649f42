import Crypto
import CryptoExtras
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

/// RSA keys made once for all tests: making one takes a while.
enum RSASamples {
    static let first = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
    static let second = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    static func jwk(
        _ key: _RSA.Signing.PrivateKey, kid: String? = "rsa-1", algorithm: SignatureAlgorithm? = .rs256
    ) throws -> JSONObject {
        let parts = try key.publicKey.getKeyPrimitives()
        var jwk: JSONObject = [
            "kty": "RSA", "n": .string(Base64URL.encode(parts.modulus)),
            "e": .string(Base64URL.encode(parts.publicExponent)), "use": "sig",
        ]
        jwk["alg"] = algorithm.map { .string($0.rawValue) }
        jwk["kid"] = kid.map(JSONValue.string)
        return jwk
    }

    /// A token with any header and claims, signed with RS256.
    static func token(
        _ claims: JSONObject, key: _RSA.Signing.PrivateKey, header: JSONObject = ["alg": "RS256", "kid": "rsa-1"],
        padding: _RSA.Signing.Padding = .insecurePKCS1v1_5
    ) throws -> String {
        let input = [header, claims].map { Base64URL.encode(JSONValue.object($0).serialized) }.joined(separator: ".")
        let signature = try key.signature(for: SHA256.hash(data: Array(input.utf8)), padding: padding)
        return "\(input).\(Base64URL.encode(signature.rawRepresentation))"
    }
}
