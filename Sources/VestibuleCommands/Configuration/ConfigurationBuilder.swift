internal import VestibuleAuth
internal import VestibuleProtocol

/// Makes the model of the settings read, and checks what no single key can know.
///
/// It always returns a model, so that one run finds every problem; the model counts only where ``problems`` has no
/// error.
struct ConfigurationBuilder {
    let settings: SettingSection
    /// The folder from which relative paths count; `nil` for the working directory.
    let folder: String?
    let tools: [Tool]
    var problems: [ConfigurationProblem]

    mutating func build() -> Configuration {
        let root = Settings(settings)
        let listen = root.section("listen")
        let log = root.section("log")
        return Configuration(
            host: listen.text("host") ?? "", port: listen.integer("port"), endpoint: root.text("endpoint") ?? "",
            publicURL: root.text("publicURL"), allowedOrigins: root.texts("allowedOrigins"),
            allowedHosts: root.texts("allowedHosts"), data: resolve(root.text("data") ?? ""),
            policy: policy(root.section("access")), rules: rules(root.section("access")),
            session: session(root.section("session")), issuers: issuers(root), keys: keys(root.section("keys")),
            buckets: buckets(root),
            web: Configuration.Web(frontPage: root.section("web").boolean("frontPage")), signIn: signIn(root),
            limits: limits(root.section("limits")),
            logFormat: log.text("format").flatMap(Configuration.LogFormat.init) ?? .text,
            logLevel: log.text("level") ?? "info", settings: settings, warnings: [], file: nil)
    }

    func resolve(_ path: String) -> String {
        FilePath.resolve(path, against: folder)
    }

    mutating func report(_ place: SettingPlace, _ message: String) {
        problems.append(.error(place, message))
    }

    mutating func warn(_ place: SettingPlace, _ message: String) {
        problems.append(.warning(place, message))
    }

    // MARK: Access

    private mutating func policy(_ access: Settings) -> AccessPolicy {
        var clients: [ClientOverride] = []
        for (index, client) in access.sections("clients").enumerated() {
            if client.text("userAgent") == nil, client.text("name") == nil {
                report(
                    client.place,
                    "access.clients[\(index)] can match nothing: it needs `userAgent` or `name`, such as "
                        + "userAgent: \"Cursor/*\"")
            }
            var override = ClientOverride()
            override.userAgent = client.text("userAgent").map { Glob($0) }
            override.clientName = client.text("name").map { Glob($0) }
            override.handshake = client.choice("handshake")
            override.listing = client.choice("listing")
            override.rejectedToken = client.choice("rejectedToken")
            override.denials = client.choice("denials")
            clients.append(override)
        }
        for (pattern, place) in access.placedTexts("publicTools") where !tools.isEmpty {
            if !tools.contains(where: { Glob(pattern).matches($0.name) }) {
                warn(place, "access.publicTools: no tool matches `\(pattern)`\(toolHint(for: pattern))")
            }
        }
        return AccessPolicy(
            handshake: access.choice("handshake") ?? .open, listing: access.choice("listing") ?? .open,
            rejectedToken: access.choice("rejectedToken") ?? .reject, denials: access.choice("denials") ?? .inBand,
            publicTools: access.texts("publicTools").map { Glob($0) }, clients: clients)
    }

    func toolHint(for pattern: String) -> String {
        let names = tools.map(\.name)
        if let nearest = Suggestion.nearest(to: pattern, among: names) { return "; did you mean `\(nearest)`?" }
        return "; the tools are \(names.joined(separator: ", "))"
    }

    // MARK: Session

    private mutating func session(_ session: Settings) -> Configuration.Session {
        let remembersToken = session.text("authority") == "session"
        if remembersToken {
            warn(
                session.entry("authority")?.value.place ?? session.place,
                "session.authority: whoever knows a session's id acts as its user until the token expires; "
                    + "use `request` unless an old front end cannot send its token with each request")
        }
        return Configuration.Session(
            remembersToken: remembersToken, idle: session.duration("idle") ?? .seconds(3600),
            maximum: session.integer("maximum"))
    }

    // MARK: Keys

    private mutating func keys(_ settings: Settings) -> Configuration.Keys {
        let keys = Configuration.Keys(
            jwksLifetime: settings.duration("jwksLifetime") ?? KeyRing.defaultLifetime,
            overlap: settings.duration("overlap") ?? .seconds(600), rotateEvery: settings.duration("rotateEvery"),
            algorithm: settings.choice("algorithm"))
        if let every = keys.rotateEvery, let entry = settings.entry("rotateEvery"),
            every < keys.jwksLifetime + KeyRing.replicaDelay + keys.overlap
        {
            report(
                entry.value.place,
                "keys.rotateEvery is shorter than one rotation takes, jwksLifetime and overlap together "
                    + "(\(DurationText.format(keys.jwksLifetime + KeyRing.replicaDelay + keys.overlap))); make it longer"
            )
        }
        return keys
    }

    // MARK: Buckets

    private mutating func buckets(_ root: Settings) -> Configuration.Buckets {
        guard let entry = root.entry("buckets") else { return .sample }
        let buckets = root.section("buckets")
        switch (buckets.text("folder"), buckets.entry("s3")) {
        case (let folder?, nil): return .folder(path: resolve(folder))
        case (nil, .some):
            let s3 = buckets.section("s3")
            return .s3(
                Configuration.S3(
                    endpoint: s3.text("endpoint"), region: s3.text("region") ?? "",
                    addressing: s3.text("addressing").flatMap(Configuration.S3.Addressing.init)))
        case (nil, nil):
            report(entry.place, "buckets: expected `folder` or `s3`; leave the section out for sample buckets")
        case (.some, .some(let s3)):
            report(s3.place, "buckets: `folder` and `s3` exclude one another; keep one of the two")
        }
        return .sample
    }

    // MARK: Limits

    private func limits(_ limits: Settings) -> Configuration.Limits {
        Configuration.Limits(
            body: limits.integer("body"), headerSize: limits.integer("headerSize"),
            headerFields: limits.integer("headerFields"), headTimeout: limits.duration("headTimeout") ?? .zero,
            bodyTimeout: limits.duration("bodyTimeout") ?? .zero, bodyRate: limits.integer("bodyRate"),
            idleTimeout: limits.duration("idleTimeout") ?? .zero,
            streamStall: limits.duration("streamStall") ?? .zero,
            streamKeepAlive: limits.duration("streamKeepAlive") ?? .zero, connections: limits.integer("connections"),
            refusedTokensPerMinute: limits.integer("refusedTokensPerMinute"),
            drain: limits.duration("drain") ?? .zero, toolTimeout: limits.duration("toolTimeout") ?? .zero)
    }
}
