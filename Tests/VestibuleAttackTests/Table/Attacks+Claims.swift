import VestibuleProtocol

extension Attack {
    private static func claim(_ name: String, _ changes: Bench.Changes, _ reason: Reason) -> Attack {
        let values = changes.map { ($0.key, $0.value) }
        return Attack(name, reason) { try $0.raw(header: Bench.goodHeader, claims: text(values)) }
    }

    private static func fine(_ name: String, legal why: String, _ changes: Bench.Changes) -> Attack {
        let values = changes.map { ($0.key, $0.value) }
        return Attack(name, legal: why) { try $0.raw(header: Bench.goodHeader, claims: text(values)) }
    }

    private static func text(_ changes: [(String, JSONValue?)]) -> String {
        var claims = Bench.claims
        for (name, value) in changes { claims[name] = value }
        return "\(JSONValue.object(claims))"
    }

    private static let aged: JSONValue = .string(Bench.agedIssuer)

    static let dates: [Attack] = [
        claim("exp an object", ["exp": ["seconds": 1_800_000_300]], .claimMissing),
        claim("exp an empty string", ["exp": ""], .claimMissing),
        claim("exp a number in a string", ["exp": "1.8e9"], .claimMissing),
        claim("exp false", ["exp": false], .claimMissing),
        claim("exp the greatest double", ["exp": number("1.7976931348623157e308")], .claimMissing),
        claim("exp the least double", ["exp": number("-1.7976931348623157e308")], .claimMissing),
        claim("exp in microseconds", ["exp": number("1800000300000000")], .claimMissing),
        claim("exp 2 to the 63rd", ["exp": number("9223372036854775808")], .claimMissing),
        claim("exp 2 to the 64th and 300", ["exp": number("18446744073709551916")], .claimMissing),
        claim("exp one second into the year 10000", ["exp": 253_402_300_800], .claimMissing),
        claim("exp of 1970", ["exp": 300], .tokenExpired),
        claim("exp negative", ["exp": -1_800_000_300], .tokenExpired),
        claim("exp at the very edge of the leeway", ["exp": number("1799999995.0")], .tokenExpired),
        fine("exp just within the leeway", legal: "5 s of leeway", ["exp": number("1799999995.001")]),
        claim("Exp, in another case", ["exp": nil, "Exp": 1_800_000_300], .claimMissing),
        claim("exp with a Cyrillic e", ["exp": nil, "\u{435}xp": 1_800_000_300], .claimMissing),
        claim("exp with a NUL", ["exp": nil, "exp\0": 1_800_000_300], .claimMissing),
        claim("expires_in for exp", ["exp": nil, "expires_in": 300], .claimMissing),
        Attack("exp in the header alone", .claimMissing) {
            try $0.token(["exp": nil], header: ["exp": 1_800_000_300])
        },
        claim("nbf an array", ["nbf": [0]], .claimMissing), claim("nbf false", ["nbf": false], .claimMissing),
        claim("nbf at infinity", ["nbf": number("1e309")], .claimMissing),
        claim("nbf just past the leeway", ["nbf": number("1800000005.001")], .clockSkew),
        claim("nbf in the year 9999", ["nbf": 253_402_300_799], .tokenNotYetValid),
        claim("nbf after exp", ["nbf": 1_800_000_600, "exp": 1_800_000_300], .clockSkew),
        claim("iat just past the leeway", ["iat": number("1800000005.001")], .clockSkew),
        claim("iat an hour ahead", ["iat": 1_800_003_600], .tokenNotYetValid),
        claim("iat an object", ["iat": [:]], .claimMissing),
        claim("iat in microseconds", ["iat": number("1.8e15")], .claimMissing),
        claim("iat NaN in words", ["iat": "NaN"], .claimMissing),
        claim("too old, though exp is far", ["iss": aged, "iat": 1_799_990_000, "exp": 1_900_000_000], .tokenTooOld),
        claim("of 1970, though exp is far", ["iss": aged, "iat": 0, "exp": 1_900_000_000], .tokenTooOld),
        claim("before our era", ["iss": aged, "iat": number("-6e10")], .tokenTooOld),
        claim("no age where one is due", ["iss": aged, "iat": nil], .claimMissing),
        fine("exp with an exponent", legal: "the same number", ["exp": number("18000003E2")]),
        fine(
            "iat after exp, both within the leeway", legal: "RFC 7519 does not relate them",
            ["iat": 1_800_000_004, "exp": 1_799_999_999]),
    ]

    private static func aud(_ name: String, _ value: JSONValue, _ reason: Reason = .audienceMismatch) -> Attack {
        claim("aud \(name)", ["aud": value], reason)
    }

    /// An audience is compared by its bytes, never as a URL.
    static let audiences: [Attack] = [
        aud("in an array of arrays", [["https://mcp.test/mcp"]], .claimMissing),
        aud("an object", ["https://mcp.test/mcp": true], .claimMissing), aud("true", true, .claimMissing),
        aud("an array with null", ["https://mcp.test/mcp", .null], .claimMissing),
        aud("an empty text in an array", [""]),
        aud("with a space behind", "mcp-server "), aud("with a space before", " mcp-server"),
        aud("several with commas", "mcp-server,https://mcp.test/mcp"), aud("several with spaces", "mcp-server other"),
        aud("with a NUL", "mcp-server\0"), aud("with a Cyrillic c", "m\u{441}p-server"),
        aud("with another hyphen", "mcp\u{2010}server"), aud("with a zero width joiner", "mcp-server\u{200D}"),
        aud("in upper case", "MCP-SERVER"), aud("with a wildcard", "*"),
        aud("with a wildcard path", "https://mcp.test/*"),
        aud("over http", "http://mcp.test/mcp"), aud("with the scheme's port", "https://mcp.test:443/mcp"),
        aud("with a user", "https://x@mcp.test/mcp"), aud("with a trailing dot", "https://mcp.test./mcp"),
        aud("with a dot segment", "https://mcp.test/./mcp"), aud("with two slashes", "https://mcp.test//mcp"),
        aud("with a query", "https://mcp.test/mcp?"), aud("with a fragment", "https://mcp.test/mcp#"),
        aud("percent-encoded", "https://mcp.test/%6Dcp"), aud("the host in upper case", "https://MCP.test/mcp"),
        aud("a host that starts alike", "https://mcp.test.evil.test/mcp"), aud("longer", "https://mcp.test/mcp2"),
        aud("a client, as in an ID token", "web-frontend"),
        claim("AUD, in another case", ["aud": nil, "AUD": "mcp-server"], .claimMissing),
        claim("azp for aud", ["aud": nil, "azp": "mcp-server"], .claimMissing),
        fine("aud twice the same", legal: "an array may repeat itself", ["aud": ["mcp-server", "mcp-server"]]),
        fine(
            "aud spelt with a thousand others", legal: "any one of them is enough (RFC 7519 §4.1.3)",
            ["aud": .array((0..<1000).map { .string("a\($0)") } + ["mcp-server"])]),
    ]

    private static func iss(_ name: String, _ value: JSONValue, _ reason: Reason = .issuerUnknown) -> Attack {
        claim("iss \(name)", ["iss": value], reason)
    }

    /// An issuer is a name that is compared by its bytes (RFC 8414 §2, RFC 9207 §2.4).
    static let issuers: [Attack] = [
        iss("in an array", ["https://issuer.test"], .claimMissing), iss("an object", [:], .claimMissing),
        iss("true", true, .claimMissing), iss("empty", ""), iss("over http", "http://issuer.test"),
        iss("with the scheme's port", "https://issuer.test:443"), iss("with a trailing dot", "https://issuer.test."),
        iss("with a trailing slash", "https://issuer.test/"), iss("with a query", "https://issuer.test?"),
        iss("with a fragment", "https://issuer.test#"), iss("with a user", "https://a@issuer.test"),
        iss("percent-encoded", "https://issuer%2Etest"), iss("with a Cyrillic i", "https://\u{456}ssuer.test"),
        iss("with a long s", "https://i\u{17F}suer.test"), iss("in full-width letters", "https://\u{FF49}ssuer.test"),
        iss("in Punycode", "https://xn--ssuer-t9d.test"),
        iss("as a look-alike subdomain", "https://issuer.test.evil.test"),
        iss("as a user of another host", "https://issuer.test@evil.test"),
        iss("with a space behind", "https://issuer.test "),
        iss("with a line end", "https://issuer.test\n"), iss("with a NUL", "https://issuer.test\0"),
        iss("with a soft hyphen", "https://issuer\u{AD}.test"), iss("a part of the name", "https://issuer"),
        iss("by its name in the configuration", "own"), iss("with the scheme in upper case", "HTTPS://issuer.test"),
        iss("with a backslash", "https:\\\\issuer.test"), iss("a wildcard", "*"),
        claim("ISS, in another case", ["iss": nil, "ISS": "https://issuer.test"], .claimMissing),
        Attack("iss in the header alone", .claimMissing) {
            try $0.token(["iss": nil], header: ["iss": .string(Bench.issuer)])
        },
        Attack("another trusted issuer's name over our key", .signatureInvalid) {
            try $0.token(["iss": .string(Bench.issuer)], by: .otherIssuer)
        },
    ]

    static let subjects: [Attack] = [
        claim("sub an object", ["sub": ["id": "ada"]], .claimMissing),
        claim("sub false", ["sub": false], .claimMissing),
        claim("Sub, in another case", ["sub": nil, "Sub": "ada"], .claimMissing),
        claim("username for sub", ["sub": nil, "username": "ada"], .claimMissing),
        fine("sub of a number beyond any integer", legal: "its digits are the name", ["sub": number("1e400")]),
        fine(
            "claims that promise everything", legal: "they are read only where a rule asks for them",
            ["admin": true, "permissions": ["*"], "roles": ["root"], "buckets": ["*"]]),
    ]

    private static func header(
        _ name: String, _ reason: Reason = .tokenMalformed, _ fields: @escaping @Sendable (String) -> [String]
    ) -> Attack {
        Attack("Authorization: \(name)", .refused(reason)) { fields(try $0.token()) }
    }

    private static func fine(
        header name: String, legal why: String, _ fields: @escaping @Sendable (String) -> [String]
    ) -> Attack {
        Attack("Authorization: \(name)", .legal(why)) { fields(try $0.token()) }
    }

    static let authorizations: [Attack] = [
        header("two fields") { ["Bearer \($0)", "Bearer \($0)"] },
        header("two fields, the first good") { ["Bearer \($0)", "Basic dXNlcjpwYXNz"] },
        header("two tokens in one field") { ["Bearer \($0), Bearer \($0)"] },
        header("the token with no scheme") { [$0] }, header("no space") { ["Bearer\($0)"] },
        header("an equals sign") { ["Bearer=\($0)"] }, header("a colon") { ["Bearer: \($0)"] },
        header("a comma") { ["Bearer,\($0)"] }, header("Bearer twice") { ["Bearer Bearer \($0)"] },
        header("bearer twice, percent-encoded") { ["Bearer Bearer%20\($0)"] }, header("Basic") { ["Basic \($0)"] },
        header("DPoP") { ["DPoP \($0)"] }, header("Token") { ["Token \($0)"] }, header("JWT") { ["JWT \($0)"] },
        header("a look-alike scheme") { ["Be\u{430}rer \($0)"] }, header("an empty field") { _ in [""] },
        header("Bearer and nothing") { _ in ["Bearer"] }, header("Bearer and spaces") { _ in ["Bearer    "] },
        header("a no-break space") { ["Bearer\u{A0}\($0)"] },
        header("something behind the token") { ["Bearer \($0) x"] },
        header("parameters behind the token") { ["Bearer \($0); charset=utf-8"] },
        fine(header: "bearer in lower case", legal: "a scheme has no case (RFC 9110 §11.1)") { ["bearer \($0)"] },
        fine(header: "BEARER in upper case", legal: "a scheme has no case (RFC 9110 §11.1)") { ["BEARER \($0)"] },
        fine(header: "several spaces", legal: "1*SP (RFC 9110 §11.4)") { ["Bearer    \($0)"] },
        fine(header: "a tab", legal: "white space between scheme and token is passed over") { ["Bearer\t\($0)"] },
        fine(header: "spaces around it all", legal: "they belong to HTTP, not to the value") { ["  Bearer \($0)  "] },
    ]
}
