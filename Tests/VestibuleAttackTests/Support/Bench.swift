import Crypto
import CryptoExtras
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

/// A verifier as an attacker meets it, and the attacker's means: every public key, a valid token, a signing key of an
/// issuer that is trusted for other things, and keys of their own.
///
/// The signatures are made with the library, not with the code under test.
struct Bench: Sendable {
    static let issuer = "https://issuer.test"
    static let otherIssuer = "https://other.test"
    static let looseIssuer = "https://loose.test"
    static let agedIssuer = "https://aged.test"
    static let audience = "https://mcp.test/mcp"
    static let plainAudience = "mcp-server"
    static let now = 1_800_000_000.0

    static let shared = Result { try Bench() }

    let p256 = P256.Signing.PrivateKey()
    let p384 = P384.Signing.PrivateKey()
    let p521 = P521.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()
    let rsa: _RSA.Signing.PrivateKey
    let secret = SymmetricKey(size: .bits256)
    let longSecret = SymmetricKey(size: .init(bitCount: 512))
    let retired = P256.Signing.PrivateKey()
    /// The other issuer's key, which has the same name as one of ours.
    let otherKey = P256.Signing.PrivateKey()
    /// The attacker's own.
    let stranger = P256.Signing.PrivateKey()

    let verifier: TokenVerifier
    let clock = TestClock(now)

    init() throws {
        rsa = try RSASamples.first.get()
        let created = NumericDate(Self.now)
        func key(_ kid: String, _ jwk: JSONObject, _ state: KeyState = .next) throws -> RingKey {
            RingKey(kid: kid, material: try keyMaterial(jwk: jwk), state: state, createdAt: created)
        }
        let ring = try KeyRing([
            try key("es256", Self.jwk(p256), .active), try key("es384", Self.jwk(p384)),
            try key("es512", Self.jwk(p521)), try key("eddsa", Self.jwk(ed25519)),
            try key("rs256", try RSASamples.jwk(rsa, kid: "rs256", algorithm: .rs256)),
            try key("ps256", try RSASamples.jwk(rsa, kid: "ps256", algorithm: .ps256)),
            try key("hs256", Self.jwk(secret, "HS256")), try key("hs512", Self.jwk(longSecret, "HS512")),
            try key("old", Self.jwk(retired), .retired(at: NumericDate(Self.now - 3600))),
        ])
        let others = try KeyRing([try key("es256", Self.jwk(otherKey), .active)])
        let audiences = [Self.audience, Self.plainAudience]
        verifier = TokenVerifier(
            issuers: [
                TrustedIssuer(name: "own", issuer: Self.issuer, audiences: audiences, keys: .fixed(ring)),
                TrustedIssuer(name: "other", issuer: Self.otherIssuer, audiences: audiences, keys: .fixed(others)),
                TrustedIssuer(
                    name: "loose", issuer: Self.looseIssuer, audiences: audiences, keys: .fixed(ring),
                    acceptsMissingKeyID: true),
                TrustedIssuer(
                    name: "aged", issuer: Self.agedIssuer, audiences: audiences, keys: .fixed(ring),
                    algorithms: [.es256], maximumTokenAge: .seconds(300)),
            ], clock: clock)
    }

    private static func jwk(_ key: P256.Signing.PrivateKey) -> JSONObject {
        curve("P-256", Array(key.publicKey.rawRepresentation))
    }

    private static func jwk(_ key: P384.Signing.PrivateKey) -> JSONObject {
        curve("P-384", Array(key.publicKey.rawRepresentation))
    }

    private static func jwk(_ key: P521.Signing.PrivateKey) -> JSONObject {
        curve("P-521", Array(key.publicKey.rawRepresentation))
    }

    private static func jwk(_ key: Curve25519.Signing.PrivateKey) -> JSONObject {
        ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(key.publicKey.rawRepresentation))]
    }

    private static func jwk(_ key: SymmetricKey, _ algorithm: String) -> JSONObject {
        let bytes = key.withUnsafeBytes { Array($0) }
        return ["kty": "oct", "alg": .string(algorithm), "k": .string(Base64URL.encode(bytes))]
    }

    private static func curve(_ name: String, _ point: [UInt8]) -> JSONObject {
        let half = point.count / 2
        return [
            "kty": "EC", "crv": .string(name), "x": .string(Base64URL.encode(point.prefix(half))),
            "y": .string(Base64URL.encode(point.suffix(half))),
        ]
    }

    var publicJWK: JSONObject { Self.jwk(p256) }
}
