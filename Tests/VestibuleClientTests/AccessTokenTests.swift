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
}
