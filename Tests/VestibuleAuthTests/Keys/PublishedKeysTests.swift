import CryptoExtras
import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Keys that other parties publish")
struct PublishedKeysTests {
    private static func set(_ keys: JSONObject...) -> JSONValue { ["keys": .array(keys.map(JSONValue.object))] }

    private func refusal(_ keys: JSONObject...) -> KeyError? {
        #expect(throws: KeyError.self) {
            try KeyRing(published: ["keys": .array(keys.map(JSONValue.object))], createdAt: Fixture.now)
        }
    }

    private func verifier(_ jwks: JSONValue) throws -> TokenVerifier {
        let ring = try KeyRing(published: jwks, createdAt: Fixture.now)
        let issuer = TrustedIssuer(
            name: "provider", issuer: Fixture.issuer, audiences: [Fixture.audience], keys: .fixed(ring))
        return TokenVerifier(issuers: [issuer], clock: TestClock(Fixture.now.seconds), cacheSize: 0)
    }

    @Test("a token that a published RSA key signed is good; of another key, or changed, it is not")
    func rs256() throws {
        let (first, second) = (try RSASamples.first.get(), try RSASamples.second.get())
        let verifier = try verifier(Self.set(RSASamples.jwk(first)))
        let good = try RSASamples.token(Fixture.claims, key: first)
        #expect(try verifier.verify(good).get().subject == "ada")
        var other = Fixture.claims
        other["sub"] = "eve"
        let parts = [
            try RSASamples.token(other, key: first).split(separator: "."), good.split(separator: "."),
        ]
        let bad = [
            try RSASamples.token(Fixture.claims, key: second),
            try RSASamples.token(Fixture.claims, key: first, padding: .PSS),
            "\(parts[0][0]).\(parts[0][1]).\(parts[1][2])", "\(parts[1][0]).\(parts[1][1]).",
            "\(parts[1][0]).\(parts[1][1]).\(Base64URL.encode(Array(repeating: UInt8(0), count: 256)))",
            "\(parts[1][0]).\(parts[1][1]).\(Base64URL.encode([0] + (try CompactToken(good).signature)))",
        ]
        for token in bad {
            #expect(throws: Rejection.self) { try verifier.verify(token).get() }
        }
    }

    @Test("the key decides the algorithm: neither HS256 with the public key as secret nor ES256 under its name passes")
    func confusion() throws {
        let key = try RSASamples.first.get()
        let verifier = try verifier(Self.set(RSASamples.jwk(key)))
        for bytes in [
            Array(key.publicKey.pemRepresentation.utf8), Array(key.publicKey.derRepresentation),
            Array(try key.publicKey.getKeyPrimitives().modulus),
        ] {
            let forger = RingKey(
                kid: "rsa-1", material: HMACKeyMaterial(secret: bytes), state: .active, createdAt: Fixture.now)
            let rejection = #expect(throws: Rejection.self) {
                try verifier.verify(try TokenMinter.sign(Fixture.claims, with: forger)).get()
            }
            #expect(rejection?.reason == .algorithmNotAllowed)
        }
        for algorithm in ["RS384", "PS256", "rs256", "none"] {
            let token = try RSASamples.token(
                Fixture.claims, key: key, header: ["alg": .string(algorithm), "kid": "rsa-1"])
            let rejection = #expect(throws: Rejection.self) { try verifier.verify(token).get() }
            #expect(rejection?.reason == .algorithmNotAllowed)
        }
    }

    @Test("EC and OKP keys beside it verify too, each by its name")
    func mixed() throws {
        let (ec, ed) = (Fixture.key(.es256, "ec", .next), Fixture.key(.edDSA, "ed", .next))
        let keys = [ec, ed]
            .compactMap { key in
                var jwk = key.material.publicJWK
                jwk?["kid"] = .string(key.kid)
                return jwk.map(JSONValue.object)
            }
        let rsa = JSONValue.object(try RSASamples.jwk(try RSASamples.first.get()))
        let verifier = try verifier(["keys": .array(keys + [rsa])])
        for key in [ec, ed] {
            #expect(try verifier.verify(try TokenMinter.sign(Fixture.claims, with: key)).get().keyID == key.kid)
        }
        #expect(
            try verifier.verify(try RSASamples.token(Fixture.claims, key: try RSASamples.first.get())).get().keyID
                == "rsa-1")
    }

    @Test(
        "keys that are no use are left out: another algorithm, use, kind or size",
        arguments: [
            ("alg", JSONValue.string("ES256")), ("alg", "RSA-OAEP"), ("alg", "RS1"), ("alg", 1), ("use", "enc"),
            ("key_ops", ["encrypt"]), ("kty", "DSA"), ("e", "Aw"), ("e", "AQAA"), ("e", "AQAAAAE"),
            ("n", .string(Base64URL.encode(Array(repeating: UInt8(0xFF), count: 128)))),
            ("n", .string(Base64URL.encode(Array(repeating: UInt8(0xFF), count: 1025)))),
            ("n", .string(Base64URL.encode([0x7F] + Array(repeating: UInt8(0xFF), count: 255)))),
        ] as [(String, JSONValue)])
    func leftOut(_ member: String, value: JSONValue) throws {
        var jwk = try RSASamples.jwk(try RSASamples.first.get(), kid: "odd")
        jwk[member] = value
        #expect(refusal(jwk)?.code == .unsupported)
        let good = try RSASamples.jwk(try RSASamples.second.get(), kid: "good")
        let ring = try KeyRing(published: Self.set(jwk, good), createdAt: Fixture.now)
        #expect(ring.keys.map(\.kid) == ["good"])
    }

    @Test(
        "what only a mistake can publish is refused with the whole set",
        arguments: [
            ("d", JSONValue.string("AQ")), ("p", "AQ"), ("oth", []), ("k", "AQ"), ("kty", "oct"), ("kid", 7),
            ("n", nil), ("e", nil), ("n", ""), ("e", "AAEAAQ"), ("e", "AQAB="), ("e", "AQA B"), ("n", 5),
            ("n", .string(Base64URL.encode([0] + Array(repeating: UInt8(0xFF), count: 256)))),
            ("n", .string(Base64URL.encode(Array(repeating: UInt8(0xFE), count: 256)))),
        ] as [(String, JSONValue?)])
    func broken(_ member: String, value: JSONValue?) throws {
        var jwk = try RSASamples.jwk(try RSASamples.first.get(), kid: "odd")
        jwk[member] = value
        let good = try RSASamples.jwk(try RSASamples.second.get(), kid: "good")
        let error = refusal(good, jwk)
        #expect(error?.code == .corrupted, "\(String(describing: error))")
    }

    @Test("private halves of EC and OKP keys, secrets, and keys of one name are refused")
    func unpublishable() throws {
        for algorithm in SigningAlgorithm.allCases {
            let error = refusal(Fixture.key(algorithm, "own", .next).material.jwk)
            #expect(error?.code == .corrupted && error?.message.contains("secret part") == true)
        }
        let (first, second) = (try RSASamples.first.get(), try RSASamples.second.get())
        #expect(refusal(try RSASamples.jwk(first), try RSASamples.jwk(second))?.code == .duplicate)
        #expect(refusal(try RSASamples.jwk(first), try RSASamples.jwk(first))?.code == .duplicate)
        let twice = try RSASamples.jwk(first)
        let doubled = JSONObject(members: twice.members + [JSONObject.Member("e", "Aw")])
        #expect(refusal(doubled)?.code == .corrupted)
    }

    @Test("a key of the smart cards whose keys can be factored is left out")
    func weakCards() throws {
        // A power of 65537 of 2049 bits: 65537 x is x and x shifted by two bytes.
        var power: [UInt8] = [1]
        for _ in 0..<128 {
            var carry = 0
            let sum = zip([0, 0] + power, power + [0, 0]).reversed()
                .map { left, right in
                    carry = Int(left) + Int(right) + carry >> 8
                    return UInt8(truncatingIfNeeded: carry)
                }
            power = Array(sum.reversed().drop { $0 == 0 })
        }
        var jwk = try RSASamples.jwk(try RSASamples.first.get(), kid: "card")
        jwk["n"] = .string(Base64URL.encode(power))
        let error = refusal(jwk)
        #expect(error?.code == .unsupported && error?.message.contains("CVE-2017-15361") == true)
    }

    @Test("a key without a name is called by its fingerprint, which is that of RFC 7638")
    func unnamed() throws {
        let jwk = try RSASamples.jwk(try RSASamples.first.get(), kid: nil)
        let ring = try KeyRing(published: Self.set(jwk), createdAt: Fixture.now)
        let members: JSONObject = ["e": try #require(jwk["e"]), "kty": "RSA", "n": try #require(jwk["n"])]
        let key = try #require(ring.keys.first)
        #expect(key.kid == key.fingerprint)
        #expect(key.fingerprint == KeyFingerprint.of(thumbprint: KeyFingerprint.thumbprint(members)))
        #expect(!key.canSign && key.algorithm == .rs256)
    }

    @Test("the thumbprint is the one that RFC 7638 §3.1 gives as its example")
    func thumbprint() throws {
        let n = """
            0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
            FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnY\
            b9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0\
            Ls1jF44-csFCur-kEgU8awapJzKnqDKgw
            """
        let material = try keyMaterial(jwk: ["kty": "RSA", "n": .string(n), "e": "AQAB", "alg": "RS256"])
        #expect(Base64URL.encode(material.identity) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test("an RSA key neither signs nor becomes active, and keys of that kind are not made")
    func verifiesOnly() throws {
        let material = try keyMaterial(jwk: try RSASamples.jwk(try RSASamples.first.get()))
        #expect(throws: KeyError.self) { try material.sign([1, 2, 3]) }
        #expect(SigningAlgorithm(.rs256) == nil)
        var ring = KeyRing()
        try ring.add(RingKey(kid: "rsa", material: material, state: .next, createdAt: Fixture.now))
        let error = #expect(throws: KeyError.self) { try ring.rotate(overlap: .zero, now: Fixture.now) }
        #expect(error?.code == .cannotSign)
    }
}
