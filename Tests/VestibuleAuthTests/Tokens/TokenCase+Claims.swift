import VestibuleProtocol

extension TokenCase {
    private static func exp(_ name: String, _ value: JSONValue?, _ reason: Reason?, says: String = "") -> TokenCase {
        TokenCase("exp \(name)", reason, says: says) { try $0.token(["exp": value]) }
    }

    private static func date(
        _ claim: String, _ name: String, _ value: JSONValue?, _ reason: Reason?, says: String = ""
    ) -> TokenCase {
        TokenCase("\(claim) \(name)", reason, says: says) { try $0.token([claim: value]) }
    }

    private static func age(_ name: String, _ iat: JSONValue?, _ reason: Reason?, says: String = "") -> TokenCase {
        TokenCase("age \(name)", reason, says: says) {
            try $0.token(["iss": .string(Fixture.agedIssuer), "iat": iat])
        }
    }

    static let times: [TokenCase] = [
        exp("missing", nil, .claimMissing, says: "no exp"),
        exp("null", .null, .claimMissing, says: "exp is a null"),
        exp("a string", "1800000300", .claimMissing, says: "exp is a string"),
        exp("a date in words", "2027-01-15T08:00:00Z", .claimMissing, says: "exp is a string"),
        exp("true", true, .claimMissing, says: "exp is a boolean"),
        exp("an array", [1_800_000_300], .claimMissing, says: "exp is a array"),
        exp("1e400", number("1e400"), .claimMissing, says: "outside the years"),
        exp("-1e400", number("-1e400"), .claimMissing, says: "outside the years"),
        exp("of sixty digits", number(String(repeating: "9", count: 60)), .claimMissing, says: "outside the years"),
        exp("in milliseconds", 1_800_000_300_000, .claimMissing, says: "milliseconds"),
        exp("-1", -1, .tokenExpired, says: "1969-12-31T23:59:59Z"),
        exp("-0", number("-0"), .tokenExpired, says: "1970-01-01"),
        exp("0", 0, .tokenExpired),
        exp("1e-400", number("1e-400"), .tokenExpired),
        exp("an hour and a bit ago", 1_799_996_000, .tokenExpired, says: "1 h 6 min ago"),
        exp("fractional, ahead", number("1800000000.5"), nil),
        exp("fractional, past", number("1799999994.5"), .tokenExpired, says: "5.5 s ago"),
        exp("with an exponent", number("1.8000003e9"), nil),
        exp("just past, within the leeway", 1_799_999_996, nil),
        exp("past by just the leeway", 1_799_999_995, .tokenExpired, says: "5 s ago"),
        exp("in the year 9999", 253_402_300_799, nil),
        date("nbf", "past", 1_700_000_000, nil),
        date("nbf", "ahead within the leeway", 1_800_000_005, nil),
        date("nbf", "ahead by 6 s", 1_800_000_006, .clockSkew, says: "nbf lies 6 s ahead"),
        date("nbf", "ahead by just under an hour", number("1800003599.9"), .clockSkew, says: "59 min 59 s"),
        date("nbf", "ahead by an hour", 1_800_003_600, .tokenNotYetValid, says: "1 h ahead"),
        date("nbf", "a string", "1", .claimMissing, says: "nbf is a string"),
        date("nbf", "null", .null, .claimMissing, says: "nbf is a null"),
        date("iat", "missing", nil, nil),
        date("iat", "ahead by 2 s, as skewed clocks have it", 1_800_000_002, nil),
        date("iat", "ahead by a minute", 1_800_000_060, .clockSkew, says: "iat lies 1 min ahead"),
        date("iat", "ahead by a day", 1_800_086_400, .tokenNotYetValid, says: "24 h ahead"),
        date("iat", "in milliseconds", 1_800_000_000_000, .claimMissing, says: "milliseconds"),
        date("iat", "negative, with no bound on the age", -5, nil),
        date("iat", "1e999", number("1e999"), .claimMissing, says: "outside the years"),
        date("iat", "a string", "now", .claimMissing, says: "iat is a string"),
        age("of nothing", 1_800_000_000, nil),
        age("just within the bound and the leeway", 1_799_999_695, nil),
        age("past the bound", 1_799_999_694, .tokenTooOld, says: "5 min 6 s ago"),
        age("of 90 days", 1_792_224_000, .tokenTooOld, says: "90 days ago"),
        age("unknown", nil, .claimMissing, says: "no iat"),
    ]

    private static func aud(_ name: String, _ value: JSONValue?, _ reason: Reason?, says: String = "") -> TokenCase {
        TokenCase("aud \(name)", reason, says: says) { try $0.token(["aud": value]) }
    }

    private static func sub(_ name: String, _ value: JSONValue?, _ reason: Reason?, says: String = "") -> TokenCase {
        TokenCase("sub \(name)", reason, says: says) { try $0.token(["sub": value]) }
    }

    static let audiences: [TokenCase] = [
        aud("missing", nil, .claimMissing, says: "no aud"),
        aud("null", .null, .claimMissing, says: "aud is a null"),
        aud("a number", 1, .claimMissing, says: "aud is a number"),
        aud("an array with a number", ["https://mcp.test/mcp", 1], .claimMissing, says: "other than strings"),
        aud("an empty array", [], .audienceMismatch, says: "nobody"),
        aud("empty", "", .audienceMismatch),
        aud("another", "https://elsewhere.test", .audienceMismatch, says: "https://mcp.test/mcp"),
        aud("with a trailing slash", "https://mcp.test/mcp/", .audienceMismatch, says: "trailing slash"),
        aud("in another case", "https://mcp.test/MCP", .audienceMismatch),
        aud("a prefix", "https://mcp.test", .audienceMismatch),
        aud("composed", "caf\u{E9}", nil),
        aud("decomposed", "cafe\u{301}", .audienceMismatch),
        aud("the second of several", ["x", "mcp-server"], nil),
        sub("missing", nil, .claimMissing, says: "no sub"),
        sub("null", .null, .claimMissing, says: "sub is a null"),
        sub("empty", "", .claimMissing, says: "sub is empty"),
        sub("true", true, .claimMissing, says: "sub is a boolean"),
        sub("an array", ["ada"], .claimMissing, says: "sub is a array"),
        sub("a number", 42, nil),
    ]
}
