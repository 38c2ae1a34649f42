internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleWeb

/// Every key that a configuration file may hold. This is the only list of them.
enum SettingsTable {
    static let root: [Setting] = [
        Setting("listen", .section(listen), absent: .section, "Where the server listens."),
        Setting(
            "endpoint", .text(.endpointPath), default: .text("/mcp"),
            "The path of the MCP endpoint. `/mcp/` and any query are the same endpoint."),
        Setting(
            "publicURL", .text(.url),
            "The endpoint's URL as clients know it: the resource identifier (RFC 9728) and the audience expected in "
                + "tokens. Without it, the URL of the listening address."),
        Setting(
            "allowedOrigins", .list(of: .text(.origin)), default: .emptyList,
            "Web origins whose pages may call. Loopback origins are allowed when listening on loopback."),
        Setting(
            "allowedHosts", .list(of: .text(.hostHeader)), default: .emptyList,
            "Values of `Host` that are accepted besides the listening address and publicURL."),
        Setting(
            "data", .text(.path), default: .text("./vestibule-data"),
            "The data directory: key ring and sample buckets. `--data` and VESTIBULE_DATA come before it."),
        Setting("access", .section(access), absent: .section, "Who is admitted to what."),
        Setting("session", .section(session), absent: .section, "Sessions of the legacy era."),
        Setting(
            "issuers", .list(of: .section(issuer), atLeast: 1),
            "Whose tokens are accepted. Without it, those of the data directory's own key ring."),
        Setting(
            "keys", .section(keys), absent: .section,
            "How the data directory's own keys are published and rotated."),
        Setting(
            "buckets", .section(buckets),
            "Where the bucket tools find their buckets. Without it, sample buckets in the data directory."),
        Setting("web", .section(web), absent: .section, "What browsers see besides the endpoint."),
        Setting("signIn", .section(signIn), absent: .section, "Signing in with a browser, and the tokens it gets."),
        Setting("limits", .section(limits), absent: .section, "Bounds; each is inclusive."),
        Setting("log", .section(log), absent: .section, "The log on standard error, one line a request."),
        Setting("upstreams", .later("upstreams come in a later version; leave the list empty"), "Comes later."),
    ]

    // MARK: listen

    static let listen: [Setting] = [
        Setting("host", .text(.host), default: .text("127.0.0.1"), "The address to listen on."),
        Setting("port", .integer(0...65_535), default: .integer(8080), "The port; 0 takes any free one."),
        Setting(
            "tls", .later("TLS of its own comes in a later version; put a TLS proxy in front until then"),
            "Comes later."),
    ]

    // MARK: access

    private static let openness = SettingShape.choice(AccessPolicy.Openness.allCases.map(\.rawValue))
    private static let rejectedToken = SettingShape.choice(AccessPolicy.RejectedToken.allCases.map(\.rawValue))
    private static let denials = SettingShape.choice(AccessPolicy.Denials.allCases.map(\.rawValue))

    static let access: [Setting] = [
        Setting(
            "handshake", openness, default: .text("open"),
            "Whether a handshake without a token is admitted, or answered with a challenge."),
        Setting(
            "listing", openness, default: .text("open"),
            "Whether a listing without a token is admitted, or answered with a challenge."),
        Setting(
            "rejectedToken", rejectedToken, default: .text("reject"),
            "Whether a bad token is refused where none was needed, or served as anonymous."),
        Setting(
            "publicTools", .list(of: .text(.glob)), default: .emptyList, "Tools that anybody may call, by pattern."),
        Setting(
            "denials", denials, default: .text("inBand"),
            "How a verified principal learns of a refusal that no new token could change: as a tool result with "
                + "`isError: true`, or as HTTP 403."),
        Setting(
            "clients", .list(of: .section(client)), default: .emptyList,
            "Exceptions by kind of client; the first that matches wins."),
        Setting(
            "rules", .list(of: .section(rule)),
            "What tools need. With any rule, an unlisted tool is forbidden; with an empty list, every verified "
                + "principal may call every tool. Without it, the rules that come with the bucket tools."),
    ]

    static let client: [Setting] = [
        Setting("userAgent", .text(.clientGlob), "Matches the `User-Agent` header."),
        Setting("name", .text(.clientGlob), "Matches `clientInfo.name`."),
        Setting("handshake", openness, "As `access.handshake`, for these clients."),
        Setting("listing", openness, "As `access.listing`, for these clients."),
        Setting("rejectedToken", rejectedToken, "As `access.rejectedToken`, for these clients."),
        Setting("denials", denials, "As `access.denials`, for these clients."),
    ]

    static let rule: [Setting] = [
        Setting(
            "tools", .list(of: .text(.glob), atLeast: 1), absent: .refused,
            "The tools that the rule is about, by pattern."),
        Setting("require", .section(requirement), absent: .section, "What a principal needs to call them."),
    ]

    static let requirement: [Setting] = [
        Setting(
            "scopes", .list(of: .text(.scope)), default: .emptyList,
            "OAuth scopes; a missing one is `scope_insufficient`."),
        Setting(
            "permissions", .list(of: .text(.any)), default: .emptyList,
            "Permissions; a missing one is `tool_forbidden`."),
        Setting("roles", .list(of: .text(.any)), default: .emptyList, "Roles; a missing one is `tool_forbidden`."),
        Setting(
            "arguments", .mapping(of: .section(argument)), default: .section(SettingSection()),
            "What arguments have to be, by the argument's name; anything else is `argument_forbidden`."),
    ]

    static let argument: [Setting] = [
        Setting(
            "in", .textOrList(.claimPath, listOf: .any), absent: .refused,
            "The values allowed: those of a claim of the token, or the ones listed."),
        Setting(
            "as", .choice(ArgumentCondition.Form.allCases.map(\.rawValue)),
            "How the argument is read before it is judged: as the text it is, or as the bucket that a name or an S3 "
                + "URI means. `bucket` for arguments named `bucket` or `s3_uri`, else `text`."),
    ]

    // MARK: session

    static let session: [Setting] = [
        Setting(
            "authority", .choice(["request", "session"]), default: .text("request"),
            "Whether identity travels with each request, or a session remembers its token until that expires (for old "
                + "front ends; warns at start)."),
        Setting(
            "idle", .duration(.seconds(1) ... .seconds(30 * 86_400)), default: .duration(.seconds(3600)),
            "How long a session may be idle."),
        Setting(
            "maximum", .integer(1...1_000_000), default: .integer(10_000),
            "How many sessions may be open; then the one idle longest goes, unbound ones first."),
    ]

    // MARK: issuers

    static let issuer: [Setting] = [
        Setting(
            "name", .text(.any),
            "`own` is the key ring in the data directory; any other name is for messages."),
        Setting(
            "issuer", .text(.any),
            "The expected `iss`. For `own`, the origin of publicURL unless set. An https URL with none of `jwks`, "
                + "`jwksFile` and `secrets` has its keys where its OpenID Connect or RFC 8414 description says."),
        Setting(
            "audience", .textOrList(.any, listOf: .any),
            "The expected `aud`, or several of which one is enough. Without it, publicURL."),
        Setting(
            "algorithms",
            .list(of: .choice(SignatureAlgorithm.allCases.map(\.rawValue)), atLeast: 1),
            "The signature algorithms accepted. Without it, those of the keys."),
        Setting(
            "maximumTokenAge", .duration(.seconds(1) ... .seconds(3650 * 86_400)),
            "How old a token may be by its `iat`, whatever its `exp`. Without it, `exp` alone decides."),
        Setting(
            "leeway", .duration(.zero ... .seconds(300)), default: .duration(.seconds(5)),
            "How far clocks may disagree."),
        Setting(
            "acceptsMissingKeyID", .boolean, default: .boolean(false),
            "Whether a token without `kid` is tried with the issuer's only key."),
        Setting("jwks", .text(.url), "The URL of the issuer's key set, where it is not to be discovered."),
        Setting(
            "jwksFile", .text(.path),
            "A file with the issuer's key set; a change is noticed within 100 ms. Only its owner may write it."),
        Setting(
            "allowPrivateNetwork", .boolean, default: .boolean(false),
            "Whether the issuer may be asked for its keys at an address in a private network (RFC 1918, RFC 4193, "
                + "RFC 6598)."),
        Setting(
            "secrets", .list(of: .section(secret), atLeast: 1),
            "HMAC secrets shared with the issuer, each in a file of its own."),
        Setting(
            "tokenType", .choice(TokenType.allCases.map(\.rawValue)),
            "The `typ` that tokens need, with the claims that RFC 9068 makes due. Without it, `JWT` and none are good "
                + "enough, too."),
        Setting(
            "requiredClaims", .mapping(of: .textOrList(.any, listOf: .any)), default: .section(SettingSection()),
            "Claims that tokens need, by their path: a text, one of a list of texts, or `present` for any. The claim is "
                + "that text, or a list with it; `[present]` is the word itself."),
        Setting(
            "claims", .section(claims), absent: .section,
            "Which claims say who somebody is and what they may. A dot leads into an object, unless a claim of the "
                + "longer name is there; a path that a token lacks grants nothing."),
        Setting(
            "introspection", .section(introspection),
            "How the issuer is asked about tokens that are no JWT (RFC 7662). One issuer may have it."),
    ]

    static let introspection: [Setting] = [
        Setting(
            "endpoint", .text(.url), "Where to ask; `http` only on loopback. Without it, what the issuer publishes."),
        Setting("clientID", .text(.any), absent: .refused, "The client that is registered there for this server."),
        Setting(
            "clientSecretFile", .text(.path), absent: .refused,
            "The file that holds the client's secret, readable by its owner only."),
        Setting(
            "authentication", .choice([ClientAuthentication.basic, .post].map(\.rawValue)),
            default: .text(ClientAuthentication.basic.rawValue), "How the secret is shown to the issuer."),
        Setting(
            "cache", .duration(.zero ... .seconds(300)), default: .duration(.seconds(30)),
            "How long a good answer counts, and so how long a revoked token may be accepted. Bad ones count for five "
                + "seconds at most."),
        Setting(
            "tokens", .choice(TokenIntrospection.Scope.allCases.map(\.rawValue)), default: .text("opaque"),
            "Which tokens it is asked about: those that are no JWT, or the issuer's JWTs as well, which are then not "
                + "verified by its keys."),
        Setting(
            "acceptsMissingAudience", .boolean, default: .boolean(false),
            "Whether a token is accepted of which the issuer does not say for whom it is."),
    ]

    private static let claimPaths = SettingShape.textOrList(.claimName, listOf: .claimName)

    private static func standard(_ paths: [ClaimPath]) -> SettingValue {
        paths.count == 1 ? .text(paths[0].text) : .list(paths.map { PlacedValue(value: .text($0.text), place: .start) })
    }

    static let claims: [Setting] = [
        Setting(
            "subject", .text(.claimName), default: .text(ClaimMapping.standard.subject.text), "Who somebody is."),
        Setting(
            "scope", claimPaths, default: standard(ClaimMapping.standard.scope),
            "OAuth scopes: a text with spaces, or a list. Of several claims each counts; so for the others."),
        Setting("permissions", claimPaths, default: standard(ClaimMapping.standard.permissions), "Permissions."),
        Setting("roles", claimPaths, default: standard(ClaimMapping.standard.roles), "Roles."),
        Setting(
            "buckets", claimPaths,
            "Buckets, by name or S3 URI. Without it `buckets`, or none where `bucketsByRole` says which."),
        Setting(
            "bucketsByRole", .mapping(of: .list(of: .text(.any), atLeast: 1)), default: .section(SettingSection()),
            "Buckets by role; `\"*\"` is for everybody of this issuer. `{sub}` and `{some.claim}` stand for the "
                + "principal's own: lower-case letters, digits and `-_.`, or no bucket."),
    ]

    static let secret: [Setting] = [
        Setting("kid", .text(.any), absent: .refused, "The key's id."),
        Setting(
            "file", .text(.path), absent: .refused,
            "The file whose bytes are the secret, readable by its owner only; white space around it warns."),
        Setting(
            "algorithm", .choice(HMACAlgorithm.allCases.map(\.rawValue)), default: .text("HS256"),
            "What the secret is for; no other algorithm is tried with it."),
        Setting(
            "state", .choice(["next", "active", "verifying", "retired"]), default: .text("active"),
            "Whether the key signs, verifies, or is kept to recognise what it signed."),
        Setting("until", .date, "Until when a `verifying` key verifies."),
        Setting("at", .date, "When a `retired` key was retired."),
        Setting(
            "allowShortSecret", .boolean, default: .boolean(false),
            "Accepts a secret shorter than its algorithm's hash: 32, 48 or 64 bytes."),
    ]

    // MARK: keys

    static let keys: [Setting] = [
        Setting(
            "jwksLifetime", .duration(.zero ... .seconds(7 * 86_400)), default: .duration(KeyRing.defaultLifetime),
            "How long readers of `/.well-known/jwks.json` may go by it (its `max-age`), and so how long a new key is "
                + "published before it signs."),
        Setting(
            "overlap", .duration(.zero ... .seconds(3650 * 86_400)), default: .duration(.seconds(600)),
            "How long a key goes on verifying after a rotation, unless `keys rotate --overlap` says otherwise."),
        Setting(
            "rotateEvery", .duration(.seconds(60) ... .seconds(3650 * 86_400)),
            "How long a key signs until a running server rotates to another by itself. Without it, none does."),
        Setting(
            "algorithm", .choice(SigningAlgorithm.allCases.map(\.rawValue)),
            "What the keys are for that it makes. Without it, what the active key is for."),
    ]

    // MARK: buckets

    static let buckets: [Setting] = [
        Setting("folder", .text(.path), "A folder whose folders are the buckets."),
        Setting("s3", .section(s3), "An S3 service."),
    ]

    static let s3: [Setting] = [
        Setting("endpoint", .text(.url), "The service's URL. Without it, AWS in the region."),
        Setting("region", .text(.any), default: .text("us-east-1"), "The region that requests are signed for."),
        Setting(
            "credentials", .choice(["environment"]), default: .text("environment"),
            "Where the credentials come from: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN."),
        Setting(
            "addressing", .choice(["path", "virtualHost"]),
            "Whether the bucket stands in the path or in the host name. Without it, `path` with an endpoint, else "
                + "`virtualHost`."),
    ]

    // MARK: web, signIn

    static let web: [Setting] = [
        Setting(
            "frontPage", .boolean, default: .boolean(true),
            "Whether `/` is a page on which to try the server. The modules in `/web/` are there in any case.")
    ]

    private static let stay = SettingShape.duration(.seconds(60) ... .seconds(30 * 86_400))

    static let signIn: [Setting] = [
        Setting(
            "tokenLifetime", .duration(.seconds(10) ... .seconds(3600)), default: .duration(.seconds(300)),
            "How long a token is valid that a signed-in page fetches from `/auth/token`."),
        Setting("session", .section(browserSession), absent: .section, "How long a browser stays signed in."),
        Setting(
            "grants", .list(of: .section(grant)), default: .emptyList,
            "Which rights a person's tokens carry, by the claims of the identity provider. All entries that match "
                + "count together; who matches none may not sign in."),
        Setting(
            "oidc", .section(oidc),
            "Sign-in by an OpenID Connect provider. Without it nobody can sign in, but on the embedded default on "
                + "loopback, where a development form lets anybody in."),
    ]

    static let browserSession: [Setting] = [
        Setting("idle", stay, default: .duration(.seconds(8 * 3600)), "How long without a request."),
        Setting("lifetime", stay, default: .duration(.seconds(24 * 3600)), "How long at most."),
    ]

    static let grant: [Setting] = [
        Setting(
            "claims", .mapping(of: .text(.any)), default: .section(SettingSection()),
            "Claims that all have to hold: the claim is that text, or a list with that text in it. A dot leads into an "
                + "object: `realm_access.roles`. Without any, the entry is for everybody who signs in."),
        Setting("permissions", .list(of: .text(.any)), default: .emptyList, "Permissions, as `access.rules` ask."),
        Setting("buckets", .list(of: .text(.bucket)), default: .emptyList, "Buckets, by their names."),
        Setting("roles", .list(of: .text(.any)), default: .emptyList, "Roles; `operator` opens the page `/operate`."),
        Setting("scope", .list(of: .text(.scope)), default: .emptyList, "OAuth scopes."),
    ]

    static let oidc: [Setting] = [
        Setting("issuer", .text(.url), absent: .refused, "The provider's issuer URL; `http` only on loopback."),
        Setting("clientID", .text(.any), absent: .refused, "The client that is registered there for this server."),
        Setting(
            "clientSecretFile", .text(.path),
            "The file that holds the client's secret, readable by its owner only. Without it, a public client."),
        Setting(
            "clientAuthentication", .choice([ClientAuthentication.basic, .post].map(\.rawValue)),
            "How the secret is shown to the provider. Without it, as the provider supports, the first before the "
                + "second."),
        Setting(
            "scopes", .list(of: .text(.scope), atLeast: 1),
            default: .list(["openid", "profile"].map { PlacedValue(value: .text($0), place: .start) }),
            "What to ask the provider for; `openid` has to be among it."),
        Setting(
            "userInfo", .boolean, default: .boolean(false),
            "Whether to ask the provider's userinfo endpoint for claims that the ID token leaves out, such as groups."),
    ]

    // MARK: limits

    private static let timeout = SettingShape.duration(.milliseconds(1) ... .seconds(3600))

    static let limits: [Setting] = [
        Setting(
            "body", .size(1024...1 << 30), default: .size(4 << 20), "The largest request body; beyond it 413."),
        Setting(
            "headerSize", .size(1024...1 << 20), default: .size(32 << 10),
            "The largest header section; beyond it 431."),
        Setting("headerFields", .integer(10...10_000), default: .integer(100), "Header fields; beyond it 431."),
        Setting("headTimeout", timeout, default: .duration(.seconds(10)), "How long a request's head may take."),
        Setting("bodyTimeout", timeout, default: .duration(.seconds(30)), "How long a request's body may take."),
        Setting(
            "bodyRate", .size(0...1 << 30), default: .size(1024),
            "Bytes a second at which a body may take longer than bodyTimeout."),
        Setting("idleTimeout", timeout, default: .duration(.seconds(60)), "How long a connection may be idle."),
        Setting(
            "streamStall", timeout, default: .duration(.seconds(30)),
            "How long the reader of a stream may take nothing of what is ready for it, before its stream is closed."),
        Setting(
            "streamKeepAlive", timeout, default: .duration(.seconds(15)),
            "Silence after which a stream has a comment, so that proxies keep it open."),
        Setting("connections", .integer(1...1_000_000), default: .integer(10_000), "Open connections."),
        Setting(
            "refusedTokensPerMinute", .integer(1...1_000_000), default: .integer(60),
            "Refused tokens a minute from one address; then 429 for refused tokens only."),
        Setting(
            "drain", .duration(.zero ... .seconds(3600)), default: .duration(.seconds(10)),
            "How long running calls may take to finish at shutdown."),
        Setting(
            "toolTimeout", .duration(.milliseconds(1) ... .seconds(86_400)), default: .duration(.seconds(60)),
            "How long one call of a tool may run."),
    ]

    // MARK: log

    static let log: [Setting] = [
        Setting(
            "format", .choice(["text", "json"]), default: .text("text"),
            "Lines for people, or one JSON object a line."),
        Setting(
            "level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            default: .text("info"), "The least severe level that is written."),
    ]

    // MARK: Looking up

    /// The paths of all keys of that name, such as `listen.port`.
    static func paths(of name: String) -> [String] {
        allPaths.filter { $0.split(separator: ".").last.map { String($0).hasSameBytes(as: name) } ?? false }
    }

    /// Every key, sections included, as a path; `[]` marks the entries of a list.
    static let allPaths: [String] = root.flatMap { $0.paths(under: "") }
}

extension Setting {
    fileprivate func paths(under parent: String) -> [String] {
        let path = parent.isEmpty ? name : "\(parent).\(name)"
        return [path] + shape.children(of: path).flatMap { $0.setting.paths(under: $0.parent) }
    }
}

extension SettingShape {
    /// The settings within, each with the path that leads to it.
    func children(of path: String) -> [(setting: Setting, parent: String)] {
        switch self {
        case .section(let settings): settings.map { ($0, path) }
        case .list(let element, _): element.children(of: "\(path)[]")
        case .mapping(let element): element.children(of: "\(path).NAME")
        default: []
        }
    }
}
