import Crypto
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("Every algorithm that a key can be for")
struct AlgorithmTests {
    private func reason(_ token: String, _ verifier: TokenVerifier) -> Reason? {
        if case .failure(let rejection) = verifier.verify(token) { return rejection.reason }
        return nil
    }

    @Test("its token is good, and the key is named", arguments: SignatureAlgorithm.allCases)
    func roundTrip(_ algorithm: SignatureAlgorithm) throws {
        let sample = try AlgorithmSample(algorithm)
        #expect(sample.key.algorithm == algorithm)
        #expect(try sample.verifier().verify(try sample.token()).get().keyID == "k")
    }

    @Test(
        "under its key no token of another algorithm passes, whatever its header says",
        arguments: SignatureAlgorithm.allCases)
    func matrix(_ algorithm: SignatureAlgorithm) throws {
        let sample = try AlgorithmSample(algorithm)
        let verifier = try sample.verifier()
        for other in SignatureAlgorithm.allCases where other != algorithm {
            let stranger = try AlgorithmSample(other)
            #expect(reason(try stranger.token(), verifier) == .algorithmNotAllowed, "\(other)")
            // RSA's six share one key here: what must not pass is the other hash or padding.
            #expect(reason(try stranger.token(saying: algorithm), verifier) == .signatureInvalid, "\(other)")
            #expect(reason(try sample.token(saying: other), verifier) == .algorithmNotAllowed, "\(other)")
        }
    }

    @Test("a signature that is cut, grown, blank or one bit off is refused", arguments: SignatureAlgorithm.allCases)
    func damaged(_ algorithm: SignatureAlgorithm) throws {
        let sample = try AlgorithmSample(algorithm)
        let verifier = try sample.verifier()
        let parts = try sample.token().split(separator: ".").map(String.init)
        let good = try #require(Base64URL.decode(parts[2]))
        let count = good.count
        let lengths: [SignatureAlgorithm: Int] = [
            .hs256: 32, .hs384: 48, .hs512: 64, .es256: 64, .es384: 96, .es512: 132, .edDSA: 64,
        ]
        #expect(count == lengths[algorithm] ?? 256)
        var bad: [[UInt8]] = [
            [], [0], Array(good.dropLast()), Array(good.dropFirst()), good + [0], [0] + good, good + good,
            Array(good.prefix(count / 2)), Array(good.reversed()), Array(repeating: 0, count: count),
            Array(repeating: 0xFF, count: count), Array(repeating: 0, count: count - 1) + [1],
            Array(good.suffix(count / 2) + good.prefix(count / 2)),
        ]
        for place in stride(from: 0, to: count, by: 7) + [count - 1] {
            var changed = good
            changed[place] ^= 1
            bad.append(changed)
        }
        for other in Set([16, 20, 28, 32, 48, 64, 96, 130, 132, 255, 256, 257]).subtracting([count]) {
            bad.append(Array((good + good + good + good + good + good + good + good + good).prefix(other)))
        }
        for signature in bad where signature != good {
            let token = "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))"
            #expect(reason(token, verifier) == .signatureInvalid, "\(signature)")
        }
    }

    @Test(
        "a signature of a curve in DER is refused",
        arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func der(_ algorithm: SignatureAlgorithm) throws {
        let sample = try AlgorithmSample(algorithm)
        let parts = try sample.token().split(separator: ".").map(String.init)
        let raw = try #require(Base64URL.decode(parts[2]))
        let der: [UInt8] =
            switch algorithm {
            case .es256: Array(try P256.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation)
            case .es384: Array(try P384.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation)
            default: Array(try P521.Signing.ECDSASignature(rawRepresentation: raw).derRepresentation)
            }
        let token = "\(parts[0]).\(parts[1]).\(Base64URL.encode(der))"
        #expect(reason(token, try sample.verifier()) == .signatureInvalid)
    }

    @Test("a ring's document brings it back as it was", arguments: SignatureAlgorithm.allCases)
    func document(_ algorithm: SignatureAlgorithm) throws {
        let sample = try AlgorithmSample(algorithm)
        let text = try KeyRing([sample.key]).document.description
        let ring = try KeyRing(document: try JSONValue(parsing: text))
        let key = try #require(ring.keys.first)
        #expect(key.isSameKey(as: sample.key) && key.canSign == sample.key.canSign)
        #expect(try AlgorithmSample.verifier(ring).verify(try sample.token()).get().keyID == "k")
    }

    @Test(
        "a curve's public half is published in full length, without d, and verifies where it is read",
        arguments: [(SignatureAlgorithm.es256, "P-256", 32), (.es384, "P-384", 48), (.es512, "P-521", 66)])
    func export(_ algorithm: SignatureAlgorithm, curve: String, size: Int) throws {
        let sample = try AlgorithmSample(algorithm)
        let jwks = try KeyRing([sample.key]).jwks
        let jwk = try #require(jwks["keys"]?.array?.first?.object)
        #expect(jwk["kty"] == "EC" && jwk["crv"] == .string(curve) && jwk["use"] == "sig" && jwk["d"] == nil)
        #expect(jwk["alg"] == .string(algorithm.rawValue))
        let (x, y) = (try #require(jwk["x"]?.string), try #require(jwk["y"]?.string))
        #expect(Base64URL.decode(x)?.count == size && Base64URL.decode(y)?.count == size)
        let thumbprint = SHA256.hash(data: Array(#"{"crv":"\#(curve)","kty":"EC","x":"\#(x)","y":"\#(y)"}"#.utf8))
        #expect(sample.key.material.identity == Array(thumbprint), "RFC 7638 §3")
        let ring = try KeyRing(published: jwks, createdAt: Fixture.now)
        #expect(try AlgorithmSample.verifier(ring).verify(try sample.token()).get().keyID == "k")
    }

    @Test(
        "a key whose parts are not those of its curve is refused",
        arguments: [SigningAlgorithm.es256, .es384, .es512, .edDSA])
    func misfit(_ algorithm: SigningAlgorithm) throws {
        let jwk = Fixture.key(algorithm, "k", .next).material.jwk
        let (x, d) = (try jwk.keyBytes("x"), try jwk.keyBytes("d"))
        let changes: [(String, JSONValue?, KeyError.Code)] = [
            ("x", .string(Base64URL.encode([0] + x)), .corrupted),
            ("x", .string(Base64URL.encode(x.dropLast())), .corrupted),
            ("x", "", .corrupted), ("x", nil, .corrupted), ("x", 5, .corrupted),
            ("d", .string(Base64URL.encode([0] + d)), .corrupted), ("d", "", .corrupted),
            ("d", .string(Base64URL.encode(Array(repeating: 0, count: d.count))), .corrupted),
            ("crv", "P-192", .unsupported), ("crv", "secp256k1", .unsupported), ("crv", nil, .unsupported),
            ("kty", "RSA", .unsupported), ("alg", "HS256", .unsupported), ("alg", "ES521", .unsupported),
            ("alg", .string(algorithm == .es384 ? "ES256" : "ES384"), .unsupported), ("use", "enc", .unsupported),
        ]
        for (member, value, code) in changes {
            var changed = jwk
            changed[member] = value
            let error = #expect(throws: KeyError.self, "\(member)") { try keyMaterial(jwk: changed) }
            #expect(error?.code == code, "\(member) \(String(describing: error))")
        }
    }

    @Test("a secret is as long as its algorithm's hash", arguments: HMACAlgorithm.allCases)
    func secrets(_ algorithm: HMACAlgorithm) throws {
        let minimum = [HMACAlgorithm.hs256: 32, .hs384: 48, .hs512: 64][algorithm] ?? 0
        func key(_ count: Int, allowShort: Bool = false) throws -> RingKey {
            try RingKey(
                hmacSecret: Fixture.randomSecret(count), algorithm: algorithm, kid: "k", state: .next,
                createdAt: Fixture.now, allowShortSecret: allowShort)
        }
        let error = #expect(throws: KeyError.self) { try key(minimum - 1) }
        #expect(error?.code == .shortSecret)
        #expect(error?.message.contains("\(algorithm.rawValue) needs \(minimum)") == true)
        #expect(try key(minimum).algorithm == algorithm.signatureAlgorithm)
        #expect(try key(1, allowShort: true).algorithm == algorithm.signatureAlgorithm)
        let made = Fixture.key(try #require(SigningAlgorithm(algorithm.signatureAlgorithm)), "k", .next)
        #expect((made.material as? HMACKeyMaterial)?.bytes.count == minimum)
    }

    @Test("a newline too many in a secret is found out with the key's own hash", arguments: HMACAlgorithm.allCases)
    func newline(_ algorithm: HMACAlgorithm) throws {
        let secret = Fixture.randomSecret(64)
        func key(_ secret: [UInt8]) -> RingKey {
            RingKey(
                kid: "k", material: HMACKeyMaterial(secret: secret, kind: algorithm), state: .next,
                createdAt: Fixture.now)
        }
        let verifier = try AlgorithmSample.verifier(try KeyRing([key(secret + [0x0A])]))
        let token = try TokenMinter.sign(Fixture.claims, with: key(secret))
        let rejection = #expect(throws: Rejection.self) { try verifier.verify(token).get() }
        #expect(rejection?.reason == .signatureInvalid)
        #expect(rejection?.detail.contains("with the trailing newline of the server's secret removed") == true)
    }

    @Test("one secret for several algorithms is several keys: each takes its own tokens")
    func keysOfOneSecret() throws {
        let secret = Fixture.randomSecret(64)
        let keys = try HMACAlgorithm.allCases.map {
            try RingKey(hmacSecret: secret, algorithm: $0, kid: $0.rawValue, state: .next, createdAt: Fixture.now)
        }
        let verifier = try AlgorithmSample.verifier(try KeyRing(keys))
        for key in keys {
            #expect(try verifier.verify(try TokenMinter.sign(Fixture.claims, with: key)).get().keyID == key.kid)
        }
    }

    @Test(
        "an RSA key that names no alg is for the one its issuer may use, else for RS256, and never for several",
        arguments: [
            (nil, .rs256), ([], .rs256), ([.es256], .rs256), ([.rs256], .rs256), ([.ps256], .ps256),
            ([.es256, .ps512], .ps512), ([.rs384, .edDSA, .hs256], .rs384), ([.rs256, .ps256], .rs256),
            (Set(SignatureAlgorithm.allCases), .rs256), ([.rs384, .rs512], nil), ([.ps256, .ps384, .es256], nil),
        ] as [(Set<SignatureAlgorithm>?, SignatureAlgorithm?)])
    func unnamed(_ algorithms: Set<SignatureAlgorithm>?, expected: SignatureAlgorithm?) throws {
        let jwk = try RSASamples.jwk(try RSASamples.first.get(), algorithm: nil)
        let jwks: JSONValue = ["keys": [.object(jwk)]]
        guard let expected else {
            let error = #expect(throws: KeyError.self) {
                try KeyRing(published: jwks, createdAt: Fixture.now, algorithms: algorithms)
            }
            #expect(error?.code == .unsupported && error?.message.contains("names no alg") == true)
            return
        }
        let ring = try KeyRing(published: jwks, createdAt: Fixture.now, algorithms: algorithms)
        #expect(ring.keys.map(\.algorithm) == [expected])
        let verifier = try AlgorithmSample.verifier(ring)
        for algorithm in SignatureAlgorithm.allCases where SigningAlgorithm(algorithm) == nil {
            let reason = reason(try AlgorithmSample(algorithm, kid: "rsa-1").token(), verifier)
            #expect(reason == (algorithm == expected ? nil : .algorithmNotAllowed), "\(algorithm)")
        }
    }

    @Test("an RSA key's own alg counts, whatever its issuer may use")
    func named() throws {
        let jwk = try RSASamples.jwk(try RSASamples.first.get(), algorithm: .ps384)
        let ring = try KeyRing(published: ["keys": [.object(jwk)]], createdAt: Fixture.now, algorithms: [.rs256])
        #expect(ring.keys.map(\.algorithm) == [.ps384])
    }
}
