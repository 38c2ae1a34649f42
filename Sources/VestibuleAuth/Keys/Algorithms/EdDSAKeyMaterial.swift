internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// EdDSA with Ed25519 (RFC 8037 §3.1).
struct EdDSAKeyMaterial: KeyMaterial {
    let publicKey: Curve25519.Signing.PublicKey
    let privateKey: Curve25519.Signing.PrivateKey?
    let identity: [UInt8]
    var algorithm: SignatureAlgorithm { .edDSA }
    var fingerprint: String { KeyFingerprint.of(thumbprint: identity) }
    var canSign: Bool { privateKey != nil }

    init(publicKey: Curve25519.Signing.PublicKey, privateKey: Curve25519.Signing.PrivateKey? = nil) {
        self.publicKey = publicKey
        self.privateKey = privateKey
        self.identity = KeyFingerprint.thumbprint(Self.required(publicKey))
    }

    init(jwk: JSONObject) throws(KeyError) {
        let x = try jwk.keyBytes("x")
        guard x.count == 32, let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
            throw KeyError(.corrupted, "x is not a public key of Ed25519")
        }
        guard jwk["d"] != nil else {
            self.init(publicKey: publicKey)
            return
        }
        let d = try jwk.keyBytes("d")
        guard d.count == 32, let privateKey = try? Curve25519.Signing.PrivateKey(rawRepresentation: d),
            privateKey.publicKey.rawRepresentation == publicKey.rawRepresentation
        else { throw KeyError(.corrupted, "d is not the private half of x") }
        self.init(publicKey: publicKey, privateKey: privateKey)
    }

    static func generate() -> any KeyMaterial {
        let key = Curve25519.Signing.PrivateKey()
        return EdDSAKeyMaterial(publicKey: key.publicKey, privateKey: key)
    }

    private static func required(_ key: Curve25519.Signing.PublicKey) -> JSONObject {
        ["crv": "Ed25519", "kty": "OKP", "x": .string(Base64URL.encode(key.rawRepresentation))]
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

    var verifyingOnly: any KeyMaterial { EdDSAKeyMaterial(publicKey: publicKey) }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        signature.count == 64 && publicKey.isValidSignature(signature, for: input)
    }

    func sign(_ input: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let privateKey, let signature = try? privateKey.signature(for: input) else {
            throw KeyError(.cannotSign, "the key \(fingerprint) has no private half here and cannot sign")
        }
        return Array(signature)
    }
}
