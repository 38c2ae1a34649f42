import Crypto
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

/// An issuer with a key of every kind and state, a second issuer, and the means to make any token, good or bad.
struct Fixture: Sendable {
    static let issuer = "https://issuer.test"
    static let otherIssuer = "https://other.test/caf\u{E9}"
    static let agedIssuer = "https://aged.test"
    static let looseIssuer = "https://loose.test"
    static let audience = "https://mcp.test/mcp"
    static let now = NumericDate(1_800_000_000)

    let clock = TestClock(now.seconds)
    let activePrivate = P256.Signing.PrivateKey()
    let active: RingKey
    let next: RingKey
    let verifying: RingKey
    let verifyingSecret = randomSecret(48)
    /// Its time ran out a minute ago, though nobody wrote it down.
    let lapsed: RingKey
    let retired: RingKey
    /// A former secret under the name of the verifying one, as in the incident.
    let formerSecret = randomSecret(55)
    let former: RingKey
    let composed: RingKey
    let other: RingKey

    init() {
        let material = CurveKeyMaterial(publicKey: activePrivate.publicKey, privateKey: activePrivate)
        active = RingKey(kid: "ec-1", material: material, state: .active, createdAt: Self.now)
        next = Self.key(.edDSA, "ed-1", .next)
        verifying = RingKey(
            kid: "hs-1", material: HMACKeyMaterial(secret: verifyingSecret),
            state: .verifying(until: NumericDate(Self.now.seconds + 600)), createdAt: Self.now)
        lapsed = Self.key(.edDSA, "ed-0", .verifying(until: NumericDate(Self.now.seconds - 60)))
        retired = Self.key(.es256, "ec-0", .retired(at: NumericDate(Self.now.seconds - 3600)))
        former = RingKey(
            kid: "hs-1", material: HMACKeyMaterial(secret: formerSecret),
            state: .retired(at: NumericDate(Self.now.seconds - 7200)), createdAt: Self.now)
        composed = Self.key(.es256, "caf\u{E9}", .next)
        other = Self.key(.es256, "other-1", .active)
    }

    static func key(_ algorithm: SigningAlgorithm, _ kid: String, _ state: KeyState) -> RingKey {
        var key = RingKey.generate(algorithm, kid: kid, createdAt: now)
        key.state = state
        return key
    }

    static func randomSecret(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0x30...0x7A) }
    }

    var ring: KeyRing {
        get throws { try KeyRing([retired, former, active, next, verifying, lapsed, composed]) }
    }

    var issuers: [TrustedIssuer] {
        get throws {
            let ring = try ring
            return [
                TrustedIssuer(
                    name: "own", issuer: Self.issuer, audiences: ["mcp-server", Self.audience, "caf\u{E9}"],
                    keys: .fixed(ring)),
                TrustedIssuer(
                    name: "other", issuer: Self.otherIssuer, audiences: [Self.audience],
                    keys: .fixed(try KeyRing([other]))),
                TrustedIssuer(
                    name: "aged", issuer: Self.agedIssuer, audiences: [Self.audience], keys: .fixed(ring),
                    algorithms: [.es256], maximumTokenAge: .seconds(300)),
                TrustedIssuer(
                    name: "loose", issuer: Self.looseIssuer, audiences: [Self.audience], keys: .fixed(ring),
                    acceptsMissingKeyID: true),
            ]
        }
    }

    func verifier(cacheSize: Int = 0, revocation: TokenVerifier.Revocation? = nil) throws -> TokenVerifier {
        TokenVerifier(issuers: try issuers, clock: clock, cacheSize: cacheSize, revocation: revocation)
    }

    static let claims: JSONObject = [
        "iss": .string(issuer), "sub": "ada", "aud": .string(audience), "iat": 1_800_000_000, "exp": 1_800_000_300,
        "jti": "t-1",
    ]

    /// A good token of the active key, with these members of header and claims replaced; `nil` takes one out.
    func token(
        _ changes: KeyValuePairs<String, JSONValue?> = [:], header: KeyValuePairs<String, JSONValue?> = [:],
        key: RingKey? = nil
    ) throws -> String {
        let key = key ?? active
        var claims = Self.claims
        for (name, value) in changes { claims[name] = value }
        var head: JSONObject = ["alg": .string(key.algorithm.rawValue), "kid": .string(key.kid), "typ": "at+jwt"]
        for (name, value) in header { head[name] = value }
        return try raw(header: "\(JSONValue.object(head))", claims: "\(JSONValue.object(claims))", key: key)
    }

    /// A token of any two texts, signed by the key's own algorithm.
    func raw(header: String, claims: String, key: RingKey? = nil) throws -> String {
        try sign(Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8)), key: key)
    }

    func sign(_ input: String, key: RingKey? = nil) throws -> String {
        input + "." + Base64URL.encode(try (key ?? active).material.sign(Array(input.utf8)))
    }

    /// A token with another signature in the place of its own.
    func token(_ token: String, signature: [UInt8]) -> String {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        return parts.dropLast().joined(separator: ".") + "." + Base64URL.encode(signature)
    }

    func signature(of token: String) throws -> [UInt8] { try CompactToken(token).signature }

    func key(hmac secret: [UInt8], kid: String = "hs-1") -> RingKey {
        RingKey(kid: kid, material: HMACKeyMaterial(secret: secret), state: .active, createdAt: Self.now)
    }
}
