internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// ES256 (RFC 7518 §3.4): the signature is the two numbers side by side, 64 bytes, never DER.
struct ECDSAKeyMaterial: KeyMaterial {
    let publicKey: P256.Signing.PublicKey
    let privateKey: P256.Signing.PrivateKey?
    let identity: [UInt8]
    var algorithm: SignatureAlgorithm { .es256 }
    var fingerprint: String { KeyFingerprint.of(thumbprint: identity) }
    var canSign: Bool { privateKey != nil }

    init(publicKey: P256.Signing.PublicKey, privateKey: P256.Signing.PrivateKey? = nil) {
        self.publicKey = publicKey
        self.privateKey = privateKey
        self.identity = KeyFingerprint.thumbprint(Self.required(publicKey))
    }

    init(jwk: JSONObject) throws(KeyError) {
        let x = try jwk.keyBytes("x")
        let y = try jwk.keyBytes("y")
        guard x.count == 32, y.count == 32, let publicKey = try? P256.Signing.PublicKey(rawRepresentation: x + y) else {
            throw KeyError(.corrupted, "x and y are not a point of the curve P-256")
        }
        guard jwk["d"] != nil else {
            self.init(publicKey: publicKey)
            return
        }
        let d = try jwk.keyBytes("d")
        guard let privateKey = try? P256.Signing.PrivateKey(rawRepresentation: d),
            privateKey.publicKey.rawRepresentation == publicKey.rawRepresentation
        else { throw KeyError(.corrupted, "d is not the private half of x and y") }
        self.init(publicKey: publicKey, privateKey: privateKey)
    }

    static func generate() -> any KeyMaterial {
        let key = P256.Signing.PrivateKey()
        return ECDSAKeyMaterial(publicKey: key.publicKey, privateKey: key)
    }

    private static func required(_ key: P256.Signing.PublicKey) -> JSONObject {
        let point = Array(key.rawRepresentation)
        return [
            "crv": "P-256", "kty": "EC", "x": .string(Base64URL.encode(point.prefix(32))),
            "y": .string(Base64URL.encode(point.dropFirst(32))),
        ]
    }

    var publicJWK: JSONObject? {
        var jwk = Self.required(publicKey)
        jwk["alg"] = .string(algorithm.rawValue)
        jwk["use"] = "sig"
        return jwk
    }

    var jwk: JSONObject {
        var jwk = Self.required(publicKey)
        jwk["alg"] = .string(algorithm.rawValue)
        jwk["d"] = privateKey.map { .string(Base64URL.encode($0.rawRepresentation)) }
        return jwk
    }

    var verifyingOnly: any KeyMaterial { ECDSAKeyMaterial(publicKey: publicKey) }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        guard signature.count == 64, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return publicKey.isValidSignature(signature, for: input)
    }

    func sign(_ input: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let privateKey, let signature = try? privateKey.signature(for: input) else {
            throw KeyError(.cannotSign, "the key \(fingerprint) has no private half here and cannot sign")
        }
        return Array(signature.rawRepresentation)
    }
}
