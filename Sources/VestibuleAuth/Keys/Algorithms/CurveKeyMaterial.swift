internal import Crypto
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A key pair on a curve: ES256, ES384, ES512 (RFC 7518 §3.4) and EdDSA (RFC 8037 §3.1). What tells the curves apart is
/// in ``SignatureCurve``.
struct CurveKeyMaterial<PrivateKey: CurvePrivateKey>: KeyMaterial {
    let publicKey: PrivateKey.PublicKey
    let privateKey: PrivateKey?
    let identity: [UInt8]
    var algorithm: SignatureAlgorithm { PrivateKey.curve.algorithm }
    var fingerprint: String { KeyFingerprint.of(thumbprint: identity) }
    var canSign: Bool { privateKey != nil }

    init(publicKey: PrivateKey.PublicKey, privateKey: PrivateKey? = nil) {
        self.publicKey = publicKey
        self.privateKey = privateKey
        self.identity = KeyFingerprint.thumbprint(Self.required(publicKey))
    }

    init(jwk: JSONObject) throws(KeyError) {
        let curve = PrivateKey.curve
        let names = curve.coordinates.joined(separator: " and ")
        var point: [UInt8] = []
        for name in curve.coordinates {
            let coordinate = try jwk.keyBytes(name)
            guard coordinate.count == curve.size else {
                throw KeyError(.corrupted, "\(name) has \(coordinate.count) bytes; \(curve.name) has \(curve.size)")
            }
            point += coordinate
        }
        guard let publicKey = try? PrivateKey.PublicKey(rawRepresentation: point) else {
            throw KeyError(.corrupted, "\(names) are not a public key of \(curve.name)")
        }
        if curve.algorithm == .edDSA { try SmallOrderPoint.refuse(point, name: names) }
        guard jwk["d"] != nil else {
            self.init(publicKey: publicKey)
            return
        }
        let d = try jwk.keyBytes("d")
        guard d.count == curve.size, let privateKey = try? PrivateKey(rawRepresentation: d),
            privateKey.publicKey.rawRepresentation == publicKey.rawRepresentation
        else { throw KeyError(.corrupted, "d is not the private half of \(names)") }
        self.init(publicKey: publicKey, privateKey: privateKey)
    }

    static func generate() -> any KeyMaterial {
        let key = PrivateKey.generate()
        return CurveKeyMaterial(publicKey: key.publicKey, privateKey: key)
    }

    /// The members that the thumbprint is made of, in their order (RFC 7638 §3.2, RFC 8037 §2).
    private static func required(_ key: PrivateKey.PublicKey) -> JSONObject {
        let curve = PrivateKey.curve
        var jwk: JSONObject = ["crv": .string(curve.name), "kty": .string(curve.kind)]
        var rest = Array(key.rawRepresentation)[...]
        for name in curve.coordinates {
            jwk[name] = .string(Base64URL.encode(rest.prefix(curve.size)))
            rest = rest.dropFirst(curve.size)
        }
        return jwk
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

    var verifyingOnly: any KeyMaterial { CurveKeyMaterial(publicKey: publicKey) }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool {
        signature.count == PrivateKey.curve.signatureSize && publicKey.accepts(signature, for: input)
    }

    func sign(_ input: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let privateKey, let signature = try? privateKey.signatureBytes(for: input) else {
            throw KeyError(.cannotSign, "the key \(fingerprint) has no private half here and cannot sign")
        }
        return signature
    }
}
