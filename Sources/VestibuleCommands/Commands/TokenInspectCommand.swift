internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct TokenInspectCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a token holds. Nothing is verified; the signature is not shown.",
        discussion: "Example: vestibule token inspect - < ada.token")

    @OptionGroup var argument: TokenArgument
    @OptionGroup var options: DataOptions
    @Flag(help: "Print JSON.") var json = false

    func run(in context: CommandContext) async throws {
        let token = try argument.text(in: context)
        let configuration = try options.configuration()
        let data = options.dataDirectory(in: context, configuration: configuration)
        let now = context.clock.now()
        // Whatever keys can be had: they only help to name the one that signed.
        let own = (try? data.keyRing.load()).map { [$0] } ?? []
        let rings = (own + configuration.issuers.map { $0.knownSecrets(now: now) })
            .map { ring in
                var ring = ring
                ring.settle(now: now)
                return ring
            }
        let explanation = TokenExplanation(
            token, rings: rings, issuers: configuration.knownIssuers(data: data), now: now)
        let meaning = configuration.meaning(of: token, issuer: configuration.ownIdentity(data: data))
        if json {
            var object = explanation.json
            if let meaning { object["mapped"] = .object(meaning.json) }
            context.output.line(JSONValue.object(object).description)
        }
        if let problem = explanation.problem {
            throw CommandFailure.refused("not a token: \(problem)")
        }
        guard !json else { return }
        for line in explanation.lines { context.output.line(line) }
        if let meaning {
            context.output.line("")
            context.output.line("by the configuration of \(meaning.issuer), if it is verified:")
            for line in meaning.lines { context.output.line("  \(line)") }
        }
        for warning in explanation.warnings { context.talk.line("vestibule: warning: \(warning)") }
    }
}

extension Configuration {
    /// What the token would mean here, where its `iss` is that of an issuer of the configuration file.
    fileprivate func meaning(
        of token: String, issuer own: String
    ) -> (issuer: String, lines: [String], json: JSONObject)? {
        guard file != nil, let claims = try? CompactToken(token).claims, let named = claims["iss"]?.string,
            let issuer = issuers.first(where: { ($0.issuer ?? own).hasSameBytes(as: named) })
        else { return nil }
        let explanation = MappingExplanation(claims, by: issuer.claims)
        return (issuer.name.quoted, explanation.lines, explanation.json)
    }

    /// Whose tokens would be accepted; only where a configuration file says so, since the embedded default is not what
    /// everybody serves with.
    fileprivate func knownIssuers(data: DataDirectory) -> [KnownIssuer]? {
        guard file != nil else { return nil }
        let resource = ResourceIdentity(configuration: self, data: data)
        return issuers.map { issuer in
            KnownIssuer(
                name: issuer.name, issuer: issuer.issuer ?? resource.issuer,
                audiences: issuer.audiences.isEmpty ? [resource.url] : issuer.audiences,
                algorithms: issuer.algorithms)
        }
    }

    /// The `iss` of the data directory's own tokens.
    fileprivate func ownIdentity(data: DataDirectory) -> String {
        ResourceIdentity(configuration: self, data: data).issuer
    }
}

extension Configuration.Issuer {
    /// The secrets that can be loaded.
    fileprivate func knownSecrets(now: NumericDate) -> KeyRing {
        var ring = KeyRing()
        guard case .secrets(let secrets) = keys else { return ring }
        for secret in secrets {
            guard let key = try? secret.load(now: now).key else { continue }
            try? ring.add(key)
        }
        return ring
    }
}
