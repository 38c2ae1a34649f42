internal import VestibuleProtocol
internal import VestibuleServer
internal import VestibuleWeb

extension ConfigurationBuilder {
    /// Who may sign in, and what for. What could never have an effect is refused.
    mutating func signIn(_ root: Settings) -> Configuration.SignIn {
        let settings = root.section("signIn")
        let session = settings.section("session")
        let signIn = Configuration.SignIn(
            tokenLifetime: settings.duration("tokenLifetime") ?? .seconds(300),
            idle: session.duration("idle") ?? .zero, lifetime: session.duration("lifetime") ?? .zero,
            grants: grants(settings), oidc: oidc(settings, root: root))
        if signIn.lifetime < signIn.idle, let entry = session.entry("lifetime"), !entry.isDefault {
            report(
                entry.value.place,
                "signIn.session.lifetime is shorter than signIn.session.idle, which then never counts; make `idle` "
                    + "the shorter one")
        }
        return signIn
    }

    private mutating func grants(_ signIn: Settings) -> [GrantRule] {
        if let entry = signIn.entry("grants"), !signIn.sections("grants").isEmpty, signIn.entry("oidc") == nil {
            report(entry.place, "signIn.grants: without `signIn.oidc` nobody has claims, so no entry can match")
        }
        return signIn.sections("grants").enumerated()
            .map { index, settings in
                let grant = Grant(
                    permissions: settings.texts("permissions"), buckets: settings.texts("buckets"),
                    roles: settings.texts("roles"), scope: settings.texts("scope"))
                if grant == Grant() {
                    report(
                        settings.place,
                        "signIn.grants[\(index)] grants nothing; expected `permissions`, `buckets`, `roles` or `scope`")
                }
                let claims = settings.section("claims")
                return GrantRule(
                    claims: Dictionary(
                        claims.entries.map { ($0.name, claims.text($0.name) ?? "") },
                        uniquingKeysWith: { first, _ in first }),
                    grant: grant)
            }
    }

    private mutating func oidc(_ signIn: Settings, root: Settings) -> Configuration.OIDC? {
        guard let entry = signIn.entry("oidc") else { return nil }
        let settings = signIn.section("oidc")
        guard let issuer = settings.text("issuer"), let clientID = settings.text("clientID") else { return nil }
        if let url = HTTPURL(issuer), url.scheme == "http", !url.isLoopback {
            report(
                settings.entry("issuer")?.value.place ?? settings.place,
                "signIn.oidc.issuer: expected https://, because whoever is between could sign in as anybody; http:// "
                    + "is for loopback only")
        }
        if !settings.texts("scopes").contains("openid") {
            report(
                settings.entry("scopes")?.value.place ?? settings.place,
                "signIn.oidc.scopes: `openid` is missing; without it a provider does not say who signs in")
        }
        if root.entry("issuers") != nil, !root.sections("issuers").contains(where: { $0.text("name") == "own" }) {
            report(
                entry.place,
                "signIn.oidc: the tokens of those who sign in are signed with the data directory's keys, which "
                    + "`issuers` does not accept; add `- name: own` there")
        }
        if let publicURL = root.text("publicURL").flatMap({ HTTPURL($0) }), publicURL.scheme == "http",
            !publicURL.isLoopback
        {
            warn(
                entry.place,
                "signIn.oidc: browsers keep the session's cookie only where publicURL is https://; nobody stays "
                    + "signed in at \(publicURL.origin)")
        }
        return Configuration.OIDC(
            issuer: issuer, clientID: clientID, clientSecretFile: settings.text("clientSecretFile").map { resolve($0) },
            clientAuthentication: settings.text("clientAuthentication").flatMap(ClientAuthentication.init),
            userInfo: settings.boolean("userInfo"),
            scopes: settings.texts("scopes"),
            place: settings.entry("clientSecretFile")?.value.place ?? settings.place)
    }
}

extension HTTPURL {
    /// Whether the URL is one of this machine's own.
    var isLoopback: Bool { SitePolicy.isLoopback(host: SitePolicy.splitPort(of: authority).host) }
}
