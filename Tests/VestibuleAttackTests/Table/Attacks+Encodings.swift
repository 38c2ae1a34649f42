import Foundation
import VestibuleProtocol

extension Attack {
    private static func altered(_ name: String, _ change: @escaping @Sendable (inout [String]) -> Void) -> Attack {
        Attack(name, .tokenMalformed) { try $0.altered(change) }
    }

    private static func written(
        _ name: String, _ reason: Reason = .tokenMalformed, _ write: @escaping @Sendable (String) -> String
    ) -> Attack {
        Attack(name, reason) { write(try $0.token()) }
    }

    /// Sets bits of the last character that no byte takes.
    private static func spareBits(_ part: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard part.count % 4 != 0, let last = part.last, let index = alphabet.firstIndex(of: last) else {
            return part + "!"
        }
        return part.dropLast() + String(alphabet[index | 1])
    }

    /// One token has one spelling.
    static let encodings: [Attack] = [
        altered("header with padding") { $0[0] += "=" }, altered("payload with padding") { $0[1] += "==" },
        altered("signature with padding") { $0[2] += "==" },
        altered("header with spare bits") { $0[0] = spareBits($0[0] + ($0[0].utf8.count % 4 == 0 ? "AA" : "")) },
        altered("signature with spare bits") { $0[2] = spareBits($0[2]) },
        altered("signature of one character more") { $0[2] += "AAA" },
        altered("signature in standard base64") { $0[2] = "+/" + $0[2].dropFirst(2) },
        altered("payload with a percent-encoded character") { $0[1] = "%65" + $0[1].dropFirst() },
        altered("payload with a line end in it") { $0[1].insert("\n", at: $0[1].index($0[1].startIndex, offsetBy: 9)) },
        altered("payload with a tab in it") { $0[1].insert("\t", at: $0[1].index($0[1].startIndex, offsetBy: 9)) },
        altered("space behind the first dot") { $0[1] = " " + $0[1] },
        altered("space before the last dot") { $0[1] += " " },
        altered("zero width space in the header") { $0[0] = "\u{200B}" + $0[0] },
        altered("byte order mark before the token") { $0[0] = "\u{FEFF}" + $0[0] },
        altered("full-width letters in the signature") { $0[2] = "\u{FF21}" + $0[2].dropFirst() },
        altered("NUL behind the signature") { $0[2] += "\0" },
        altered("a fourth part") { $0.append("AAAA") }, altered("an empty fourth part") { $0.append("") },
        altered("an empty part before") { $0.insert("", at: 0) },
        altered("the header twice") { $0.insert($0[0], at: 0) },
        altered("no signature part") { $0.removeLast() }, altered("a detached payload") { $0[1] = "" },
        altered("an empty header") { $0[0] = "" }, altered("a JWE of five parts") { $0 += ["AAAA", "AAAA"] },
        altered("six parts") { $0 += ["A", "A", "A"] },
        altered("parts turned round") { $0.reverse() },
        written("no signature at all", .signatureInvalid) { token in
            token[...(token.lastIndex(of: ".") ?? token.startIndex)].description
        },
        written("dots of another script") { $0.replacing(".", with: "\u{3002}") },
        written("dots percent-encoded") { $0.replacing(".", with: "%2E") },
        written("colons for dots") { $0.replacing(".", with: ":") },
        written("in quotes") { "\"\($0)\"" }, written("in angle brackets") { "<\($0)>" },
        written("as a query parameter") { "access_token=\($0)" },
        written("in base64 once more") {
            Base64URL.encode(Array($0.utf8))
        },
        written("in upper case") { $0.uppercased() },
        written("two tokens with a comma") { "\($0),\($0)" }, written("two tokens in a row") { $0 + $0 },
        Attack("flattened JSON serialization", .tokenMalformed) {
            let parts = try $0.token().split(separator: ".")
            return #"{"protected":"\#(parts[0])","payload":"\#(parts[1])","signature":"\#(parts[2])"}"#
        },
        Attack("general JSON serialization", .tokenMalformed) {
            let parts = try $0.token().split(separator: ".")
            return #"{"payload":"\#(parts[1])","signatures":[{"protected":"\#(parts[0])","signature":"\#(parts[2])"}]}"#
        },
        Attack("dots and nothing else", .tokenMalformed) { _ in ".." },
        Attack("10,000 dots", .tokenMalformed) { _ in String(repeating: ".", count: 10_000) },
        Attack("[object Object]", .tokenMalformed) { _ in "[object Object]" },
        Attack("a Python None", .tokenMalformed) { _ in "None" },
        Attack("a personal access token of another house", .tokenMalformed) { _ in
            "ghx_" + String(repeating: "x", count: 36)
        },
        Attack("of 16,384 bytes", legal: "the bound is included") { try sized(16_384, $0) },
        Attack("of 16,385 bytes", .tokenMalformed) { try sized(16_385, $0) },
        Attack("of 30,000 bytes", .tokenMalformed) { _ in String(repeating: "A.", count: 15_000) },
    ]

    /// A good token of exactly so many bytes. Base64url reaches only some lengths, so the header is padded, too.
    private static func sized(_ size: Int, _ bench: Bench) throws -> String {
        let base = try bench.token(["p": ""], header: ["h": ""]).utf8.count
        let estimate = (size - base) * 3 / 4
        for (more, header) in (0..<6).flatMap({ more in (0..<4).map { (more, $0) } }) {
            let token = try bench.token(
                ["p": .string(String(repeating: "x", count: estimate - more))],
                header: ["h": .string(String(repeating: "x", count: header))])
            if token.utf8.count == size { return token }
        }
        throw Unexpected("no token of \(size) bytes came about")
    }

    private static func header(_ name: String, _ text: String, _ reason: Reason = .tokenMalformed) -> Attack {
        Attack("header \(name)", reason) { try $0.raw(header: text, claims: $0.claims()) }
    }

    private static func payload(_ name: String, _ text: @escaping @Sendable (Bench) -> String) -> Attack {
        Attack("payload \(name)", .tokenMalformed) { try $0.raw(header: Bench.goodHeader, claims: text($0)) }
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    /// What two parsers could read in two ways is read by none.
    static let documents: [Attack] = [
        header("with alg twice, once escaped", #"{"alg":"ES256","\u0061lg":"none","kid":"es256"}"#),
        header("with alg twice, the good one last", #"{"\u0061\u006c\u0067":"none","alg":"ES256","kid":"es256"}"#),
        header("with kid twice", #"{"alg":"ES256","kid":"x","kid":"es256"}"#),
        header("with crit twice", #"{"alg":"ES256","kid":"es256","crit":[],"crit":[]}"#),
        header("with a duplicate further in", #"{"alg":"ES256","kid":"es256","jwk":{"a":1,"a":2}}"#),
        header("an array", #"[{"alg":"ES256","kid":"es256"}]"#), header("null", "null"),
        header("a string", #""ES256""#),
        header("a number", "1"), header("empty", ""), header("empty, but an object", "{}", .algorithmNotAllowed),
        header("with a comment", #"{"alg":"ES256"/**/,"kid":"es256"}"#),
        header("with a comma too many", #"{"alg":"ES256","kid":"es256",}"#),
        header("in single quotes", "{'alg':'ES256','kid':'es256'}"),
        header("with names without quotes", #"{alg:"ES256",kid:"es256"}"#),
        header("followed by another", #"{"alg":"ES256","kid":"es256"}{"alg":"none"}"#),
        header("followed by a NUL", "{\"alg\":\"ES256\",\"kid\":\"es256\"}\0"),
        header("after a byte order mark", "\u{FEFF}{\"alg\":\"ES256\",\"kid\":\"es256\"}"),
        header("with half a surrogate pair", #"{"alg":"ES256","kid":"es256\ud800"}"#),
        header("with a raw control character", "{\"alg\":\"ES256\",\"kid\":\"es256\u{1}\"}"),
        header("nested 17 deep", #"{"alg":"ES256","kid":"es256","x":\#(nested(16))}"#),
        Attack("header nested 16 deep", legal: "the bound is included") {
            try $0.raw(header: #"{"alg":"ES256","kid":"es256","x":\#(nested(15))}"#, claims: $0.claims())
        },
        Attack("header with white space in it", legal: "JSON allows it, and the signature covers it") {
            try $0.raw(header: "\r\n{ \"alg\" :\t\"ES256\" , \"kid\":\"es256\" }\n ", claims: $0.claims())
        },
        Attack("header not UTF-8", .tokenMalformed) {
            try $0.raw(
                header: Array(#"{"alg":"ES256","kid":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8),
                claims: Array($0.claims().utf8))
        },
        Attack("header in overlong UTF-8", .tokenMalformed) {
            try $0.raw(
                header: Array(#"{"alg":"ES256","kid":"es256","x":""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8),
                claims: Array($0.claims().utf8))
        },
        Attack("payload in UTF-16", .tokenMalformed) {
            try $0.raw(
                header: Array(Bench.goodHeader.utf8),
                claims: $0.claims().utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
        },
        payload("with exp twice") { $0.claims(and: #""exp":1900000000"#) },
        payload("with sub twice, once escaped") { $0.claims(and: #""s\u0075b":"root""#) },
        payload("with aud twice") { $0.claims(and: #""aud":"https://elsewhere.test""#) },
        payload("with a duplicate further in") { $0.claims(and: #""realm":{"roles":[],"roles":["admin"]}"#) },
        payload("an array of claims") { "[\($0.claims())]" }, payload("null") { _ in "null" },
        payload("true") { _ in "true" }, payload("two objects") { $0.claims() + $0.claims() },
        payload("with NaN") { $0.claims(["exp": nil], and: #""exp":NaN"#) },
        payload("with Infinity") { $0.claims(["exp": nil], and: #""exp":Infinity"#) },
        payload("with a hexadecimal date") { $0.claims(["exp": nil], and: #""exp":0x7FFFFFFF"#) },
        payload("with a date that starts with 0") { $0.claims(["exp": nil], and: #""exp":01800000300"#) },
        payload("with a date that starts with +") { $0.claims(["exp": nil], and: #""exp":+1800000300"#) },
        payload("with a date that ends with a point") { $0.claims(["exp": nil], and: #""exp":1800000300."#) },
        payload("with a date of 65 digits") {
            $0.claims(["exp": nil], and: "\"exp\":1" + String(repeating: "0", count: 64))
        },
        payload("nested 17 deep") { $0.claims(and: "\"x\":\(nested(16))") },
        payload("of brackets without an end") { _ in String(repeating: "[", count: 10_000) },
        payload("urlencoded") { _ in "iss=https%3A%2F%2Fissuer.test&sub=ada" },
        Attack("payload with NFC and NFD of one name", legal: "two names by their bytes, and nobody reads either") {
            try $0.raw(header: Bench.goodHeader, claims: $0.claims(and: "\"caf\u{E9}\":1,\"cafe\u{301}\":2"))
        },
    ]
}
