import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleWeb

@testable import VestibuleCommands

@Suite("What a configuration says")
struct ConfigurationTests {
    private func read(_ text: String, file: String? = "conf/v.yaml") throws -> Configuration {
        try ConfigurationLoader(tools: ConfigurationErrorTests.tools).parse(text, file: file)
    }

    static let everything = """
        listen: { host: 0.0.0.0, port: 9000 }
        endpoint: /a/mcp
        publicURL: https://mcp.example.com/a/mcp
        allowedOrigins: [https://app.example.com]
        allowedHosts: ["mcp.example.com:8443"]
        data: state
        access:
          handshake: challenge
          listing: challenge
          rejectedToken: anonymous
          publicTools: [who*]
          denials: http
          clients:
            - { userAgent: "Cursor/*", name: cursor, handshake: open, listing: open, rejectedToken: reject, denials: inBand }
          rules:
            - tools: [bucket_objects_list]
              require:
                scopes: [files]
                permissions: ["s3:ListBucket"]
                roles: [reader]
                arguments:
                  bucket: { in: claims.buckets }
                  prefix: { in: [a, b], as: text }
        session: { authority: session, idle: 90m, maximum: 7 }
        issuers:
          - { name: own, maximumTokenAge: 5m, leeway: 1s, audience: [a, b], acceptsMissingKeyID: true }
          - name: web
            issuer: web-frontend
            audience: mcp-server
            algorithms: [HS256, HS512, PS384]
            secrets:
              - { kid: k, file: secret.txt, state: active }
              - { kid: k, file: old.txt, state: retired, at: 2026-07-28T14:02:00Z, allowShortSecret: true }
              - { kid: j, file: /abs.txt, state: verifying, until: 2026-07-28T16:02:00+02:00 }
              - { kid: i, file: ../up.txt, state: next, algorithm: HS512 }
            introspection:
              endpoint: https://idp.example.com/introspect
              clientID: mcp
              clientSecretFile: client.txt
              authentication: client_secret_post
              cache: 20s
              tokens: all
              acceptsMissingAudience: true
            tokenType: at+jwt
            requiredClaims: { azp: [a, b], "org.id": present, kind: [present], email_verified: "true" }
            claims:
              subject: email
              scope: scp
              permissions: [a.permissions, "https://example.com/permissions"]
              roles: realm_access.roles
              buckets: app.buckets
              bucketsByRole: { editor: [reports, "team-{org.id}"], "*": ["home-{sub}"] }
          - { issuer: "https://idp.example.com/r", audience: m, algorithms: [ES256, RS256] }
          - { issuer: "https://b.test", audience: m, jwks: "https://keys.b.test/set", allowPrivateNetwork: true }
          - { issuer: c, audience: m, jwksFile: keys.json }
        keys: { jwksLifetime: 2m, overlap: 3m, rotateEvery: 30d, algorithm: EdDSA }
        buckets: { s3: { endpoint: "http://127.0.0.1:9", region: eu-west-1, credentials: environment, addressing: path } }
        web: { frontPage: false }
        signIn:
          tokenLifetime: 2m
          session: { idle: 10m, lifetime: 1h }
          grants:
            - { claims: { groups: staff, "realm_access.roles": "1" }, permissions: ["s3:GetObject"], buckets: [demo-bucket] }
            - { roles: [operator], scope: [mcp] }
          oidc:
            issuer: https://idp.example.com/realms/main
            clientID: vestibule
            clientSecretFile: client.txt
            clientAuthentication: client_secret_post
            scopes: [openid, groups]
            userInfo: true
        limits:
          body: 1MiB
          headerSize: 16KiB
          headerFields: 50
          headTimeout: 1s
          bodyTimeout: 2s
          bodyRate: 512
          idleTimeout: 3s
          streamStall: 4s
          streamKeepAlive: 5s
          connections: 11
          refusedTokensPerMinute: 12
          drain: 4s
          toolTimeout: 5s
        log: { format: json, level: debug }
        upstreams: []
        """

    @Test("every key arrives in the model")
    func everything() throws {
        let configuration = try read(Self.everything)
        #expect(configuration.host == "0.0.0.0" && configuration.port == 9000)
        #expect(configuration.endpoint == "/a/mcp")
        #expect(configuration.publicURL == "https://mcp.example.com/a/mcp")
        #expect(configuration.allowedOrigins == ["https://app.example.com"])
        #expect(configuration.allowedHosts == ["mcp.example.com:8443"])
        #expect(configuration.data == "conf/state")
        #expect(
            configuration.policy
                == AccessPolicy(
                    handshake: .challenge, listing: .challenge, rejectedToken: .anonymous, denials: .http,
                    publicTools: ["who*"],
                    clients: [
                        ClientOverride(
                            userAgent: "Cursor/*", clientName: "cursor", handshake: .open, listing: .open,
                            rejectedToken: .reject, denials: .inBand)
                    ]))
        #expect(
            configuration.rules == [
                Rule(
                    tools: ["bucket_objects_list"], scope: ["files"], permissions: ["s3:ListBucket"],
                    roles: ["reader"],
                    arguments: [
                        ArgumentCondition(argument: "bucket", form: .bucket, allowed: .claim("buckets")),
                        ArgumentCondition(argument: "prefix", form: .text, allowed: .values(["a", "b"])),
                    ])
            ])
        #expect(configuration.session == .init(remembersToken: true, idle: .seconds(5400), maximum: 7))
        #expect(
            configuration.buckets
                == .s3(.init(endpoint: "http://127.0.0.1:9", region: "eu-west-1", addressing: .path)))
        #expect(
            configuration.limits
                == .init(
                    body: 1 << 20, headerSize: 16 << 10, headerFields: 50, headTimeout: .seconds(1),
                    bodyTimeout: .seconds(2), bodyRate: 512, idleTimeout: .seconds(3),
                    streamStall: .seconds(4), streamKeepAlive: .seconds(5), connections: 11,
                    refusedTokensPerMinute: 12, drain: .seconds(4), toolTimeout: .seconds(5)))
        #expect(configuration.logFormat == .json && configuration.logLevel == "debug")
    }

    @Test("who may sign in arrives with the grants and the provider")
    func signIn() throws {
        let configuration = try read(Self.everything)
        let signIn = configuration.signIn
        #expect(!configuration.web.frontPage)
        #expect(signIn.tokenLifetime == .seconds(120))
        #expect(signIn.idle == .seconds(600) && signIn.lifetime == .seconds(3600))
        #expect(
            signIn.grants == [
                GrantRule(
                    claims: ["groups": "staff", "realm_access.roles": "1"],
                    grant: Grant(permissions: ["s3:GetObject"], buckets: ["demo-bucket"])),
                GrantRule(claims: [:], grant: Grant(roles: ["operator"], scope: ["mcp"])),
            ])
        let oidc = try #require(signIn.oidc)
        #expect(oidc.issuer == "https://idp.example.com/realms/main" && oidc.clientID == "vestibule")
        #expect(oidc.clientSecretFile == "conf/client.txt" && oidc.scopes == ["openid", "groups"])
        #expect(oidc.clientAuthentication == .post && oidc.userInfo)
        #expect(!configuration.offersDevelopmentSignIn)
    }

    @Test(
        "anybody may sign in under any name on the embedded default on loopback, and nowhere else",
        arguments: [
            ("127.0.0.1", nil, true), ("localhost", nil, true), ("::1", nil, true), ("0.0.0.0", nil, false),
            ("192.0.2.1", nil, false), ("mcp.example.com", nil, false), ("127.0.0.1", "v.yaml", false),
            ("127.0.0.2", nil, true), ("127.example.com", nil, false),
        ] as [(String, String?, Bool)])
    func developmentSignIn(host: String, file: String?, isOffered: Bool) {
        var configuration = ConfigurationLoader.defaults
        configuration.host = host
        configuration.file = file
        #expect(configuration.offersDevelopmentSignIn == isOffered)
    }

    @Test("issuers arrive with where their published keys are")
    func publishedKeys() throws {
        let keys = try read(Self.everything).issuers
            .compactMap { issuer in
                if case .published(let keys) = issuer.keys { keys } else { nil }
            }
        #expect(keys.map(\.source) == [.discovery, .url("https://keys.b.test/set"), .file("conf/keys.json")])
        #expect(keys.map(\.allowsPrivateNetwork) == [false, true, false])
    }

    @Test("issuers arrive with their secrets, paths counted from the file")
    func issuers() throws {
        let issuers = try read(Self.everything).issuers
        #expect(issuers.map(\.name) == ["own", "web", "https://idp.example.com/r", "https://b.test", "c"])
        #expect(issuers[0].issuer == nil && issuers[0].audiences == ["a", "b"])
        #expect(issuers[0].maximumTokenAge == .seconds(300) && issuers[0].leeway == .seconds(1))
        #expect(issuers[0].acceptsMissingKeyID && !issuers[1].acceptsMissingKeyID)
        #expect(issuers[1].issuer == "web-frontend" && issuers[1].audiences == ["mcp-server"])
        #expect(issuers[1].algorithms == [.hs256, .hs512, .ps384] && issuers[1].leeway == .seconds(5))
        guard case .secrets(let secrets) = issuers[1].keys else {
            Issue.record("the issuer has no secrets")
            return
        }
        #expect(secrets.map(\.keyID) == ["k", "k", "j", "i"])
        #expect(secrets.map(\.file) == ["conf/secret.txt", "conf/old.txt", "/abs.txt", "conf/../up.txt"])
        let date = NumericDate(1_785_247_320)
        #expect(secrets.map(\.state) == [.active, .retired(at: date), .verifying(until: date), .next])
        #expect(secrets.map(\.algorithm) == [.hs256, .hs256, .hs256, .hs512])
        #expect(secrets.map(\.allowsShortSecret) == [false, true, false, false])
    }

    @Test("what an issuer's claims mean arrives with it, and is Vestibule's own names where nothing is said")
    func claims() throws {
        let issuers = try read(Self.everything).issuers
        #expect(issuers[0].claims == .standard && issuers[0].requiredClaims.isEmpty && issuers[0].tokenType == nil)
        #expect(issuers[1].tokenType == .accessToken)
        #expect(
            issuers[1].requiredClaims == [
                ClaimRequirement("azp", .oneOf(["a", "b"])), ClaimRequirement("org.id", .present),
                ClaimRequirement("kind", .oneOf(["present"])), ClaimRequirement("email_verified", .oneOf(["true"])),
            ])
        #expect(
            issuers[1].claims
                == ClaimMapping(
                    subject: "email", scope: ["scp"],
                    permissions: ["a.permissions", "https://example.com/permissions"], roles: ["realm_access.roles"],
                    buckets: ["app.buckets"],
                    bucketsByRole: [
                        .init(
                            role: "editor", buckets: try ["reports", "team-{org.id}"].map { try BucketTemplate($0) }),
                        .init(role: "*", buckets: [try BucketTemplate("home-{sub}")]),
                    ]))
    }

    @Test("how an issuer is asked about tokens arrives with it")
    func introspection() throws {
        let issuers = try read(Self.everything).issuers
        #expect(issuers[0].introspection == nil)
        let asked = try #require(issuers[1].introspection)
        #expect(asked.endpoint == "https://idp.example.com/introspect" && asked.clientID == "mcp")
        #expect(asked.clientSecretFile == "conf/client.txt" && asked.authentication == .post)
        #expect(asked.cache == .seconds(20) && asked.scope == .all && asked.acceptsMissingAudience)
        let few =
            "issuers: [{ issuer: i, audience: a, secrets: [{ kid: k, file: f }], introspection: "
            + "{ endpoint: \"http://127.0.0.1:1/i\", clientID: c, clientSecretFile: s } }]"
        let usual = try #require(try read(few).issuers[0].introspection)
        #expect(usual.cache == .seconds(30) && usual.scope == .opaque && !usual.acceptsMissingAudience)
        #expect(usual.authentication == .basic)
    }

    @Test("where roles open buckets, a claim counts only if the configuration names it")
    func bucketsByRole() throws {
        let byRole = "bucketsByRole: { a: [b] }"
        let mapping = { (claims: String) in
            try read("issuers: [{ name: own, claims: { \(claims) } }]").issuers[0].claims
        }
        #expect(try mapping("roles: r").buckets == ["buckets"])
        #expect(try mapping(byRole).buckets.isEmpty)
        #expect(try mapping(byRole + ", buckets: buckets").buckets == ["buckets"])
    }

    @Test("how the own keys rotate")
    func keys() throws {
        let keys = try read(Self.everything).keys
        #expect(keys.jwksLifetime == .seconds(120) && keys.overlap == .seconds(180))
        #expect(keys.rotateEvery == .seconds(30 * 86_400) && keys.algorithm == .edDSA)
        let defaults = try read("").keys
        #expect(defaults.jwksLifetime == .seconds(300) && defaults.overlap == .seconds(600))
        #expect(defaults.rotateEvery == nil && defaults.algorithm == nil)
    }

    @Test("the text above names every key of the table")
    func nothingForgotten() {
        for path in SettingsTable.allPaths where path != "listen.tls" && path != "buckets.folder" {
            let name = path.split(separator: ".").last.map(String.init) ?? path
            #expect(Self.everything.contains("\(name):"), "\(path) is not in the test's text")
        }
    }

    /// requirement: B-05
    @Test("a file of comments, an empty file and no file are all the defaults", arguments: ["", "# nothing\n", "~"])
    func defaults(text: String) throws {
        let configuration = try read(text)
        #expect(configuration.host == "127.0.0.1" && configuration.port == 8080)
        #expect(configuration.endpoint == "/mcp" && configuration.publicURL == nil)
        #expect(configuration.policy == AccessPolicy() && configuration.rules == nil)
        #expect(configuration.session == .init(remembersToken: false, idle: .seconds(3600), maximum: 10_000))
        #expect(configuration.issuers.map(\.name) == ["own"] && configuration.buckets == .sample)
        #expect(configuration.limits.body == 4 << 20 && configuration.limits.headerSize == 32 << 10)
        #expect(configuration.limits.drain == .seconds(10) && configuration.limits.connections == 10_000)
        #expect(configuration.logFormat == .text && configuration.logLevel == "info")
        #expect(configuration.web.frontPage && configuration.signIn.oidc == nil)
        #expect(configuration.signIn.tokenLifetime == .seconds(300) && configuration.signIn.grants.isEmpty)
        #expect(configuration.signIn.idle == .seconds(28_800) && configuration.signIn.lifetime == .seconds(86_400))
        #expect(configuration.warnings.isEmpty)
    }

    @Test("what `config print` writes is read back as the same configuration")
    func printed() throws {
        let printed = SettingsPrinter.yaml(try read(Self.everything, file: nil).settings)
        let again = try read(printed, file: nil)
        #expect(SettingsPrinter.yaml(again.settings) == printed)
        #expect(SettingsPrinter.yaml(ConfigurationLoader.defaults.settings).contains("port: 8080"))
        let odd = "access: { publicTools: [\"true\", \"5\", \"a: b\", \"*x\", \"#\", \"é\", \"no\"] }"
            .replacing("a: b", with: "a:b")
        let oddSettings = try read(odd).settings
        let oddAgain = try read(SettingsPrinter.yaml(oddSettings))
        #expect(oddAgain.policy.publicTools.map(\.pattern) == ["true", "5", "a:b", "*x", "#", "é", "no"])
    }

    @Test("choices that weaken the server warn with their line")
    func warnings() throws {
        let configuration = try read("session: { authority: session }\naccess: { publicTools: [docs_*, whoam] }")
        let lines = configuration.warnings.map { $0.line(file: "v.yaml") }
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("v.yaml:1:23: warning: session.authority: whoever knows a session's id"))
        #expect(lines[1].hasPrefix("v.yaml:2:25: warning: access.publicTools: no tool matches `docs_*`"))
        #expect(lines[2].hasSuffix("no tool matches `whoam`; did you mean `whoami`?"))
    }

    @Test("a cookie that browsers would not keep is warned of")
    func insecureSignIn() throws {
        let oidc = "signIn: { oidc: { issuer: \"https://idp.example.com\", clientID: a } }"
        let warned = try read("publicURL: http://mcp.example.com/mcp\n" + oidc).warnings
        #expect(
            warned.map(\.message) == [
                "signIn.oidc: browsers keep the session's cookie only where publicURL is https://; nobody stays signed in "
                    + "at http://mcp.example.com"
            ])
        #expect(try read("publicURL: http://127.0.0.1:8080/mcp\n" + oidc).warnings.isEmpty)
        #expect(try read("publicURL: https://mcp.example.com/mcp\n" + oidc).warnings.isEmpty)
    }

    @Test("the schema has every key, and each is described")
    func schema() throws {
        func check(_ settings: [Setting], _ schema: JSONObject, path: String) throws {
            let properties = try #require(schema["properties"]?.object)
            #expect(properties.names == settings.map(\.name))
            #expect(schema["additionalProperties"] == false)
            for setting in settings {
                let property = try #require(properties[setting.name]?.object)
                #expect(property["description"]?.string?.isEmpty == false, "\(path).\(setting.name)")
                switch setting.shape {
                case .section(let inner): try check(inner, property, path: "\(path).\(setting.name)")
                case .list(.section(let inner), _):
                    try check(inner, try #require(property["items"]?.object), path: "\(path).\(setting.name)[]")
                default: break
                }
            }
        }
        try check(SettingsTable.root, SettingsTable.schema, path: "")
    }

    @Test("a configuration like the one in the documentation is accepted with the real tools")
    func documented() throws {
        let configuration = try ConfigurationLoader(tools: ToolCatalogue.all)
            .parse(
                """
                listen: { host: 127.0.0.1, port: 8080 }       # a comment
                endpoint: /mcp
                publicURL: https://mcp.example.com/mcp
                allowedOrigins: [https://app.example.com]
                data: ./vestibule-data
                access:
                  handshake: open
                  publicTools: [whoami]
                  clients:
                    - { userAgent: "Cursor/*", handshake: challenge }
                  rules:
                    - tools: [bucket_objects_list]
                      require: { permissions: ["s3:ListBucket"], arguments: { bucket: { in: claims.buckets } } }
                    - tools: ["bucket_object_*"]
                      require: { arguments: { s3_uri: { in: claims.buckets, as: bucket } } }
                session: { authority: request, idle: 1h, maximum: 10000 }
                issuers:
                  - name: own
                    maximumTokenAge: 5m
                  - issuer: web-frontend
                    audience: mcp-server
                    secrets: [{ kid: frontend-enhanced, file: secret.txt, state: active }]
                buckets: { folder: ./buckets }
                upstreams: []
                """, file: "/etc/vestibule.yaml")
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.buckets == .folder(path: "/etc/buckets"))
        #expect(configuration.rules?.count == 2 && configuration.rules?.last?.arguments.first?.form == .bucket)
    }

    @Test(
        "durations and sizes are read as people write them",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("1h30m", .seconds(5400)), ("7d", .seconds(604_800)), ("0s", .zero), ("90m", .seconds(5400)),
            ("", nil), ("5", nil), ("5 m", nil), ("m", nil), ("-5m", nil), ("1.5h", nil), ("5M", nil), ("٥m", nil),
            ("999999999d", Duration.seconds(86_399_999_913_600)),
        ] as [(String, Duration?)])
    func duration(text: String, expected: Duration?) {
        #expect(DurationText.parse(text) == expected)
        if let expected { #expect(DurationText.parse(DurationText.format(expected)) == expected) }
    }

    @Test(
        "sizes",
        arguments: [
            ("0", 0), ("512", 512), ("512B", 512), ("32KiB", 32_768), ("4MiB", 4 << 20), ("1GB", 1_000_000_000),
            ("1kB", 1000), ("", nil), ("4 MiB", nil), ("MiB", nil), ("-1", nil), ("4mib", nil), ("9999999999999", nil),
        ] as [(String, Int?)])
    func size(text: String, expected: Int?) {
        #expect(SizeText.parse(text) == expected)
        if let expected { #expect(SizeText.parse(SizeText.format(expected)) == expected) }
    }
}
