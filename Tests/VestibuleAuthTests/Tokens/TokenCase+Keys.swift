import Crypto
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

extension TokenCase {
    static let issuers: [TokenCase] = [
        TokenCase("a registry token: no iss, no kid", .claimMissing, says: "registry token") {
            try $0.token(["iss": nil], header: ["kid": nil])
        },
        TokenCase("iss missing", .claimMissing, says: "no iss") { try $0.token(["iss": nil]) },
        TokenCase("iss a number", .claimMissing, says: "iss is a number") { try $0.token(["iss": 1]) },
        TokenCase("iss null", .claimMissing, says: "iss is a null") { try $0.token(["iss": .null]) },
        TokenCase("iss unknown", .issuerUnknown, says: "https://issuer.test") { try $0.token(["iss": "https://evil"]) },
        TokenCase("iss with a trailing slash", .issuerUnknown, says: "trailing slash") {
            try $0.token(["iss": "https://issuer.test/"])
        },
        TokenCase("iss in another case", .issuerUnknown) { try $0.token(["iss": "https://Issuer.test"]) },
        TokenCase("iss decomposed", .issuerUnknown) {
            try $0.token(["iss": "https://other.test/cafe\u{301}"], key: $0.other)
        },
        TokenCase("iss that would forge the line", .issuerUnknown, says: "\\u{a}") {
            try $0.token(["iss": "x\n2026 admitted \u{202E}"])
        },
        TokenCase("iss of 10,000 characters", .issuerUnknown, says: "…") {
            try $0.token(["iss": .string(String(repeating: "i", count: 10_000))])
        },
        TokenCase("good, of the other issuer", nil) {
            try $0.token(["iss": .string(Fixture.otherIssuer)], key: $0.other)
        },
    ]

    static let keys: [TokenCase] = [
        TokenCase("kid unknown", .keyUnknown, says: "known: \"ec-1\", \"ed-1\", \"hs-1\"") {
            try $0.token(header: ["kid": "ec-9"])
        },
        TokenCase("kid of another issuer's key", .keyUnknown) { try $0.token(key: $0.other) },
        TokenCase("kid missing", .keyUnknown, says: "names no kid") { try $0.token(header: ["kid": nil]) },
        TokenCase("kid missing where that is accepted", nil) {
            try $0.token(["iss": .string(Fixture.looseIssuer)], header: ["kid": nil])
        },
        TokenCase("kid unknown where a missing one is accepted", .keyUnknown) {
            try $0.token(["iss": .string(Fixture.looseIssuer)], header: ["kid": "ec-9"])
        },
        TokenCase("kid empty", .keyUnknown) { try $0.token(header: ["kid": ""]) },
        TokenCase("kid with an embedded NUL", .keyUnknown, says: "ec-1\\u{0}") {
            try $0.token(header: ["kid": "ec-1\0"])
        },
        TokenCase("kid in another case", .keyUnknown) { try $0.token(header: ["kid": "EC-1"]) },
        TokenCase("kid composed, as the key's", nil) { try $0.token(key: $0.composed) },
        TokenCase("kid decomposed", .keyUnknown) { try $0.token(header: ["kid": "cafe\u{301}"], key: $0.composed) },
        TokenCase("kid a path", .keyUnknown) { try $0.token(header: ["kid": "../../../../dev/null"]) },
        TokenCase("kid an injection", .keyUnknown) { try $0.token(header: ["kid": "' UNION SELECT 'x"]) },
        TokenCase("key next", nil) { try $0.token(key: $0.next) },
        TokenCase("key verifying", nil) { try $0.token(key: $0.verifying) },
        TokenCase("key whose time of verifying is over", .keyRetired, says: "\"ed-0\"") {
            try $0.token(key: $0.lapsed)
        },
        TokenCase("key retired", .keyRetired, says: "2027-01-15T07:00:00Z; the active key is \"ec-1\"") {
            try $0.token(key: $0.retired)
        },
        TokenCase("key retired, signature not its", .signatureInvalid) {
            try $0.token(header: ["kid": "ec-0"], key: RingKey.generate(.es256, kid: "x", createdAt: Fixture.now))
        },
        TokenCase("the incident: same kid, former secret", .keyRetired, says: "\"hs-1\"") {
            try $0.token(key: $0.former)
        },
        TokenCase("a retired key that calls itself the active one", .keyRetired, says: "\"ec-0\"") {
            try $0.token(header: ["kid": "ec-1"], key: $0.retired)
        },
        TokenCase("a good key under another's name", .signatureInvalid, says: "\"café\"") {
            try $0.token(header: ["kid": "ec-1"], key: $0.composed)
        },
        TokenCase("retired key, no kid where that is accepted", .keyRetired) {
            try $0.token(["iss": .string(Fixture.looseIssuer)], header: ["kid": nil], key: $0.retired)
        },
        TokenCase("algorithm that the issuer does not use", .algorithmNotAllowed, says: "accepted: ES256") {
            try $0.token(["iss": .string(Fixture.agedIssuer)], key: $0.next)
        },
    ]

    /// The order of the group of P-256.
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6,
        0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// `order - number`, both 32 bytes, big end first.
    private static func complement(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var borrow = 0
        var result: [UInt8] = []
        for (minuend, subtrahend) in zip(order, number).reversed() {
            let difference = Int(minuend) - Int(subtrahend) - borrow
            borrow = difference < 0 ? 1 : 0
            result.append(UInt8(truncatingIfNeeded: difference))
        }
        return result.reversed()
    }

    private static func replacing(
        _ name: String, _ reason: Reason? = .signatureInvalid, says: String = "",
        key: any KeyPath<Fixture, RingKey> & Sendable, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> TokenCase {
        TokenCase(name, reason, says: says) {
            let token = try $0.token(key: $0[keyPath: key])
            return $0.token(token, signature: change(try $0.signature(of: token)))
        }
    }

    static let signatures: [TokenCase] = [
        replacing("ES256 one bit off", key: \.active) { $0.dropLast() + [($0.last ?? 0) ^ 1] },
        replacing("EdDSA one bit off", key: \.next) { [($0.first ?? 0) ^ 0x80] + $0.dropFirst() },
        replacing("HS256 one bit off", key: \.verifying) { $0.dropLast() + [($0.last ?? 0) ^ 1] },
        replacing("HS256 of zero length", key: \.verifying) { _ in [] },
        replacing("HS256 cut short", key: \.verifying) { $0.dropLast() },
        replacing("HS256 with a byte more", key: \.verifying) { $0 + [0] },
        replacing("HS256 all zero", key: \.verifying) { _ in [UInt8](repeating: 0, count: 32) },
        replacing("ES256 of zero length", key: \.active) { _ in [] },
        replacing("ES256 all zero", key: \.active) { _ in [UInt8](repeating: 0, count: 64) },
        replacing("ES256 r and s the group's order", key: \.active) { _ in order + order },
        replacing("ES256 all ones", key: \.active) { _ in [UInt8](repeating: 0xFF, count: 64) },
        replacing("ES256 cut short", key: \.active) { $0.dropLast() },
        replacing("ES256 with a byte more", key: \.active) { $0 + [0] },
        replacing("ES256 in DER", key: \.active) { signature in
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { Array($0.derRepresentation) } ?? []
        },
        replacing("ES256 with the other s, which is as good", nil, key: \.active) {
            $0.prefix(32) + complement($0.suffix(32))
        },
        replacing("EdDSA of zero length", key: \.next) { _ in [] },
        replacing("EdDSA all zero", key: \.next) { _ in [UInt8](repeating: 0, count: 64) },
        replacing("EdDSA with S all ones", key: \.next) { $0.prefix(32) + [UInt8](repeating: 0xFF, count: 32) },
        TokenCase("claims changed behind the signature", .signatureInvalid) {
            let parts = try $0.token().split(separator: ".")
            let claims = Base64URL.encode(JSONValue.object(Fixture.claims).serialized + [0x20])
            return [String(parts[0]), claims, String(parts[2])].joined(separator: ".")
        },
        TokenCase("header changed behind the signature", .signatureInvalid) {
            let parts = try $0.token().split(separator: ".")
            let header = Base64URL.encode(Array(#"{"alg":"ES256","kid":"ec-1","x":1}"#.utf8))
            return [header, String(parts[1]), String(parts[2])].joined(separator: ".")
        },
        TokenCase("another's secret", .signatureInvalid, says: "\"hs-1\"") {
            try $0.token(key: $0.key(hmac: Fixture.randomSecret(48)))
        },
        TokenCase("the signer's secret has a newline", .signatureInvalid, says: "with a trailing newline added") {
            try $0.token(key: $0.key(hmac: $0.verifyingSecret + [0x0A]))
        },
        TokenCase("the signer's secret has CR LF", .signatureInvalid, says: "with a trailing newline added") {
            try $0.token(key: $0.key(hmac: $0.verifyingSecret + [0x0D, 0x0A]))
        },
    ]
}
