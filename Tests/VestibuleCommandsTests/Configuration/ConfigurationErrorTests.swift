import Testing
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("What a configuration is refused for")
struct ConfigurationErrorTests {
    static let tools = [
        Tool(
            name: "bucket_objects_list",
            inputSchema: [
                "type": "object", "properties": ["bucket": ["type": "string"], "prefix": ["type": "string"]],
            ]),
        Tool(
            name: "bucket_object_text",
            inputSchema: ["type": "object", "properties": ["s3_uri": ["type": "string"]]]),
        Tool(name: "whoami", inputSchema: ["type": "object"]),
    ]

    static func problems(_ text: String) -> [String] {
        do {
            _ = try ConfigurationLoader(tools: tools).parse(text, file: "v.yaml")
            return []
        } catch {
            return error.problems.map { $0.line(file: "v.yaml") }
        }
    }

    static let oidc = "signIn: { oidc: { issuer: \"https://idp.example.com\", clientID: a }"
    static let asked = "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f }], introspection: { "
    static let rule = "access:\n  rules:\n    - tools: [bucket_objects_list]\n      require: "

    @Test(
        "every mistake is named with its line, its column and what would be right",
        arguments: [
            ("prot: 1", "v.yaml:1:1: unknown key `prot`; the keys here are listen, endpoint, publicURL"),
            ("endpont: /mcp", "v.yaml:1:1: unknown key `endpont`; did you mean `endpoint`?"),
            ("port: 8080", "v.yaml:1:1: unknown key `port`; did you mean `listen.port`?"),
            ("listen: { prot: 1 }", "v.yaml:1:11: listen: unknown key `prot`; did you mean `port`?"),
            ("listen: 8080", "v.yaml:1:9: listen: expected a section with the keys host, port, tls, found \"8080\""),
            (
                "listen:\n  port: 70000",
                "v.yaml:2:9: listen.port: expected a whole number from 0 to 65535, found \"70000\""
            ),
            ("listen:\n  port: -1", "v.yaml:2:9: listen.port: expected a whole number from 0 to 65535, found \"-1\""),
            ("listen: { port: \"80\" }", "listen.port: expected a whole number from 0 to 65535, found \"80\""),
            ("listen: { port: 99999999999999999999 }", "listen.port: expected a whole number"),
            ("listen: { port: 8080.5 }", "listen.port: expected a whole number"),
            ("listen: { port: }", "listen.port: expected a whole number from 0 to 65535, found nothing"),
            ("listen: { host: true }", "listen.host: expected a host name or an IP address, found \"true\"; write"),
            ("listen: { host: a b }", "listen.host: expected a host name or an IP address, found \"a b\""),
            (
                "listen: { tls: { certificate: a, key: b } }",
                "v.yaml:1:16: listen.tls: TLS of its own comes in a later version"
            ),
            ("endpoint: mcp", "v.yaml:1:11: endpoint: expected a path that starts with /, such as /mcp, found \"mcp\""),
            ("endpoint: /mcp/", "endpoint: expected a path that starts with /"),
            ("publicURL: ftp://a/b", "publicURL: expected a URL that starts with https:// or http://"),
            ("publicURL: https://u:p@a/mcp", "publicURL: expected a URL"),
            ("publicURL: https://a/mcp#x", "publicURL: expected a URL"),
            ("publicURL: https://a:99999/mcp", "publicURL: expected a URL"),
            (
                "allowedOrigins: https://a",
                "v.yaml:1:17: allowedOrigins: expected a list, each entry an origin such as https://app.example.com"
            ),
            ("allowedOrigins:\n  - https://a/path", "v.yaml:2:5: allowedOrigins[0]: expected an origin"),
            ("allowedHosts: [a/b]", "allowedHosts[0]: expected a host"),
            ("data: [a]", "data: expected a path, found a list"),
            (
                "access: { handshake: opne }",
                "v.yaml:1:22: access.handshake: expected one of open, challenge, found \"opne\"; did you mean open?"
            ),
            ("access: { rejectedToken: maybe }", "access.rejectedToken: expected one of reject, anonymous"),
            (
                "access: { denials: HTTP }",
                "access.denials: expected one of inBand, http, found \"HTTP\"; did you mean http?"
            ),
            ("access: { clients: [{ handshake: open }] }", "access.clients[0] can match nothing"),
            ("access: { clients: [{ userAgent: 5, handshake: open }] }", "write \"5\" in quotes"),
            (
                "access:\n  rules:\n    - tools: [bucket_object_list]",
                "v.yaml:3:15: access.rules[0].tools: no tool matches `bucket_object_list`; did you mean `bucket_objects_list`?"
            ),
            ("access: { rules: [{ tools: [\"x*\"] }] }", "no tool matches `x*`; the tools are bucket_objects_list"),
            ("access: { rules: [{ tools: [] }] }", "access.rules[0].tools: the list is empty"),
            ("access: { rules: [{ require: {} }] }", "access.rules[0].tools is missing"),
            (
                rule + "{ arguments: { buckt: { in: claims.buckets } } }",
                "v.yaml:4:31: access.rules[0].require.arguments.buckt: bucket_objects_list has no such argument; "
                    + "did you mean `bucket`?"
            ),
            (
                "access:\n  rules:\n    - tools: [\"bucket_*\"]\n      require: { arguments: { bucket: { in: [a] } } }",
                "v.yaml:4:31: access.rules[0].require.arguments.bucket: bucket_object_text has no such argument; "
                    + "it takes s3_uri"
            ),
            (
                "access: { rules: [{ tools: [whoami], require: { arguments: { a: { in: [b] } } } }] }",
                "whoami has no such argument; it takes none"
            ),
            (
                rule + "{ arguments: { bucket: { in: buckets } } }",
                "v.yaml:4:45: access.rules[0].require.arguments.bucket.in: expected a claim such as claims.buckets"
            ),
            (rule + "{ arguments: { bucket: { in: claims. } } }", "bucket.in: expected a claim such as claims.buckets"),
            (rule + "{ arguments: { bucket: { in: claims..a } } }", "bucket.in: expected a claim"),
            (rule + "{ arguments: { bucket: { in: [] } } }", "bucket.in: the list is empty"),
            (rule + "{ arguments: { bucket: { in: [\"a/b\"] } } }", "\"a/b\" names no bucket, so it can match nothing"),
            (rule + "{ arguments: { bucket: { as: text } } }", "arguments.bucket.in is missing"),
            (rule + "{ arguments: { bucket: { in: [a], as: texts } } }", "bucket.as: expected one of text, bucket"),
            (rule + "{ scope: [a] }", "access.rules[0].require: unknown key `scope`; did you mean `scopes`?"),
            (rule + "{ scopes: [\"a b\"] }", "require.scopes[0]: expected a scope without spaces"),
            (rule + "{ permissions: s3:ListBucket }", "require.permissions: expected a list"),
            ("session: { authority: tokens }", "session.authority: expected one of request, session"),
            (
                "session:\n  idle: 30",
                "v.yaml:2:9: session.idle: expected a duration from 1s to 30d, such as 30s, 5m or 1h, found \"30\"; "
                    + "a number alone has no unit: did you mean 30s?"
            ),
            ("session: { idle: 31d }", "session.idle: expected a duration from 1s to 30d"),
            ("session: { idle: 99999999999h }", "session.idle: expected a duration"),
            ("session: { maximum: 0 }", "session.maximum: expected a whole number from 1 to 1000000, found \"0\""),
            ("issuers: []", "issuers: the list is empty"),
            ("issuers: [{ name: mine }]", "issuers[0]: expected `name: own`, or `issuer` with an https URL"),
            (
                "issuers:\n  - issuer: idp.example.com\n    audience: m",
                "v.yaml:2:13: issuers[0].issuer: `idp.example.com` is no URL, so that its keys cannot be discovered"
            ),
            (
                "issuers: [{ issuer: \"http://idp.test\", audience: m }]",
                "issuers[0].issuer: expected https://, because"
            ),
            ("issuers: [{ issuer: \"https://i.test/a?b\", audience: m }]", "an issuer identifier has no query"),
            ("issuers: [{ issuer: w, audience: m, jwks: \"http://i.test/k\" }]", "issuers[0].jwks: expected https://"),
            ("issuers: [{ issuer: w, audience: m, jwks: keys.json }]", "issuers[0].jwks: expected a URL"),
            ("issuers: [{ issuer: w, audience: m, jwk: \"https://i.test\" }]", "did you mean `jwks`?"),
            (
                "issuers: [{ issuer: w, audience: m, jwks: \"https://i.test/k\", jwksFile: k.json }]",
                "issuers[0]: `jwks` and `jwksFile` exclude one another; keep one"
            ),
            (
                "issuers: [{ issuer: w, audience: m, jwks: \"https://i.test/k\", secrets: [{ kid: a, file: f }] }]",
                "issuers[0]: `secrets` and `jwks` exclude one another; keep one"
            ),
            (
                "issuers: [{ issuer: \"https://i.test\", audience: m, algorithms: [ES256, HS256] }]",
                "issuers[0].algorithms: HS256 needs a shared secret, and published keys are none"
            ),
            (
                "issuers: [{ issuer: w, audience: m, jwksFile: k.json, allowPrivateNetwork: true }]",
                "issuers[0].allowPrivateNetwork: a file is not fetched from anywhere"
            ),
            (
                "issuers: [{ name: own, allowPrivateNetwork: true }]",
                "issuers[0].allowPrivateNetwork: its keys are not fetched from anywhere"
            ),
            ("issuers: [{ name: own, jwks: \"https://i.test/k\" }]", "takes no `jwks`"),
            (
                "issuers: [{ issuer: \"https://i.test\", audience: m }, { issuer: \"https://i.test\", audience: n }]",
                "issuers[1]: https://i.test stands here twice"
            ),
            ("issuers: [{ name: own, algorithms: [ES521] }]", "found \"ES521\"; did you mean ES512?"),
            (
                "issuers: [{ name: own, algorithms: [none] }]",
                "issuers[0].algorithms[0]: expected one of HS256, HS384, HS512, ES256"
            ),
            ("issuers: [{ name: own }, { name: own }]", "issuers[1]: `own` stands here twice"),
            ("issuers: [{ name: own, leeway: 6m }]", "issuers[0].leeway: expected a duration from 0s to 5m"),
            (
                "issuers: [{ name: own, acceptsMissingKeyID: yes }]",
                "acceptsMissingKeyID: expected true or false, found \"yes\""
            ),
            ("issuers: [{ name: own, secrets: [{ kid: a, file: f }] }]", "takes no `secrets`"),
            ("issuers: [{ secrets: [{ kid: a, file: f }] }]", "issuers[0].issuer is missing"),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a }] }]",
                "secrets[0].file is missing; expected a path"
            ),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f, state: retired }] }]",
                "secrets[0].at is missing; a retired key needs a date"
            ),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f, until: 2026-07-28T14:02:00Z }] }]",
                "secrets[0].until belongs to a verifying key, but this one is active"
            ),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f, state: retired, at: noon }] }]",
                "secrets[0].at: expected a date and time such as 2026-07-28T14:02:00Z, found \"noon\""
            ),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f }, { kid: a, file: g }] }]",
                "secrets[1]: `a` is active already (line 1); the older of the two is `state: verifying` with `until`"
            ),
            ("issuers: [{ name: own, tokenType: JWT }]", "issuers[0].tokenType: expected at+jwt, found \"JWT\""),
            (
                "issuers: [{ name: own, claims: { role: r } }]",
                "issuers[0].claims: unknown key `role`; did you mean `roles`?"
            ),
            ("issuers: [{ name: own, claims: { roles: a b } }]", "claims.roles: expected a claim such as roles or"),
            ("issuers: [{ name: own, claims: { subject: [a] } }]", "claims.subject: expected a claim such as"),
            ("issuers: [{ name: own, claims: { roles: [] } }]", "claims.roles: the list is empty"),
            (
                "issuers:\n  - name: own\n    claims:\n      bucketsByRole: { editor: [\"team-*\"] }",
                "v.yaml:4:33: issuers[0].claims.bucketsByRole.editor: \"team-*\": * stands for nothing here; name each"
            ),
            ("issuers: [{ name: own, claims: { bucketsByRole: { e: [\"{a}{b}\"] } } }]", "between two places stands"),
            ("issuers: [{ name: own, claims: { bucketsByRole: { e: [\"a/{b}\"] } } }]", "it names no bucket"),
            ("issuers: [{ name: own, claims: { bucketsByRole: { e: [] } } }]", "bucketsByRole.e: the list is empty"),
            ("issuers: [{ name: own, claims: { bucketsByRole: { e: x } } }]", "bucketsByRole.e: expected a list"),
            (
                "issuers: [{ name: own, requiredClaims: { a: true } }]",
                "requiredClaims.a: expected a text, found \"true\"; write \"true\" in quotes"
            ),
            ("issuers: [{ name: own, requiredClaims: { a: [] } }]", "requiredClaims.a: the list is empty"),
            (
                "issuers: [{ name: own, requiredClaims: { exp: \"1\" } }]",
                "v.yaml:1:47: issuers[0].requiredClaims.exp: a date is judged by the clock"
            ),
            ("issuers: [{ name: own, introspection: {} }]", "introspection.clientID is missing; expected a text"),
            (
                "issuers: [{ name: own, introspection: { clientID: c, clientSecretFile: f } }]",
                "v.yaml:1:24: issuers[0].introspection: `own` tokens are JWTs of the key ring"
            ),
            (asked + "clientID: c } }]", "introspection.clientSecretFile is missing; expected a path"),
            (
                asked + "clientID: c, clientSecretFile: f } }]",
                "introspection.endpoint is missing; an `issuer` that is no URL"
            ),
            (
                asked + "endpoint: \"http://idp/i\", clientID: c, clientSecretFile: f } }]",
                "introspection.endpoint: expected https://, because this server's secret"
            ),
            (asked + "cache: 6m } }]", "introspection.cache: expected a duration from 0s to 5m"),
            (asked + "tokens: jwt } }]", "introspection.tokens: expected one of opaque, all"),
            (
                asked + "authentication: none } }]",
                "authentication: expected one of client_secret_basic, client_secret_"
            ),
            (
                asked + "endpoint: \"https://i\", clientID: c, clientSecretFile: f } }, { issuer: v, audience: m, "
                    + "secrets: [{ kid: a, file: f }], introspection: "
                    + "{ endpoint: \"https://j\", clientID: c, clientSecretFile: f } }]",
                "issuers[1].introspection: w has it already, and a token that is no JWT does not say whose it is"
            ),
            ("buckets: {}", "buckets: expected `folder` or `s3`"),
            ("buckets: { folder: a, s3: {} }", "buckets: `folder` and `s3` exclude one another"),
            ("buckets: { s3: { credentials: file } }", "buckets.s3.credentials: expected environment"),
            ("web: { frontpage: true }", "v.yaml:1:8: web: unknown key `frontpage`; did you mean `frontPage`?"),
            ("signIn: { tokenLifetime: 2h }", "signIn.tokenLifetime: expected a duration from 10s to 1h"),
            (
                "signIn: { session: { lifetime: 1h } }",
                "v.yaml:1:32: signIn.session.lifetime is shorter than signIn.session.idle"
            ),
            (
                "signIn: { grants: [{ roles: [operator] }] }",
                "v.yaml:1:11: signIn.grants: without `signIn.oidc` nobody has claims"
            ),
            (oidc + ", grants: [{ claims: { a: b } }] }", "v.yaml:1:78: signIn.grants[0] grants nothing"),
            (oidc + ", grants: [{ claims: { a: 5 }, roles: [r] }] }", "grants[0].claims.a: expected a text, found"),
            (oidc + ", grants: [{ buckets: [\"s3://a\"] }] }", "buckets[0]: expected the name of a bucket, such as"),
            (oidc + ", grants: [{ scopes: [a] }] }", "signIn.grants[0]: unknown key `scopes`; did you mean `scope`?"),
            ("signIn: { oidc: { clientID: a } }", "signIn.oidc.issuer is missing; expected a URL"),
            ("signIn: { oidc: { issuer: \"https://a\" } }", "signIn.oidc.clientID is missing; expected a text"),
            (
                "signIn: { oidc: { issuer: \"http://idp.example.com\", clientID: a } }",
                "v.yaml:1:27: signIn.oidc.issuer: expected https://, because whoever is between"
            ),
            (
                "signIn: { oidc: { issuer: \"https://a\", clientID: a, scopes: [email] } }",
                "v.yaml:1:61: signIn.oidc.scopes: `openid` is missing"
            ),
            (
                oidc + " }\nissuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f }] }]",
                "v.yaml:1:11: signIn.oidc: the tokens of those who sign in are signed with the data directory's keys"
            ),
            ("limits: { body: 4megs }", "limits.body: expected a size from 1KiB to 1GiB, such as 32KiB or 4MiB"),
            ("limits: { body: 2GiB }", "limits.body: expected a size from 1KiB to 1GiB"),
            ("limits: { headTimeout: 0s }", "limits.headTimeout: expected a duration from 1ms to 1h"),
            ("log: { level: loud }", "log.level: expected one of trace, debug"),
            ("upstreams: [{ name: a }]", "v.yaml:1:12: upstreams: upstreams come in a later version"),
            ("- a", "v.yaml:1:1: the file: expected a section with the keys listen"),
            (
                "issuers: [{ issuer: w, audience: m, algorithms: [ES256], secrets: [{ kid: a, file: f }] }]",
                "v.yaml:1:49: issuers[0].algorithms: its secrets sign HS256, so no token could be accepted"
            ),
            (
                "issuers: [{ issuer: w, audience: m, algorithms: [HS256], secrets: [{ kid: a, file: f, algorithm: HS512 }] }]",
                "its secrets sign HS512, so no token could be accepted; add HS512"
            ),
            (
                "issuers: [{ issuer: w, audience: m, secrets: [{ kid: a, file: f, algorithm: ES256 }] }]",
                "secrets[0].algorithm: expected one of HS256, HS384, HS512"
            ),
            ("a: [", "not YAML:"),
            ("listen:\n\tport: 1", "found character that cannot start any token; a tab?"),
            ("a: 1\n b: 2", "not YAML: mapping values are not allowed in this context; is a colon missing"),
            ("a: &x 1\nb: *y", "not YAML: found undefined alias"),
            ("a: 1\n---\nb: 2", "not YAML: expected a single document in the stream"),
            ("? [a]\n: b", "v.yaml:1:3: a key has to be a plain word"),
        ])
    func mistake(text: String, expected: String) {
        let problems = Self.problems(text)
        #expect(problems.contains { $0.contains(expected) }, "\(problems)")
    }

    @Test(
        "one mistake in a secret is one problem: what follows from it is not told",
        arguments: [
            "{ kid: a, file: f }, { kid: a, file: g, state: retred, at: 2026-07-28T14:02:00Z }",
            "{ kid: a, file: f }, { kid: a, file: g, state: retired, at: noon }",
        ])
    func noEcho(secrets: String) {
        let problems = Self.problems("issuers: [{ issuer: w, audience: m, secrets: [\(secrets)] }]")
        #expect(problems.count == 1, "\(problems)")
    }

    @Test("everything that is wrong is reported together, in the file's order")
    func allAtOnce() {
        let problems = Self.problems(
            """
            listen: { prot: 1, port: x }
            session:
              maximum: 5
              idle: soon
              maximum: 6
              maximum: 7
            access:
              rules:
                - tools: [nothing_like_it]
            upstreams: [a]
            """)
        let places = problems.map { $0.split(separator: " ").first.map(String.init) ?? "" }
        #expect(
            places == [
                "v.yaml:1:11:", "v.yaml:1:26:", "v.yaml:4:9:", "v.yaml:5:3:", "v.yaml:6:3:", "v.yaml:9:15:",
                "v.yaml:10:12:",
            ], "\(problems)")
        #expect(problems[3].hasSuffix("`maximum` stands here again, and already in line 3; keep one of the two"))
        #expect(problems[4].hasSuffix("`maximum` stands here again, and already in line 5; keep one of the two"))
    }

    @Test(
        "a date is read by the calendar by which it is printed, in every year",
        arguments: [
            ("2026-07-28T14:02:00Z", "2026-07-28T14:02:00Z"), ("2026-07-28t16:02:00.25+02:00", "2026-07-28T14:02:00Z"),
            ("1013-07-28T14:02:00z", "1013-07-28T14:02:00Z"), ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("2026-02-30T00:00:00Z", nil),
            ("2026-13-01T00:00:00Z", nil), ("2026-07-28T24:00:00Z", nil), ("2026-07-28 14:02:00Z", nil),
            ("2026-07-28T14:02:00", nil), ("2026-07-28T14:02:00.Z", nil), ("2026-07-28T14:02:00+24:00", nil),
            ("0001-01-01T00:00:00+01:00", nil), ("\u{663}026-07-28T14:02:00Z", nil),
        ] as [(String, String?)])
    func dates(_ text: String, means: String?) {
        #expect(DateText.parse(text)?.description == means)
    }

    @Test(
        "what a problem quotes of the file neither breaks its line nor floods it",
        arguments: [
            "endpoint: |\n  /mcp\n", "endpoint: \"x\\nv.yaml:9:9: forged\"", "endpoint: \"\\e[2Jx\"",
            "\"list\\nen\": 1", "endpoint: \(String(repeating: "x", count: 100_000))",
        ])
    func oneLine(_ text: String) {
        let problems = Self.problems(text)
        #expect(!problems.isEmpty)
        for problem in problems {
            #expect(!problem.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "\(problem)")
            #expect(problem.unicodeScalars.count <= ConfigurationProblem.maximumLength + 20)
        }
    }

    @Test("a file of aliases that grow without end, and one nested without end, are refused")
    func bombs() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(Self.problems(text).contains { $0.contains("is it a configuration?") })
        let nested = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(Self.problems("data: \(nested)").contains { $0.contains("is it a configuration?") })
        #expect(!Self.problems("data: " + String(repeating: "[", count: 100_000)).isEmpty)
        #expect(Self.problems(String(repeating: "# x\n", count: 300_000)).contains { $0.contains("1048576 bytes") })
    }
}
