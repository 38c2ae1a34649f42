import Crypto
import CryptoExtras
import Foundation
import VestibuleProtocol

/// Numbers as bytes, big end first, as signatures hold them.
private enum Number {
    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static func small(_ value: UInt8, size: Int) -> [UInt8] { [UInt8](repeating: 0, count: size - 1) + [value] }

    static let p256 = bytes("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
    static let p384 = bytes(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973")
    static let p521 = bytes(
        "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA"
            + "51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409")
    /// The order of Ed25519's group, little end first.
    static let ed25519 = Array(bytes("1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED").reversed())

    static func sum(littleEndian left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var carry = 0
        return zip(left, right)
            .map { first, second in
                let sum = Int(first) + Int(second) + carry
                carry = sum >> 8
                return UInt8(truncatingIfNeeded: sum)
            }
    }
}

extension Attack {
    private static func forged(_ name: String, as signer: Signer = .es256, _ bytes: [UInt8]) -> Attack {
        Attack("\(signer.header.algorithm) \(name)", .signatureInvalid) {
            try $0.token(header: header(signer), by: .bytes(bytes))
        }
    }

    private static func changed(
        _ name: String, of signer: Signer = .es256, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> Attack {
        Attack("\(signer.header.algorithm) \(name)", .signatureInvalid) {
            try $0.token(header: header(signer), by: .custom { change(try signer.signature($1, $0)) })
        }
    }

    /// A signature of ours, but of something else than the token.
    private static func misread(
        _ name: String, of signer: Signer = .es256, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> Attack {
        Attack("\(signer.header.algorithm) over \(name)", .signatureInvalid) {
            try $0.token(header: header(signer), by: .custom { try signer.signature(change($1), $0) })
        }
    }

    private static func header(_ signer: Signer) -> Bench.Changes {
        ["alg": .string(signer.header.algorithm), "kid": .string(signer.header.kid)]
    }

    private static let one = Number.small(1, size: 32)
    private static let zero = Number.small(0, size: 32)

    static let signatures: [Attack] = [
        // Psychic signatures (CVE-2022-21449) and their kin.
        forged("r and s 1", one + one), forged("r 0 and s 1", zero + one), forged("r 1 and s 0", one + zero),
        forged("r the order and s 1", Number.p256 + one), forged("r 1 and s the order", one + Number.p256),
        forged("r and s 0", as: .es384, [UInt8](repeating: 0, count: 96)),
        forged("r and s the order", as: .es384, Number.p384 + Number.p384),
        forged("r and s 0", as: .es512, [UInt8](repeating: 0, count: 132)),
        forged("r and s the order", as: .es512, Number.p521 + Number.p521),
        forged("of one byte", [0]), forged("of 10,000 bytes", [UInt8](repeating: 1, count: 10_000)),
        changed("with r and s exchanged") { $0.suffix(32) + $0.prefix(32) },
        changed("twice over") { $0 + $0 }, changed("with the bytes turned round") { $0.reversed() },
        changed("with each half turned round") { $0.prefix(32).reversed() + $0.suffix(32).reversed() },
        changed("with r alone") { Array($0.prefix(32)) },
        changed("with a zero before each half") { [0] + $0.prefix(32) + [0] + $0.suffix(32) },
        changed("in DER with the length in two bytes") {
            [0x30, 0x81, 0x44, 2, 0x20] + $0.prefix(32) + [2, 0x20] + $0.suffix(32)
        },
        changed("cut to the size of P-256", of: .es384) { Array($0.prefix(64)) },
        changed("without a leading zero", of: .es512) { Array($0.dropFirst()) },
        Attack("ES256 of another P-256 key", .signatureInvalid) { try $0.token(by: .stranger) },
        misread("the payload alone") { Array($0.split(separator: 0x2E).last ?? []) },
        misread("both parts without the dot") { $0.filter { $0 != 0x2E } },
        misread("the decoded parts") { $0.split(separator: 0x2E).flatMap { Base64URL.decode($0) ?? [] } },
        misread("the hash") { Array(SHA256.hash(data: $0)) }, misread("nothing") { _ in [] },
        // EdDSA: a signature that is good but for its encoding is another signature.
        changed("with S plus the order", of: .edDSA) {
            $0.prefix(32) + Number.sum(littleEndian: Array($0.suffix(32)), Number.ed25519)
        },
        changed("with the top bits of S set", of: .edDSA) { $0.dropLast() + [($0.last ?? 0) | 0xE0] },
        changed("with the sign of R changed", of: .edDSA) {
            var bytes = $0
            bytes[31] ^= 0x80
            return bytes
        },
        forged("R the neutral element, S 0", as: .edDSA, [1] + [UInt8](repeating: 0, count: 63)),
        forged("R of order two, S 0", as: .edDSA, [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F] + zero),
        forged("R the field's prime, S 0", as: .edDSA, [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F] + zero),
        changed("with 63 bytes", of: .edDSA) { Array($0.dropLast()) },
        changed("with 65 bytes", of: .edDSA) { $0 + [0] },
        misread("the hash, as Ed25519ph does", of: .edDSA) { Array(SHA512.hash(data: $0)) },
        // HMAC.
        changed("code cut to one byte", of: .hs256) { Array($0.prefix(1)) },
        changed("code cut in half", of: .hs256) { Array($0.prefix(16)) },
        changed("code of HS512 cut to its length", of: .hs512) { Array($0.prefix(32)) },
        changed("code followed by zeros", of: .hs256) { $0 + [UInt8](repeating: 0, count: 32) },
        changed("code in hexadecimal", of: .hs256) { $0.flatMap { String($0, radix: 16).utf8 } },
        changed("code of the code", of: .hs256) { Array(SHA256.hash(data: $0)) },
        forged("code all ones", as: .hs256, [UInt8](repeating: 0xFF, count: 32)),
        forged("code all zero", as: .hs512, [UInt8](repeating: 0, count: 64)),
        Attack("HS256 with an empty secret", .signatureInvalid) { try $0.token(by: .secret([])) },
        Attack("HS256 with 32 zeros as secret", .signatureInvalid) {
            try $0.token(by: .secret([UInt8](repeating: 0, count: 32)))
        },
        Attack("HS256 with \"secret\" as secret", .signatureInvalid) {
            try $0.token(by: .secret(Array("secret".utf8)))
        },
        Attack("HS256 with the kid as secret", .signatureInvalid) { try $0.token(by: .secret(Array("hs256".utf8))) },
        // RSA.
        forged("0", as: .rs256, [UInt8](repeating: 0, count: 256)),
        forged("1", as: .rs256, Number.small(1, size: 256)),
        forged("all ones, more than the modulus", as: .rs256, [UInt8](repeating: 0xFF, count: 256)),
        forged("of zero length", as: .rs256, []), forged("0", as: .ps256, [UInt8](repeating: 0, count: 256)),
        Attack("RS256 the modulus itself", .signatureInvalid) {
            try $0.token(header: header(.rs256), by: .bytes(Array(try $0.rsa.publicKey.getKeyPrimitives().modulus)))
        },
        changed("with a zero before it", of: .rs256) { [0] + $0 },
        changed("with a zero behind it", of: .rs256) { $0 + [0] },
        changed("without its last byte", of: .ps256) { Array($0.dropLast()) },
        Attack("RS256 with PSS padding", .signatureInvalid) { try $0.token(header: header(.rs256), by: .ps256) },
        Attack("PS256 with PKCS #1 v1.5 padding", .signatureInvalid) {
            try $0.token(header: header(.ps256), by: .rs256)
        },
        Attack("RS256 over a SHA-512 hash", .signatureInvalid) {
            try $0.token(
                header: header(.rs256),
                by: .custom { bench, input in
                    let hash = SHA512.hash(data: input)
                    return Array(try bench.rsa.signature(for: hash, padding: .insecurePKCS1v1_5).rawRepresentation)
                })
        },
        Attack("RS256 over a SHA-1 hash", .signatureInvalid) {
            try $0.token(
                header: header(.rs256),
                by: .custom { bench, input in
                    let hash = Insecure.SHA1.hash(data: input)
                    return Array(try bench.rsa.signature(for: hash, padding: .insecurePKCS1v1_5).rawRepresentation)
                })
        },
    ]
}
