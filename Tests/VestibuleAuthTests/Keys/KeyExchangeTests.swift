import Crypto
import CryptoExtras
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

private let pairs = SigningAlgorithm.allCases.filter { HMACAlgorithm(rawValue: $0.rawValue) == nil }

@Suite("Keys come and go as JWK and PEM")
struct KeyExchangeTests {
    @Test("a key is the same after export and import, as JWK and as PEM", arguments: pairs)
    func roundTrip(_ algorithm: SigningAlgorithm) throws {
        let key = Fixture.key(algorithm, "k", .active)
        let jwk = try #require(key.jwk(includesPrivate: true)).serialized
        let pem = try #require(key.pem(includesPrivate: true))
        for (text, kid) in [(jwk, "k"), (Array(pem.utf8), "\(algorithm.rawValue.lowercased())-\(key.fingerprint)")] {
            let imported = try RingKey(imported: text, createdAt: Fixture.now)
            #expect(imported.kid == kid && imported.state == .next && imported.canSign)
            #expect(imported.material.identity == key.material.identity)
            let token = try TokenMinter.sign(Fixture.claims, with: imported)
            #expect(throws: Never.self) {
                try AlgorithmSample.verifier(try KeyRing([imported])).verify(token).get()
            }
        }
        for text in [try #require(key.jwk()).serialized, Array(try #require(key.pem()).utf8)] {
            let imported = try RingKey(imported: text, kid: "mine", createdAt: Fixture.now)
            #expect(imported.kid == "mine" && !imported.canSign && imported.thumbprint == key.thumbprint)
        }
        #expect(!"\(String(decoding: try #require(key.jwk()).serialized, as: UTF8.self))".contains("\"d\""))
    }

    @Test("a secret goes as a JWK that is asked for by name, and has no public half, PEM or thumbprint")
    func secret() throws {
        let key = Fixture.key(.hs384, "s", .active)
        #expect(key.jwk() == nil && key.pem() == nil && key.pem(includesPrivate: true) == nil && key.thumbprint == nil)
        let jwk = try #require(key.jwk(includesPrivate: true)).serialized
        #expect(try RingKey(imported: jwk, createdAt: Fixture.now).material.identity == key.material.identity)
    }

    @Test("a public key has no private half to export")
    func publicOnly() throws {
        let key = try RingKey(
            imported: try #require(Fixture.key(.es256, "k", .next).jwk()).serialized, createdAt: Fixture.now)
        #expect(key.jwk(includesPrivate: true) == nil && key.pem(includesPrivate: true) == nil)
    }

    @Test("what openssl writes is read: SEC 1 behind its parameters, PKCS #8 and a public key, also with CRLF")
    func foreignForms() throws {
        let pkcs8 = try #require(Fixture.key(.es384, "k", .next).pem(includesPrivate: true))
        for text in [Self.sec1(P256.Signing.PrivateKey()), pkcs8, Self.ed25519] {
            #expect(try RingKey(imported: Array(text.utf8), createdAt: Fixture.now).canSign)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
            #expect(try RingKey(imported: Array(lines.utf8), createdAt: Fixture.now).canSign)
        }
        // RFC 8410 §10.1 and §10.3: the two are a pair.
        let pair = try RingKey(imported: Array(Self.ed25519.utf8), createdAt: Fixture.now)
        #expect(pair.pem() == Self.ed25519Public)
        let rsa = try RSASamples.first.get()
        let key = try RingKey(imported: Array(rsa.publicKey.pemRepresentation.utf8), createdAt: Fixture.now)
        #expect(key.algorithm == .rs256 && !key.canSign)
        #expect(try #require(key.pem()).contains("BEGIN PUBLIC KEY"))
    }

    @Test("what cannot be used is refused with what to do")
    func refused() throws {
        let rsa = try RSASamples.first.get()
        let publicKey = try #require(Fixture.key(.es256, "k", .next).pem())
        let cases: [(String, String)] = [
            ("", "neither a JWK"), ("[]", "neither a JWK"), (#"{"keys":[]}"#, "neither a JWK"),
            (#"{"kty":"oct","k":"c2hvcnQ"}"#, "HS256 needs 32"),
            (#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, "bytes"),
            (#"{"kty":"EC","kty":"EC"}"#, "neither a JWK"), (rsa.pemRepresentation, "openssl rsa"),
            (PEM.text("CERTIFICATE", [1]), "openssl x509"), (PEM.text("ENCRYPTED PRIVATE KEY", [1]), "openssl pkey"),
            (PEM.text("PRIVATE KEY", [1]), "is no key of P-256"),
            (PEM.text("X", [1]), "PRIVATE KEY, EC PRIVATE KEY or"),
            (publicKey + publicKey, "has 2 keys"), ("-----BEGIN PUBLIC KEY-----\nAAAA\n", "ends within a block"),
            ("-----BEGIN PUBLIC KEY-----\n*\n-----END PUBLIC KEY-----", "not base64"),
            ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "not base64"),
        ]
        for (text, complaint) in cases {
            let error = #expect(throws: KeyError.self) {
                try RingKey(imported: Array(text.utf8), createdAt: Fixture.now)
            }
            #expect(error?.message.contains(complaint) == true, "\(text): \(String(describing: error))")
        }
    }

    @Test("the thumbprint is that of RFC 7638 §3.1")
    func thumbprint() throws {
        let jwk = """
            {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJ\
            ECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSq\
            zs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniI\
            qbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}
            """
        let key = try RingKey(imported: Array(jwk.utf8), createdAt: Fixture.now)
        #expect(key.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" && key.kid == "2011-04-29")
    }

    @Test("published PEM makes keys that verify; a private one in it is refused")
    func published() throws {
        let keys = [Fixture.key(.es256, "a", .next), Fixture.key(.edDSA, "b", .next)]
        let text = try keys.map { try #require($0.pem()) }.joined()
        let ring = try KeyRing(publishedPEM: Array(text.utf8), createdAt: Fixture.now)
        #expect(ring.keys.map(\.kid) == keys.map(\.fingerprint) && ring.keys.allSatisfy { !$0.canSign })
        let named = try KeyRing(publishedPEM: Array(try #require(keys[0].pem()).utf8), kid: "x", createdAt: Fixture.now)
        #expect(named.keys.map(\.kid) == ["x"])
        for text in [try #require(keys[0].pem(includesPrivate: true)), "nothing"] {
            #expect(throws: KeyError.self) { try KeyRing(publishedPEM: Array(text.utf8), createdAt: Fixture.now) }
        }
    }

    @Test("a ring's file with a secret that is too short is refused; a retired one is only recognised")
    func shortSecret() throws {
        func load(_ state: String) throws -> KeyRing {
            let jwk: JSONValue = ["kty": "oct", "k": .string(Base64URL.encode(Fixture.randomSecret(31)))]
            return try KeyRing(
                document: [
                    "format": "vestibule key ring", "version": 1,
                    "keys": [
                        ["kid": "s", "state": .string(state), "created_at": 0, "retired_at": 0, "until": 5, "jwk": jwk]
                    ],
                ])
        }
        for state in ["active", "next", "verifying"] {
            let error = #expect(throws: KeyError.self) { try load(state) }
            #expect(error?.message.contains("31 bytes") == true)
        }
        #expect(try load("retired").keys.count == 1)
    }

    @Test("a rotation passes over a key that cannot sign")
    func publicNext() throws {
        let other = try RingKey(
            imported: try #require(Fixture.key(.es256, "p", .next).jwk()).serialized, createdAt: Fixture.now)
        var ring = try KeyRing([Fixture.key(.es256, "a", .active), other])
        let key = try ring.rotate(overlap: .zero, now: Fixture.now)
        #expect(key.kid != "p" && ring[kid: "p"]?.state == .next)
    }
}

extension KeyExchangeTests {
    /// As `openssl ecparam -name prime256v1 -genkey` writes it (RFC 5915 §3).
    static func sec1(_ key: P256.Signing.PrivateKey) -> String {
        let name: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        let parts: [[UInt8]] = [
            [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20], Array(key.rawRepresentation), [0xA0, 0x0A], name,
            [0xA1, 0x44, 0x03, 0x42, 0x00], Array(key.publicKey.x963Representation),
        ]
        return PEM.text("EC PARAMETERS", name) + PEM.text("EC PRIVATE KEY", Array(parts.joined()))
    }

    // The example keys of RFC 8410 §10.
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----

        """

    static let ed25519Public = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----

        """
}
