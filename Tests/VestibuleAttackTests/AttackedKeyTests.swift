import Crypto
import CryptoExtras
import Foundation
import Testing
import VestibuleProtocol

@testable import VestibuleAuth

/// Keys that no issuer should publish, or that somebody put into the place of an issuer's.
@Suite("Keys with which others could sign are not taken in")
struct AttackedKeyTests {
    private static let weakPoints: [[UInt8]] =
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ]
        .map { text in
            let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }

    @Test("a point of small order is no Ed25519 key, with either sign", arguments: weakPoints, [0x00, 0x80] as [UInt8])
    func smallOrder(_ point: [UInt8], sign: UInt8) throws {
        var point = point
        point[31] |= sign
        let set: JSONValue = [
            "keys": [["kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": .string(Base64URL.encode(point))]]
        ]
        let error = try #require(throws: KeyError.self) {
            _ = try KeyRing(published: set, createdAt: NumericDate(Bench.now))
        }
        #expect(error.code == .corrupted)

        let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        let block = PEM.Block(label: "PUBLIC KEY", bytes: prefix + point)
        let refusal = #expect(throws: KeyError.self) { _ = try keyMaterial(pem: block) }
        #expect(refusal?.code == .corrupted)
    }

    @Test("an RSA key with exponent 1, an even one or a small modulus is none of ours")
    func rsa() throws {
        let key = try RSASamples.first.get()
        let modulus = Array(try key.publicKey.getKeyPrimitives().modulus)
        func refused(_ n: [UInt8], _ e: [UInt8]) -> Bool {
            let jwk: JSONValue = [
                "kty": "RSA", "alg": "RS256", "kid": "k", "n": .string(Base64URL.encode(n)),
                "e": .string(Base64URL.encode(e)),
            ]
            return (try? KeyRing(published: ["keys": [jwk]], createdAt: NumericDate(Bench.now))) == nil
        }
        #expect(!refused(modulus, [1, 0, 1]))
        #expect(refused(modulus, [1]) && refused(modulus, [0]) && refused(modulus, []) && refused(modulus, [2]))
        #expect(refused(modulus, [1, 0, 0]))
        #expect(refused(Array(modulus.prefix(128)), [1, 0, 1]))
        #expect(refused([UInt8](repeating: 0xFF, count: 4096), [1, 0, 1]), "a modulus that costs more than it proves")
        #expect(refused(modulus, [UInt8](repeating: 0xFF, count: 256)), "an exponent that costs more than it proves")
    }

    @Test("a secret among published keys refuses the whole set")
    func secret() throws {
        let set: JSONValue = ["keys": [["kty": "oct", "kid": "k", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]]
        #expect(throws: KeyError.self) { try KeyRing(published: set, createdAt: NumericDate(Bench.now)) }
    }
}
