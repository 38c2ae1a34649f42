internal import Crypto
internal import CryptoExtras
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Reads the key of a PEM block: SEC 1 (`EC PRIVATE KEY`), PKCS #8 (`PRIVATE KEY`) or a SubjectPublicKeyInfo
/// (`PUBLIC KEY`).
///
/// - Parameter algorithms: What an RSA key may be for; see ``RSAAlgorithm/ofUnnamed(among:)``.
/// - Throws: ``KeyError``: another kind of block, or a key that is not supported.
func keyMaterial(pem block: PEM.Block, algorithms: Set<SignatureAlgorithm>? = nil) throws(KeyError) -> any KeyMaterial {
    switch block.label {
    case "EC PRIVATE KEY", "PRIVATE KEY":
        if let key = try? P256.Signing.PrivateKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial(publicKey: key.publicKey, privateKey: key)
        }
        if let key = try? P384.Signing.PrivateKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial(publicKey: key.publicKey, privateKey: key)
        }
        if let key = try? P521.Signing.PrivateKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial(publicKey: key.publicKey, privateKey: key)
        }
        if let raw = Ed25519DER.raw(block.bytes, Ed25519DER.privatePrefix),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw)
        {
            return CurveKeyMaterial(publicKey: key.publicKey, privateKey: key)
        }
        if (try? _RSA.Signing.PrivateKey(derRepresentation: block.bytes)) != nil { throw rsaOnlyVerifies }
    case "PUBLIC KEY":
        if let key = try? P256.Signing.PublicKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial<P256.Signing.PrivateKey>(publicKey: key)
        }
        if let key = try? P384.Signing.PublicKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial<P384.Signing.PrivateKey>(publicKey: key)
        }
        if let key = try? P521.Signing.PublicKey(derRepresentation: block.bytes) {
            return CurveKeyMaterial<P521.Signing.PrivateKey>(publicKey: key)
        }
        if let raw = Ed25519DER.raw(block.bytes, Ed25519DER.publicPrefix),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
        {
            try SmallOrderPoint.refuse(Array(raw), name: "the public key")
            return CurveKeyMaterial<Curve25519.Signing.PrivateKey>(publicKey: key)
        }
        if let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: block.bytes),
            let parts = try? key.getKeyPrimitives()
        {
            return try RSAKeyMaterial(
                modulus: Array(parts.modulus), exponent: Array(parts.publicExponent),
                kind: try RSAAlgorithm.ofUnnamed(among: algorithms))
        }
    case "RSA PRIVATE KEY": throw rsaOnlyVerifies
    case "CERTIFICATE":
        throw KeyError(
            .unsupported, "a certificate; take its key with: openssl x509 -in FILE -noout -pubkey")
    case "ENCRYPTED PRIVATE KEY":
        throw KeyError(.unsupported, "the private key is encrypted; decrypt it with: openssl pkey -in FILE")
    default:
        throw KeyError(
            .unsupported, "a PEM block \(block.label.quoted); PRIVATE KEY, EC PRIVATE KEY or PUBLIC KEY is due")
    }
    throw KeyError(
        .unsupported,
        "the PEM block \(block.label.quoted) is no key of P-256, P-384, P-521 or Ed25519, nor a public RSA key")
}

private var rsaOnlyVerifies: KeyError {
    KeyError(.unsupported, "RSA keys only verify here; give the public half: openssl rsa -in FILE -pubout")
}

/// Ed25519 keys in DER (RFC 8410 §4, §7): always the same bytes before the key, which the library does not write.
enum Ed25519DER {
    static let privatePrefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    static let publicPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

    static func raw(_ der: [UInt8], _ prefix: [UInt8]) -> [UInt8]? {
        der.count == prefix.count + 32 && der.starts(with: prefix) ? Array(der.dropFirst(prefix.count)) : nil
    }
}

extension KeyMaterial {
    /// The public half in PEM (SubjectPublicKeyInfo), or `nil` for a secret.
    var publicPEM: String? {
        let bytes: [UInt8]? =
            switch self {
            case let key as CurveKeyMaterial<P256.Signing.PrivateKey>: Array(key.publicKey.derRepresentation)
            case let key as CurveKeyMaterial<P384.Signing.PrivateKey>: Array(key.publicKey.derRepresentation)
            case let key as CurveKeyMaterial<P521.Signing.PrivateKey>: Array(key.publicKey.derRepresentation)
            case let key as CurveKeyMaterial<Curve25519.Signing.PrivateKey>:
                Ed25519DER.publicPrefix + Array(key.publicKey.rawRepresentation)
            case let key as RSAKeyMaterial: Array(key.publicKey.derRepresentation)
            default: nil
            }
        return bytes.map { PEM.text("PUBLIC KEY", $0) }
    }

    /// The private half in PEM (PKCS #8), or `nil` where it is not here, and for a secret.
    var privatePEM: String? {
        let bytes: [UInt8]? =
            switch self {
            case let key as CurveKeyMaterial<P256.Signing.PrivateKey>:
                key.privateKey.map { Array($0.derRepresentation) }
            case let key as CurveKeyMaterial<P384.Signing.PrivateKey>:
                key.privateKey.map { Array($0.derRepresentation) }
            case let key as CurveKeyMaterial<P521.Signing.PrivateKey>:
                key.privateKey.map { Array($0.derRepresentation) }
            case let key as CurveKeyMaterial<Curve25519.Signing.PrivateKey>:
                key.privateKey.map { Ed25519DER.privatePrefix + Array($0.rawRepresentation) }
            default: nil
            }
        return bytes.map { PEM.text("PRIVATE KEY", $0) }
    }
}
