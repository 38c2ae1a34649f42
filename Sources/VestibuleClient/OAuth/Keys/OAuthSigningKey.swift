public import Crypto
internal import CryptoExtras
internal import VestibuleProtocol

/// A private key that signs a client's assertions and proofs: P-256 (ES256), RSA (RS256) or Ed25519 (EdDSA).
///
/// It never shows in a description.
public struct OAuthSigningKey: Sendable {
    /// The JWS algorithm.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case es256 = "ES256"
        case rs256 = "RS256"
        case edDSA = "EdDSA"
    }

    private enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let material: Material
    /// `kid` of what it signs; `nil` for none.
    public var keyID: String?

    /// A new P-256 key.
    public static func generate() -> OAuthSigningKey { OAuthSigningKey(.p256(P256.Signing.PrivateKey()), keyID: nil) }

    public init(_ key: P256.Signing.PrivateKey, keyID: String? = nil) { self.init(.p256(key), keyID: keyID) }
    public init(_ key: Curve25519.Signing.PrivateKey, keyID: String? = nil) { self.init(.ed25519(key), keyID: keyID) }

    private init(_ material: Material, keyID: String?) {
        self.material = material
        self.keyID = keyID
    }

    /// A key in PEM: `PRIVATE KEY` (PKCS #8), `EC PRIVATE KEY` or `RSA PRIVATE KEY`.
    ///
    /// - Throws: ``MCPClientError`` of code `signInFailed`; it never quotes the text.
    public init(pem: String, keyID: String? = nil) throws(MCPClientError) {
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
            self.init(.p256(key), keyID: keyID)
        } else if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
            // Fewer than 2,048 bits is refused by RFC 7518 §3.3.
            guard key.keySizeInBits >= 2048 else {
                throw .signInFailed("the RSA key has fewer than 2048 bits; make a longer one")
            }
            self.init(.rsa(key), keyID: keyID)
        } else if let key = Self.ed25519(pem) {
            self.init(.ed25519(key), keyID: keyID)
        } else {
            throw .signInFailed("the private key is none of P-256, RSA or Ed25519 in PEM (BEGIN PRIVATE KEY)")
        }
    }

    /// PKCS #8 of Ed25519 is always the same sixteen bytes before the key (RFC 8410 §7).
    private static func ed25519(_ pem: String) -> Curve25519.Signing.PrivateKey? {
        let lines = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        let text = lines.joined().filter { !$0.isWhitespace }
        let url = text.utf8.filter { $0 != UInt8(ascii: "=") }
            .map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }
        let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
        guard pem.contains("BEGIN PRIVATE KEY"), let bytes = Base64URL.decode(url), bytes.starts(with: prefix),
            bytes.count == prefix.count + 32
        else { return nil }
        return try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes[prefix.count...])
    }

    public var algorithm: Algorithm {
        switch material {
        case .p256: .es256
        case .rsa: .rs256
        case .ed25519: .edDSA
        }
    }

    func signature(of bytes: [UInt8]) throws -> [UInt8] {
        switch material {
        case .p256(let key): Array(try key.signature(for: bytes).rawRepresentation)
        case .rsa(let key): Array(try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation)
        case .ed25519(let key): Array(try key.signature(for: bytes))
        }
    }

    /// The public key as a JWK (RFC 7517), its required members in the order of RFC 7638 §3.
    var jwk: JSONObject {
        switch material {
        case .p256(let key):
            let point = Array(key.publicKey.rawRepresentation)
            return [
                "crv": "P-256", "kty": "EC", "x": .string(Base64URL.encode(point.prefix(32))),
                "y": .string(Base64URL.encode(point.dropFirst(32))),
            ]
        case .ed25519(let key):
            return [
                "crv": "Ed25519", "kty": "OKP",
                "x": .string(Base64URL.encode(Array(key.publicKey.rawRepresentation))),
            ]
        case .rsa(let key):
            guard let parts = try? key.publicKey.getKeyPrimitives() else { return ["kty": "RSA"] }
            return [
                "e": .string(Base64URL.encode(Array(parts.publicExponent))), "kty": "RSA",
                "n": .string(Base64URL.encode(Array(parts.modulus))),
            ]
        }
    }

    /// The JWK's SHA-256 thumbprint (RFC 7638).
    var thumbprint: String {
        Base64URL.encode(Array(SHA256.hash(data: JSONValue.object(jwk).serialized)))
    }

    /// A JWT of these claims (RFC 7519), compact.
    func token(header extra: JSONObject, claims: JSONObject) throws -> String {
        var header: JSONObject = ["alg": .string(algorithm.rawValue)]
        for member in extra.members { header[member.name] = member.value }
        let signed =
            Base64URL.encode(JSONValue.object(header).serialized) + "."
            + Base64URL.encode(JSONValue.object(claims).serialized)
        return signed + "." + Base64URL.encode(try signature(of: Array(signed.utf8)))
    }
}

extension OAuthSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "OAuthSigningKey(\(algorithm.rawValue), redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["algorithm": algorithm.rawValue]) }
}
