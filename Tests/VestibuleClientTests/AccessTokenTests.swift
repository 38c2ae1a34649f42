import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@Suite("What a source delivers")
struct AccessTokenTests {
    static let now = NumericDate(1_700_000_000)
    static let token = SampleTokens.token(issuedAt: now)

    @Test(
        "white space around a token is trimmed", arguments: ["\(token)\n", " \t\(token)\r\n", "\u{FEFF}\(token)\u{A0}"])
    func trimmed(text: String) throws {
        #expect(try AccessToken(IssuedToken(text), receivedAt: Self.now).text.hasSameBytes(as: Self.token))
    }

    @Test(
        "what is not a token is refused with a line that says what came, and does not quote it",
        arguments: [
            ("", "nothing came"), (" \n", "nothing came"), ("undefined", "\"undefined\""), ("null\n", "\"null\""),
            ("Bearer \(token)", "Bearer"), ("bearer x", "Bearer"), ("Authorization: Bearer x", "Authorization"),
            ("{\"access_token\":\"\(token)\"}", "JSON"), ("[]", "JSON"), ("\"\(token)\"", "quotation"),
            ("<html>", "HTML"), ("\(token) \(token)", "more than one word"), ("secret-value", "three parts"),
            ("a.b", "three parts"), ("!.b.c", "base64url"), (String(repeating: "x", count: 17_000), "17000 bytes"),
        ])
    func refused(text: String, words: String) throws {
        let error = #expect(throws: MCPClientError.self) {
            try AccessToken(IssuedToken(text), receivedAt: Self.now)
        }
        #expect(error?.code == .tokenSource)
        #expect(error?.reason == .tokenMalformed)
        let message = error?.message ?? ""
        #expect(message.contains(words), "\(message)")
        #expect(!message.contains("secret-value"))
        #expect(!message.contains(Self.token))
        #expect(!message.contains("\n"))
    }

    @Test("an opaque token is welcome only with the issuer's word on its lifetime")
    func opaque() throws {
        let token = try AccessToken(IssuedToken("gho_16C7e42F292c", expiresIn: .seconds(60)), receivedAt: Self.now)
        #expect(token.isOpaque)
        #expect(token.endsAt == Self.now + .seconds(60))
        #expect(throws: MCPClientError.self) { try AccessToken(IssuedToken("gho_16C7e42F292c"), receivedAt: Self.now) }
        for text in ["naïve", "a\"b", "undefined", "="] {
            #expect(throws: MCPClientError.self) {
                try AccessToken(IssuedToken(text, expiresIn: .seconds(60)), receivedAt: Self.now)
            }
        }
    }

    @Test("HTTP dates are read and written, and nothing else is taken for one")
    func dates() {
        let known: [(String, Double)] = [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799),
            ("Wed, 01 Mar 2400 00:00:00 GMT", 13_574_649_600), ("Mon, 01 Jan 0001 00:00:00 GMT", -62_135_596_800),
        ]
        for (text, seconds) in known {
            #expect(HTTPDate.parse(text) == NumericDate(seconds))
            #expect(HTTPDate.format(NumericDate(seconds)) == text)
        }
        for text in [
            "", "now", "1700000000", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 8:49 GMT",
        ] {
            #expect(HTTPDate.parse(text) == nil)
        }
        #expect(HTTPDate.format(NumericDate(.infinity)) == nil)
    }
}
