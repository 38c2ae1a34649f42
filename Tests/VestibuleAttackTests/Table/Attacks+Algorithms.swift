import Crypto
import CryptoExtras
import Foundation
import VestibuleProtocol

extension Attack {
    private static func alg(_ name: String, _ value: JSONValue, by signer: Signer = .es256) -> Attack {
        Attack("alg \(name)", .algorithmNotAllowed) { try $0.token(header: ["alg": value], by: signer) }
    }

    /// What stands in `alg` never chooses how the token is verified.
    static let algorithms: [Attack] = [
        alg("none with a space", "none ", by: .none), alg("none with a NUL", "none\0", by: .none),
        alg("none with a Cyrillic o", "n\u{43E}ne", by: .none), alg("noNe", "noNe", by: .none),
        alg("none in an array", ["none"], by: .none), alg("an array of the right one", ["ES256"]),
        alg("an object", ["name": "ES256"]), alg("true", true), alg("with a trailing space", "ES256 "),
        alg("with a leading space", " ES256"), alg("with a line end", "ES256\n"), alg("ES-256", "ES-256"),
        alg("in full-width letters", "\u{FF25}\u{FF33}256"), alg("with a zero width space", "ES\u{200B}256"),
        alg("ES256K", "ES256K"), alg("Ed25519, the name of RFC 9864", "Ed25519", by: .edDSA),
        alg("EDDSA", "EDDSA", by: .edDSA), alg("HS1", "HS1", by: .hs256), alg("RS1", "RS1", by: .rs256),
        alg(
            "HS256/64, a truncated code", "HS256/64",
            by: .custom { Array(try Signer.hs256.signature($1, $0).prefix(8)) }),
        alg("dir, of JWE", "dir", by: .hs256), alg("A256KW, of JWE", "A256KW", by: .hs256),
        alg("RSA1_5, of JWE", "RSA1_5", by: .rs256), alg("RSA-OAEP, of JWE", "RSA-OAEP", by: .rs256),
        Attack("alg PBES2 with a billion rounds", .algorithmNotAllowed) {
            try $0.token(header: ["alg": "PBES2-HS256+A128KW", "p2c": 1_000_000_000, "p2s": "AA"], by: .hs256)
        },
        alg("of 10,000 characters", .string(String(repeating: "A", count: 10_000))),
        alg("RS512 by an RS256 key", "RS512", by: .rs256), alg("PS256 by an RS256 key", "PS256", by: .rs256),
        alg("RS256 by a PS256 key", "RS256", by: .ps256), alg("HS512 by an HS256 key", "HS512", by: .hs256),
        alg("HS256 by an HS512 key", "HS256", by: .hs512), alg("ES384 by a P-256 key", "ES384"),
        alg("ES256 by a P-384 key", "ES256", by: .es384), alg("ES256 by an Ed25519 key", "ES256", by: .edDSA),
        Attack("alg that only the payload names", .algorithmNotAllowed) {
            try $0.token(["alg": "ES256"], header: ["alg": nil])
        },
        Attack("Alg, in another case than the name", .algorithmNotAllowed) {
            try $0.token(header: ["alg": nil, "Alg": "ES256"])
        },
        Attack("an algorithm of ours that the issuer does not use", .algorithmNotAllowed) {
            try $0.token(["iss": .string(Bench.agedIssuer)], by: .edDSA)
        },
    ]

    /// HMAC with what everybody knows of a public key: with its name it is refused for the algorithm, and without one,
    /// where the issuer lets every key be tried, no key of another kind is ever taken for a secret.
    private static func confusion(
        _ name: String, kid: String = "es256", _ secret: @escaping @Sendable (Bench) throws -> [UInt8]
    ) -> [Attack] {
        [
            Attack("HS256 with \(name) as secret", .algorithmNotAllowed) {
                try $0.token(header: ["kid": .string(kid)], by: .secret(try secret($0)))
            },
            Attack("HS256 with \(name) as secret, and no kid", .signatureInvalid) {
                try $0.token(
                    ["iss": .string(Bench.looseIssuer)], header: ["kid": nil], by: .secret(try secret($0)))
            },
        ]
    }

    static let confusions: [Attack] = [
        confusion("the EC key's coordinates") { Array($0.p256.publicKey.rawRepresentation) },
        confusion("the EC key's uncompressed point") { Array($0.p256.publicKey.x963Representation) },
        confusion("the EC key's compressed point") { Array($0.p256.publicKey.compressedRepresentation) },
        confusion("the EC key's DER") { Array($0.p256.publicKey.derRepresentation) },
        confusion("the EC key's PEM") { Array($0.p256.publicKey.pemRepresentation.utf8) },
        confusion("the EC key's PEM and a newline") { Array(($0.p256.publicKey.pemRepresentation + "\n").utf8) },
        confusion("the EC key's PEM with CR LF") {
            Array($0.p256.publicKey.pemRepresentation.replacing("\n", with: "\r\n").utf8)
        },
        confusion("the EC key's PEM in one line") {
            Array($0.p256.publicKey.pemRepresentation.replacing("\n", with: "").utf8)
        },
        confusion("the EC key's base64") { Array($0.p256.publicKey.derRepresentation.base64EncodedString().utf8) },
        confusion("the EC key's JWK") { JSONValue.object($0.publicJWK).serialized },
        confusion("the EC key's x") { Array($0.p256.publicKey.rawRepresentation.prefix(32)) },
        confusion("the Ed25519 key", kid: "eddsa") { Array($0.ed25519.publicKey.rawRepresentation) },
        confusion("the Ed25519 key in base64url", kid: "eddsa") {
            Array(Base64URL.encode($0.ed25519.publicKey.rawRepresentation).utf8)
        },
        confusion("the RSA key's modulus", kid: "rs256") { Array(try $0.rsa.publicKey.getKeyPrimitives().modulus) },
        confusion("the RSA key's DER", kid: "rs256") { Array($0.rsa.publicKey.derRepresentation) },
        confusion("the RSA key's PEM", kid: "rs256") { Array($0.rsa.publicKey.pemRepresentation.utf8) },
        confusion("the RSA key's PEM and a newline", kid: "rs256") {
            Array(($0.rsa.publicKey.pemRepresentation + "\n").utf8)
        },
    ]
    .flatMap(\.self)
}
