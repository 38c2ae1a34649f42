import Crypto
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

extension TokenCase {
    static let shapes: [TokenCase] = [
        TokenCase("good, ES256", nil) { try $0.token() },
        TokenCase("empty", .tokenMalformed, says: "empty") { _ in "" },
        TokenCase("undefined", .tokenMalformed, says: "\"undefined\"") { _ in "undefined" },
        TokenCase("null", .tokenMalformed, says: "held no token") { _ in "null" },
        TokenCase("[object Object]", .tokenMalformed, says: "held no token") { _ in "[object Object]" },
        TokenCase("Bearer doubled", .tokenMalformed, says: "twice") { "Bearer " + (try $0.token()) },
        TokenCase("bearer doubled, lower case", .tokenMalformed, says: "twice") { "bearer " + (try $0.token()) },
        TokenCase("Bearer alone", .tokenMalformed, says: "twice") { _ in "Bearer" },
        TokenCase("in quotes", .tokenMalformed, says: "bare token") { "\"\(try $0.token())\"" },
        TokenCase("in a JSON object", .tokenMalformed, says: "bare token") { "{\"token\":\"\(try $0.token())\"}" },
        TokenCase("in angle brackets", .tokenMalformed, says: "bare token") { "<\(try $0.token())>" },
        TokenCase("broken by a newline", .tokenMalformed, says: "white space") {
            try $0.token().replacing(".", with: ".\n", maxReplacements: 1)
        },
        TokenCase("with a NUL", .tokenMalformed, says: "control character") { try $0.token() + "\0" },
        TokenCase("one part", .tokenMalformed, says: "this has 1") { _ in "abc" },
        TokenCase("two parts", .tokenMalformed, says: "this has 2") { _ in "abc.def" },
        TokenCase("four parts", .tokenMalformed, says: "this has 4") { try $0.token() + ".abcd" },
        TokenCase("five parts", .tokenMalformed, says: "encrypted") { _ in "a.b.c.d.e" },
        TokenCase("only dots", .tokenMalformed, says: "header") { _ in ".." },
        TokenCase("header not base64url", .tokenMalformed, says: "header is not base64url") { _ in "!!!.e30.AA" },
        TokenCase("header padded", .tokenMalformed, says: "header is not base64url") { _ in "e30=.e30.AA" },
        TokenCase("signature in plain base64", .tokenMalformed, says: "signature") {
            try $0.token().split(separator: ".").dropLast().joined(separator: ".") + ".ab+/"
        },
        TokenCase("signature with spare bits", .tokenMalformed, says: "signature") {
            try $0.token().split(separator: ".").dropLast().joined(separator: ".") + ".AB"
        },
        TokenCase("header is an array", .tokenMalformed, says: "not an object") {
            try $0.raw(header: "[]", claims: "{}")
        },
        TokenCase("header not JSON", .tokenMalformed, says: "header is not acceptable JSON") {
            try $0.raw(header: "{alg:ES256}", claims: "{}")
        },
        TokenCase("payload is text", .tokenMalformed, says: "payload") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: "foo")
        },
        TokenCase("payload is a JSON string", .tokenMalformed, says: "not an object") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: "\"foo\"")
        },
        TokenCase("payload empty", .tokenMalformed, says: "payload") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: "")
        },
        TokenCase("payload with byte order mark", .tokenMalformed, says: "payload") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: "\u{FEFF}{}")
        },
        TokenCase("payload not UTF-8", .tokenMalformed, says: "not UTF-8") {
            let header = Base64URL.encode(Array(#"{"alg":"ES256","kid":"ec-1"}"#.utf8))
            return try $0.sign(header + "." + Base64URL.encode([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]))
        },
        TokenCase("alg twice", .tokenMalformed, says: "occurs twice") {
            try $0.raw(header: #"{"alg":"none","alg":"ES256","kid":"ec-1"}"#, claims: "{}")
        },
        TokenCase("sub twice", .tokenMalformed, says: "occurs twice") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: #"{"sub":"ada","sub":"root"}"#)
        },
        TokenCase("sub twice, once escaped", .tokenMalformed, says: "occurs twice") {
            try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: #"{"sub":"ada","\u0073ub":"root"}"#)
        },
        TokenCase("claims nested too deep", .tokenMalformed, says: "deeper") {
            let deep = String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
            return try $0.raw(header: #"{"alg":"ES256","kid":"ec-1"}"#, claims: "{\"x\":\(deep)}")
        },
        TokenCase("over 16 KiB", .tokenMalformed, says: "16384") {
            try $0.token(["padding": .string(String(repeating: "x", count: 16_384))])
        },
        TokenCase("100 kB of nothing", .tokenMalformed, says: "16384") { _ in String(repeating: "a", count: 100_000) },
        TokenCase("large, but within 16 KiB", nil) {
            try $0.token(["padding": .string(String(repeating: "x", count: 11_000))])
        },
    ]

    static let headers: [TokenCase] = [
        TokenCase("alg none", .algorithmNotAllowed, says: "\"none\"") { try $0.token(header: ["alg": "none"]) },
        TokenCase("alg none, no signature", .algorithmNotAllowed) {
            $0.token(try $0.token(header: ["alg": "none"]), signature: [])
        },
        TokenCase("alg NONE", .algorithmNotAllowed) { try $0.token(header: ["alg": "NONE"]) },
        TokenCase("alg nOnE", .algorithmNotAllowed) { try $0.token(header: ["alg": "nOnE"]) },
        TokenCase("alg missing", .algorithmNotAllowed, says: "names no alg") { try $0.token(header: ["alg": nil]) },
        TokenCase("alg null", .algorithmNotAllowed, says: "a null") { try $0.token(header: ["alg": .null]) },
        TokenCase("alg a number", .algorithmNotAllowed, says: "a number") { try $0.token(header: ["alg": 256]) },
        TokenCase("alg empty", .algorithmNotAllowed) { try $0.token(header: ["alg": ""]) },
        TokenCase("alg in lower case", .algorithmNotAllowed) { try $0.token(header: ["alg": "es256"]) },
        TokenCase("alg with a NUL", .algorithmNotAllowed, says: "\\u{0}") { try $0.token(header: ["alg": "ES256\0"]) },
        TokenCase("alg RS256", .algorithmNotAllowed) { try $0.token(header: ["alg": "RS256"]) },
        TokenCase("alg HS384", .algorithmNotAllowed) { try $0.token(header: ["alg": "HS384"]) },
        TokenCase("alg of another key kind", .algorithmNotAllowed, says: "its key is for ES256") {
            try $0.token(header: ["alg": "EdDSA"])
        },
        TokenCase("HS256 with the EC key's raw public half as secret", .algorithmNotAllowed, says: "for ES256") {
            try $0.token(key: $0.key(hmac: Array($0.activePrivate.publicKey.x963Representation), kid: "ec-1"))
        },
        TokenCase("HS256 with the EC key's PEM as secret", .algorithmNotAllowed, says: "for ES256") {
            try $0.token(key: $0.key(hmac: Array($0.activePrivate.publicKey.pemRepresentation.utf8), kid: "ec-1"))
        },
        TokenCase("HS256 with the published JWK as secret", .algorithmNotAllowed, says: "for ES256") {
            try $0.token(
                key: $0.key(hmac: JSONValue.object($0.active.material.publicJWK ?? [:]).serialized, kid: "ec-1"))
        },
        TokenCase("HS256 with the EC public half, no kid, tried against all", .signatureInvalid) {
            let secret = Array($0.activePrivate.publicKey.x963Representation)
            return try $0.token(
                ["iss": .string(Fixture.looseIssuer)], header: ["kid": nil], key: $0.key(hmac: secret))
        },
        TokenCase("crit of an unknown extension", .algorithmNotAllowed, says: "crit") {
            try $0.token(header: ["crit": ["urn:x"], "urn:x": true])
        },
        TokenCase("crit b64", .algorithmNotAllowed, says: "crit") {
            try $0.token(header: ["crit": ["b64"], "b64": false])
        },
        TokenCase("crit empty", .algorithmNotAllowed, says: "crit") { try $0.token(header: ["crit": []]) },
        TokenCase("crit null", .algorithmNotAllowed, says: "crit") { try $0.token(header: ["crit": .null]) },
        TokenCase("kid a number", .tokenMalformed, says: "kid is a number") { try $0.token(header: ["kid": 1]) },
        TokenCase("kid null", .tokenMalformed, says: "kid is a null") { try $0.token(header: ["kid": .null]) },
        TokenCase("typ JWT", nil) { try $0.token(header: ["typ": "JWT"]) },
        TokenCase("typ application/AT+JWT", nil) { try $0.token(header: ["typ": "application/AT+JWT"]) },
        TokenCase("typ absent", nil) { try $0.token(header: ["typ": nil]) },
        TokenCase("typ logout+jwt", .tokenMalformed, says: "logout+jwt") {
            try $0.token(header: ["typ": "logout+jwt"])
        },
        TokenCase("typ a number", .tokenMalformed, says: "a number") { try $0.token(header: ["typ": 1]) },
        TokenCase("jku, x5u and x5c beside a good signature", nil) {
            try $0.token(header: ["jku": "http://127.0.0.1:9/jwks", "x5u": "http://127.0.0.1:9/x", "x5c": ["AA"]])
        },
        TokenCase("an attacker's key carried along as jwk", .signatureInvalid) {
            let key = RingKey.generate(.es256, kid: "ec-1", createdAt: Fixture.now)
            return try $0.token(header: ["jwk": .object(key.material.publicJWK ?? [:])], key: key)
        },
    ]
}
