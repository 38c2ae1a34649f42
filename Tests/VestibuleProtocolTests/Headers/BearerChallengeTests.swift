import Testing
import VestibuleProtocol

@Suite("Bearer challenge")
struct BearerChallengeTests {
    /// requirement: F-15
    @Test(
        "a challenge is written as RFC 6750 says",
        arguments: [
            (BearerChallenge(), "Bearer"),
            (BearerChallenge(error: "invalid_token"), #"Bearer error="invalid_token""#),
            (
                BearerChallenge(
                    error: "insufficient_scope", errorDescription: "more is needed", scope: ["a", "b:c"],
                    resourceMetadata: "https://h/.well-known/oauth-protected-resource/mcp"),
                #"Bearer error="insufficient_scope", error_description="more is needed", scope="a b:c", "#
                    + #"resource_metadata="https://h/.well-known/oauth-protected-resource/mcp""#
            ),
            (
                BearerChallenge(errorDescription: "a \"quote\", a \\, a\r\nline, \u{E9}"),
                #"Bearer error_description="a 'quote', a /, a  line, ?""#
            ),
        ])
    func writes(_ challenge: BearerChallenge, _ expected: String) {
        #expect(challenge.headerValue == expected)
    }

    @Test(
        "what was written is read back",
        arguments: [
            BearerChallenge(), BearerChallenge(error: "invalid_token", errorDescription: "signed by key a, retired"),
            BearerChallenge(scope: ["a", "b"], resourceMetadata: "https://h/x?a=b,c"),
        ])
    func roundTrip(_ challenge: BearerChallenge) {
        #expect(BearerChallenge(headerValue: challenge.headerValue) == challenge)
    }

    static let expired = BearerChallenge(error: "invalid_token", errorDescription: "expired")

    static let read: [([String], [BearerChallenge])] = [
        ([], []),
        ([""], []),
        ([" , ,"], []),
        (["Bearer"], [BearerChallenge()]),
        (["Bearer "], [BearerChallenge()]),
        (["bEARER"], [BearerChallenge()]),
        (["Bearer realm=\"x\""], [BearerChallenge()]),
        (["Bearerx error=\"a\""], []),
        (["Basic realm=\"x\", Digest nonce=\"y\""], []),
        (["Basic QWxhZGRpbg=="], []),
        (["BEARER ERROR=\"invalid_token\", Error_Description=expired"], [expired]),
        (["Bearer error = \"invalid_token\" ,\terror_description\t=\"expired\""], [expired]),
        (["Bearer error=\"invalid_token\" error_description=\"expired\""], [expired]),
        (["Bearer ,, error=\"invalid_token\",,error_description=\"expired\",,"], [expired]),
        (["Bearer error=invalid_token, error=\"other\", error_description=expired"], [expired]),
        (["Bearer error=\"invalid_token\", error_uri=\"https://e\", x=1, error_description=\"expired\""], [expired]),
        (
            ["Bearer realm=\"a, b\", error_description=\"say \\\"hi\\\" \\\\ now\""],
            [BearerChallenge(errorDescription: "say \"hi\" \\ now")]
        ),
        (["Bearer error_description=\"a\u{1}b\u{7F}c\""], [BearerChallenge(errorDescription: "a b c")]),
        (["Bearer error_description=\"caf\u{E9}\""], [BearerChallenge(errorDescription: "caf\u{E9}")]),
        (["Bearer scope=\"  a  b \""], [BearerChallenge(scope: ["a", "b"])]),
        (["Bearer scope=\"\""], [BearerChallenge()]),
        (
            ["Bearer resource_metadata=https://h/.well-known/x?a=b"],
            [BearerChallenge(resourceMetadata: "https://h/.well-known/x?a=b")]
        ),
        (["Basic realm=\"x\", Bearer error=\"invalid_token\", error_description=\"expired\""], [expired]),
        (["Negotiate YII/a+b==, Bearer error=\"invalid_token\", error_description=\"expired\""], [expired]),
        (["Negotiate , Bearer error=\"invalid_token\", error_description=\"expired\", Basic error=\"x\""], [expired]),
        (["Bearer error=\"a\", Basic realm=\"x\", Bearer error=\"b\""], [.init(error: "a"), .init(error: "b")]),
        (["Basic realm=\"x\"", "Bearer error=\"a\"", "bearer error=\"b\""], [.init(error: "a"), .init(error: "b")]),
        (["Bearer abc123==, Bearer error=\"b\""], [BearerChallenge(), .init(error: "b")]),
        (["Bearer Basic realm=\"x\", error=\"y\""], [BearerChallenge()]),
        (["error=\"a\", Bearer"], [BearerChallenge()]),
        (["Bearer error=, error_description=\"x\""], [BearerChallenge(errorDescription: "x")]),
        (["Bearer error=\"a\", error_description=\"no end"], [BearerChallenge(error: "a")]),
        (["Bearer error=\"a\", error_description=\"no end\\"], [BearerChallenge(error: "a")]),
        (["Bearer realm=\"Bearer error=\\\"x\\\"\", error=\"a\""], [BearerChallenge(error: "a")]),
        (["@@ Bearer error=\"a\" ()"], [BearerChallenge(error: "a")]),
    ]

    /// requirement: F-40
    @Test(
        "challenges are found among others, in one field or several, with care for what servers really send",
        arguments: read)
    func reads(_ fields: [String], _ expected: [BearerChallenge]) {
        #expect(BearerChallenge.parse(fields: fields) == expected)
    }

    @Test("a field is read up to 16 KiB, that length included")
    func bound() {
        let head = "Bearer error=\""
        let fits = head + String(repeating: "x", count: BearerChallenge.maximumFieldLength - head.count - 1) + "\""
        #expect(BearerChallenge(headerValue: fits) != nil)
        #expect(BearerChallenge(headerValue: fits + " ") == nil)
    }

    @Test("no field, however broken, traps or yields more challenges than it has bytes")
    func mutations() {
        var generator = SeededGenerator(seed: 6750)
        let seeds = Self.read.flatMap(\.0).filter { !$0.isEmpty }
        let alphabet = Array("Bearer=,\"\\ \t;/+~".utf8)
        for round in 0..<5_000 {
            let bytes = Array(seeds[round % seeds.count].utf8).mutated(by: &generator, alphabet: alphabet)
            let field = String(decoding: bytes, as: UTF8.self)
            #expect(BearerChallenge.parse(fields: [field]).count <= bytes.count)
        }
    }
}
