import Testing
import VestibuleProtocol

@Suite("Compact token")
struct CompactTokenTests {
    private static func token(
        _ header: String = #"{"alg":"HS256","kid":"a"}"#, _ payload: String = #"{"exp":1}"#,
        _ signature: String = "AAEC"
    ) -> String {
        "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(Array(payload.utf8))).\(signature)"
    }

    @Test("a token is taken apart")
    func parts() throws {
        let text = Self.token(
            #"{"alg":"HS256","kid":"frontend-enhanced","typ":"JWT"}"#,
            #"{"sub":"s","iat":1700000000,"nbf":1.7e9,"exp":1700000300.5}"#)
        let token = try CompactToken(text)
        #expect(token.text == text)
        #expect(token.keyID == "frontend-enhanced")
        #expect(token.algorithm == "HS256")
        #expect(token.header["typ"] == "JWT")
        #expect(token.claims["sub"] == "s")
        #expect(token.issuedAt == NumericDate(1_700_000_000))
        #expect(token.notBefore == NumericDate(1_700_000_000))
        #expect(token.expiration == NumericDate(1_700_000_300.5))
        #expect(token.signature == [0, 1, 2])
        let signed = Array(text.utf8.prefix(text.utf8.count - 5))
        #expect(token.signedLength == signed.count)
        #expect(Array(token.signingInput) == signed)
        #expect(token.withSigningInput { Array($0) } == signed)
    }

    @Test("the signature may be empty; whether it may count is the verifier's to say")
    func unsigned() throws {
        #expect(try CompactToken(Self.token(#"{"alg":"none"}"#, "{}", "")).signature.isEmpty)
    }

    @Test("dates that are no numbers are no dates")
    func dates() throws {
        let token = try CompactToken(Self.token("{}", #"{"exp":"1700000000","iat":null,"nbf":1e999}"#))
        #expect(token.expiration == nil)
        #expect(token.issuedAt == nil)
        #expect(token.notBefore == nil)
        #expect(token.keyID == nil)
    }

    static let malformed: [(String, String)] = [
        ("", "a token has three parts divided by dots; this has 1"),
        ("undefined", "a token has three parts divided by dots; this has 1"),
        ("a.b", "a token has three parts divided by dots; this has 2"),
        ("a.b.c.d.e", "a token has three parts divided by dots; this has 5"),
        (String(repeating: ".", count: 100), "a token has three parts divided by dots; this has 101"),
        ("..", "the header is not acceptable JSON: no JSON value at byte 0"),
        ("e30=.e30.AA", "the header is not base64url without padding"),
        ("e30.e+30.AA", "the payload is not base64url without padding"),
        ("e30.e30.A", "the signature is not base64url without padding"),
        ("e30.e30.AA==", "the signature is not base64url without padding"),
        (" e30.e30.AA", "the header is not base64url without padding"),
        ("e30.e30.AA\n", "the signature is not base64url without padding"),
        (token("[]"), "the header is JSON, but not an object"),
        (token("{}", "\"secret\""), "the payload is JSON, but not an object"),
        (token("{"), "the header is not acceptable JSON: ends too early at byte 1"),
        (token("{}", "{\"a\":1}}"), "the payload is not acceptable JSON: more text behind the value at byte 7"),
        (token(#"{"alg":"a","alg":"b"}"#), "a member of the header occurs twice"),
        (token("{}", #"{"secret":1,"\u0073ecret":2}"#), "a member of the payload occurs twice"),
        (token("{}", #"{"a":{"secret":1,"secret":2}}"#), "a member of the payload occurs twice"),
        (token("{}", "\u{FEFF}{}"), "the payload is not acceptable JSON: unexpected byte 239 at byte 0"),
        (
            token("{}", "{\"a\":" + String(repeating: "[", count: 16) + String(repeating: "]", count: 16) + "}"),
            "the payload is not acceptable JSON: nested deeper than 16 levels at byte 20"
        ),
        (
            token("{}", "{\"a\":\(String(repeating: "1", count: 65))}"),
            "the payload is not acceptable JSON: number of more than 64 characters at byte 5"
        ),
    ]

    @Test(
        "what is no token is refused with a line that says which part is wrong, and never quotes it",
        arguments: malformed)
    func refused(_ text: String, _ line: String) throws {
        let error = try #require(throws: CompactToken.Malformed.self) { try CompactToken(text) }
        #expect(error.description == line)
        #expect(!error.description.contains("secret"))
    }

    @Test("the length is bounded, the bound included")
    func length() throws {
        let text = Self.token()
        #expect(try CompactToken(text, maximumLength: text.utf8.count).text == text)
        let error = try #require(throws: CompactToken.Malformed.self) {
            try CompactToken(text, maximumLength: text.utf8.count - 1)
        }
        #expect(
            error.description == "the token has \(text.utf8.count) bytes; at most \(text.utf8.count - 1) are accepted")
        let long = String(repeating: "A", count: CompactToken.maximumLength + 1)
        #expect(throws: CompactToken.Malformed.self) { try CompactToken(long) }
    }

    @Test("no text, however broken, traps")
    func mutations() {
        var generator = SeededGenerator(seed: 7515)
        let seed = Array(Self.token().utf8)
        for _ in 0..<3_000 {
            let bytes = seed.mutated(by: &generator, alphabet: Array("ey.-_=AQgw{}".utf8))
            let text = String(decoding: bytes, as: UTF8.self)
            guard let token = try? CompactToken(text) else { continue }
            #expect(token.signingInput.count == token.signedLength)
        }
    }
}
