import Crypto
import Foundation
import VestibuleProtocol

@testable import VestibuleAuth

extension Attack {
    /// Keys that the token brings along or points to: they are never used, so the signature does not verify.
    private static func carried(_ name: String, _ header: @escaping @Sendable (Bench) -> Bench.Changes) -> Attack {
        Attack("the attacker's key as \(name)", .signatureInvalid) {
            try $0.token(header: header($0), by: .stranger)
        }
    }

    private static func crit(_ name: String, _ value: JSONValue) -> Attack {
        Attack("crit \(name)", .algorithmNotAllowed) { try $0.token(header: ["crit": value]) }
    }

    private static func typ(_ value: JSONValue) -> Attack {
        Attack("typ \(value)", .tokenMalformed) { try $0.token(header: ["typ": value]) }
    }

    static let headers: [Attack] = [
        carried("jku") { _ in ["jku": "http://127.0.0.1:9/jwks.json"] },
        carried("jku that looks like the issuer's") { _ in ["jku": "https://issuer.test@127.0.0.1:9/jwks.json"] },
        carried("x5u") { _ in ["x5u": "http://127.0.0.1:9/chain.pem"] },
        carried("x5c") { ["x5c": [.string($0.stranger.publicKey.derRepresentation.base64EncodedString())]] },
        carried("jwk of kind oct") { _ in ["jwk": ["kty": "oct", "k": "AAAA"]] },
        carried("jwk with the kid of ours") { _ in ["jwk": ["kty": "EC", "kid": "es256", "crv": "P-256"]] },
        carried("x5t") { _ in ["x5t": "AAAAAAAAAAAAAAAAAAAAAAAAAAA"] },
        Attack("jku as the only name of a key", .keyUnknown) {
            try $0.token(header: ["kid": nil, "jku": "http://127.0.0.1:9/"], by: .stranger)
        },
        Attack("an HMAC key in the header, alg HS256", .signatureInvalid) {
            let secret = [UInt8](repeating: 7, count: 32)
            return try $0.token(
                header: ["jwk": ["kty": "oct", "k": .string(Base64URL.encode(secret))]], by: .secret(secret))
        },
        crit("naming a member that is there", ["kid"]), crit("naming alg", ["alg"]), crit("naming exp", ["exp"]),
        crit("a string", "b64"), crit("an object", [:]), crit("true", true), crit("a number", 0),
        crit("with an empty name", [""]), crit("with a number", [1]), crit("with b64 twice", ["b64", "b64"]),
        Attack("b64 false and a payload as it is", .tokenMalformed) {
            let header = Base64URL.encode(Array(#"{"alg":"ES256","kid":"es256","b64":false}"#.utf8))
            return try $0.sign("\(header).\($0.claims())")
        },
        Attack("b64 false without crit", legal: "RFC 7797 §6 needs crit; without it b64 means nothing") {
            try $0.token(header: ["b64": false])
        },
        Attack("zip DEF, and a payload that is not", legal: "RFC 7515 §4 ignores what it does not define; it is JSON") {
            try $0.token(header: ["zip": "DEF"])
        },
        Attack("zip DEF and a compressed payload", .tokenMalformed) {
            // `{}` in raw DEFLATE.
            try $0.raw(header: Array(#"{"alg":"ES256","kid":"es256","zip":"DEF"}"#.utf8), claims: [0xAB, 0xAE, 5, 0])
        },
        Attack("a nested JWT", .tokenMalformed) {
            try $0.raw(header: #"{"alg":"ES256","kid":"es256","cty":"JWT"}"#, claims: try $0.token())
        },
        Attack("a nested JWT as a JSON string", .tokenMalformed) {
            try $0.raw(header: #"{"alg":"ES256","kid":"es256","cty":"JWT"}"#, claims: "\"\(try $0.token())\"")
        },
        Attack("good claims within claims", .claimMissing) {
            try $0.raw(header: Bench.goodHeader, claims: #"{"claims":\#($0.claims())}"#)
        },
        typ("JWE"), typ("JOSE"), typ("JOSE+JSON"), typ("dpop+jwt"), typ("kb+jwt"), typ("secevent+jwt"),
        typ("id_token+jwt"), typ(""), typ("at+jwt "), typ("at+jwt\0"), typ("at+jwt; charset=utf-8"),
        typ(["at+jwt"]), typ(.null), typ("a\u{442}+jwt"), typ("text/at+jwt"), typ("JWT,at+jwt"),
        Attack("the incident's kid in a field of its own", .keyUnknown) {
            try $0.token(header: ["kid": nil, "keyID": "es256"])
        },
    ]

    private static func kid(_ name: String, _ value: JSONValue, _ reason: Reason = .keyUnknown) -> Attack {
        Attack("kid \(name)", reason) { try $0.token(header: ["kid": value]) }
    }

    /// A `kid` is a name and nothing else, compared by its bytes.
    static let keyNames: [Attack] = [
        kid("a path with the name at its end", "../../keys/es256"), kid("/proc/self/environ", "/proc/self/environ"),
        kid("a path and a NUL", "/dev/null\0es256"), kid("a file URL", "file:///dev/null"),
        kid("an SQL tautology", "es256' OR '1'='1"), kid("an SQL union with a key", "x' UNION SELECT 'AAAA';--"),
        kid("a command", "es256;id"), kid("a command in backticks", "`id`"), kid("a template", "${jndi:ldap://x}"),
        kid("LDAP", "*)(kid=*"), kid("a wildcard", "es*"), kid("a pattern", ".*"), kid("__proto__", "__proto__"),
        kid("with a trailing space", "es256 "), kid("with a leading space", " es256"),
        kid("with a line end", "es256\n"), kid("percent-encoded", "%65s256"), kid("with %00", "es256%00"),
        kid("in full-width letters", "\u{FF45}s256"), kid("with a Cyrillic e", "\u{435}s256"),
        kid("with a soft hyphen", "es\u{AD}256"), kid("with a direction override", "\u{202E}652se"),
        kid("of 10,000 characters", .string(String(repeating: "k", count: 10_000))), kid("a zero", "0"),
        kid("true", true, .tokenMalformed), kid("an array", ["es256"], .tokenMalformed),
        kid("an object", ["es256": true], .tokenMalformed), kid("an issuer's name before it", "own/es256"),
        Attack("kid the key's fingerprint", .keyUnknown) {
            let fingerprint = $0.verifier.issuers.first?.currentKeys.first?.fingerprint ?? ""
            return try $0.token(header: ["kid": .string(fingerprint)])
        },
        Attack("kid of a secret, alg of a curve", .algorithmNotAllowed) { try $0.token(header: ["kid": "hs256"]) },
        Attack("kid of a curve, alg of a secret", .algorithmNotAllowed) {
            try $0.token(header: ["kid": "es256"], by: .hs256)
        },
        Attack("kid of a retired key, signed by a stranger", .signatureInvalid) {
            try $0.token(header: ["kid": "old"], by: .stranger)
        },
        Attack("a token of the retired key", .keyRetired) { try $0.token(by: .retired) },
        Attack("a token of the retired key, expired as well", .keyRetired) { try $0.token(["exp": 1], by: .retired) },
        Attack("our kid, signed by the other issuer", .signatureInvalid) { try $0.token(by: .otherIssuer) },
        Attack("the other issuer's name, signed by us", .signatureInvalid) {
            try $0.token(["iss": .string(Bench.otherIssuer)])
        },
        Attack("kid of ours that the other issuer lacks", .keyUnknown) {
            try $0.token(["iss": .string(Bench.otherIssuer)], by: .es384)
        },
        Attack("no kid where any key may be tried, signed by a stranger", .signatureInvalid) {
            try $0.token(["iss": .string(Bench.looseIssuer)], header: ["kid": nil], by: .stranger)
        },
        Attack("no kid where any key may be tried, signed by the other issuer", .signatureInvalid) {
            try $0.token(["iss": .string(Bench.looseIssuer)], header: ["kid": nil], by: .otherIssuer)
        },
        Attack("kid spelt with an escape", legal: "it is the same text once the JSON is read") {
            try $0.raw(header: #"{"alg":"ES256","kid":"\u0065s256"}"#, claims: $0.claims())
        },
    ]
}
