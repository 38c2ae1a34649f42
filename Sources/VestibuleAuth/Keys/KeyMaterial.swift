internal import Crypto
internal import VestibuleProtocol

/// What a key of one algorithm family can do. Each family has a file of its own under `Algorithms/`.
protocol KeyMaterial: Sendable {
    var algorithm: SignatureAlgorithm { get }
    /// Eight hexadecimal digits by which people tell keys apart; see ``RingKey/fingerprint``.
    var fingerprint: String { get }
    /// Tells two keys apart for certain: the SHA-256 of the secret, or the thumbprint of the public key (RFC 7638).
    var identity: [UInt8] { get }
    var canSign: Bool { get }
    /// The key as a JWK (RFC 7517), private parts included.
    var jwk: JSONObject { get }
    /// The public half as a JWK, or `nil` where there is none to publish.
    var publicJWK: JSONObject? { get }
    /// The same key, able to verify only, as far as its family knows the difference.
    var verifyingOnly: any KeyMaterial { get }

    func isValid(signature: [UInt8], for input: ArraySlice<UInt8>) -> Bool
    func sign(_ input: [UInt8]) throws(KeyError) -> [UInt8]
}

extension SigningAlgorithm {
    func generateMaterial() -> any KeyMaterial {
        switch self {
        case .hs256: HMACKeyMaterial.generate(.hs256)
        case .hs384: HMACKeyMaterial.generate(.hs384)
        case .hs512: HMACKeyMaterial.generate(.hs512)
        case .es256: CurveKeyMaterial<P256.Signing.PrivateKey>.generate()
        case .es384: CurveKeyMaterial<P384.Signing.PrivateKey>.generate()
        case .es512: CurveKeyMaterial<P521.Signing.PrivateKey>.generate()
        case .edDSA: CurveKeyMaterial<Curve25519.Signing.PrivateKey>.generate()
        }
    }
}

/// Reads the key of a JWK, whatever its family.
///
/// - Parameter algorithms: Those that the key's issuer may use, `nil` where nothing says; only an RSA key without `alg`
///   asks for them.
/// - Throws: ``KeyError`` with ``KeyError/Code/unsupported`` for a family or curve that is not known here, and with
///   ``KeyError/Code/corrupted`` for a key whose parts are missing or do not fit together.
func keyMaterial(
    jwk: JSONObject, algorithms: Set<SignatureAlgorithm>? = nil
) throws(KeyError) -> any KeyMaterial {
    if let use = jwk["use"], use != "sig" {
        throw KeyError(.unsupported, "the key is not for signatures: its use is not sig")
    }
    if let operations = jwk["key_ops"]?.array, !operations.contains("verify"), !operations.contains("sign") {
        throw KeyError(.unsupported, "the key is not for signatures: its key_ops name neither sign nor verify")
    }
    let kind = (jwk["kty"]?.string ?? "", jwk["crv"]?.string ?? "")
    let material: any KeyMaterial
    switch kind {
    case ("oct", _): material = try HMACKeyMaterial(jwk: jwk)
    case ("EC", "P-256"): material = try CurveKeyMaterial<P256.Signing.PrivateKey>(jwk: jwk)
    case ("EC", "P-384"): material = try CurveKeyMaterial<P384.Signing.PrivateKey>(jwk: jwk)
    case ("EC", "P-521"): material = try CurveKeyMaterial<P521.Signing.PrivateKey>(jwk: jwk)
    case ("OKP", "Ed25519"): material = try CurveKeyMaterial<Curve25519.Signing.PrivateKey>(jwk: jwk)
    case ("RSA", _): material = try RSAKeyMaterial(jwk: jwk, algorithms: algorithms)
    default:
        throw KeyError(.unsupported, "keys of kind \(kind.0.quoted) \(kind.1.quoted) are not supported")
    }
    if let alg = jwk["alg"], alg != .string(material.algorithm.rawValue) {
        throw KeyError(.unsupported, "the key's alg is not \(material.algorithm.rawValue), which its kind is for")
    }
    return material
}

extension JSONObject {
    /// A member of a JWK that holds bytes in base64url.
    func keyBytes(_ name: String) throws(KeyError) -> [UInt8] {
        guard let text = self[name]?.string, let bytes = Base64URL.decode(text) else {
            throw KeyError(.corrupted, "the key's member \(name) is missing or not base64url without padding")
        }
        return bytes
    }
}
