internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

/// Which tokens are meant, as options.
struct RevocationOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The one token of this `jti`.", valueName: "jti")) var jti: String?
    @Option(help: ArgumentHelp("All tokens of this `sub` that were issued before now.", valueName: "subject"))
    var subject: String?
    @Option(help: ArgumentHelp("All tokens that a key of this `kid` signed.", valueName: "kid")) var kid: String?
    @Option(help: ArgumentHelp("Only tokens of this `iss`; by default of any.", valueName: "issuer"))
    var issuer: String?

    var targets: [Revocation.Target] {
        [
            jti.map { .token(id: ByteKey($0)) }, subject.map { .subject(ByteKey($0)) },
            kid.map { .key(id: ByteKey($0)) },
        ]
        .compactMap(\.self)
    }
}

struct TokenRevokeCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Refuse a token, a subject's tokens or a key's from now on (token_revoked).",
        discussion: """
            Example: vestibule token revoke - < ada.token
                     vestibule token revoke --subject ada
                     vestibule token revoke --kid 2026-07 --issuer https://idp.example.com

            Kept in the data directory, until the last token that is meant has expired; a running server follows within \
            a tenth of a second. A token is revoked by its `jti`, without looking at its signature.
            """)

    @Argument(help: "The token, or - to read it from standard input.") var token: String?
    @OptionGroup var what: RevocationOptions
    @OptionGroup var options: DataOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard what.targets.count + (token == nil ? 0 : 1) == 1 else {
            throw ValidationError("give exactly one: a token, --jti, --subject or --kid")
        }
        if token != nil, what.issuer != nil { throw ValidationError("--issuer: the token names its issuer itself") }
    }

    func run(in context: CommandContext) async throws {
        let configuration = try options.configuration()
        let data = options.dataDirectory(in: context, configuration: configuration)
        let now = context.clock.now()
        let bounds = RevocationBounds(configuration: configuration, data: data)
        let revocation: Revocation
        if let token {
            revocation = try bounds.revocation(of: try TokenArgument.text(token, in: context), now: now)
        } else if let target = what.targets.first {
            revocation = bounds.revocation(target, issuer: what.issuer, now: now)
        } else {
            return
        }
        if let until = revocation.until, until <= now {
            context.talk.line("the token has expired already, at \(until) or before; there is nothing to revoke")
            return
        }
        try data.prepare()
        try data.revocations.update(now: now) { list throws(KeyError) in try list.add(revocation) }
        if let warning = warning(revocation, data: data, now: now) {
            context.talk.line("vestibule: warning: \(warning)")
        }
        if json {
            context.output.line(JSONValue.object(revocation.json).description)
        } else {
            context.talk.line("revoked \(revocation.line)")
        }
    }

    private func warning(_ revocation: Revocation, data: DataDirectory, now: NumericDate) -> String? {
        guard case .key(let kid) = revocation.target, let active = (try? data.keyRing.load())?.active(at: now),
            active.kid.hasSameBytes(as: kid.text)
        else { return nil }
        return "\(kid.text.onOneLine()) is the active key, so that new tokens are refused as well; "
            + "run `vestibule keys rotate --now`"
    }
}

struct TokenRevocationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revocations", abstract: "List what is revoked, or take a revocation back.",
        discussion: "Example: vestibule token revocations list", subcommands: [List.self, Remove.self])

    struct List: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is revoked, and until when that matters.",
            discussion: "Example: vestibule token revocations list --json")

        @OptionGroup var options: DataOptions
        @Flag(help: "Print JSON.") var json = false

        func run(in context: CommandContext) async throws {
            var list = try options.dataDirectory(in: context).revocations.load()
            list.prune(now: context.clock.now())
            guard !json else {
                return context.output.line(JSONValue.array(list.entries.map { .object($0.json) }).description)
            }
            let rows = list.entries.map { entry in
                [
                    entry.target.kind, entry.target.value, entry.issuer?.text ?? "any", entry.date.description,
                    entry.until?.description ?? "for good",
                ]
            }
            context.output.write(TextTable.text(headings: ["WHAT", "VALUE", "ISSUER", "REVOKED", "UNTIL"], rows: rows))
        }
    }

    struct Remove: VestibuleCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a revocation back: tokens that are good otherwise are accepted again.",
            discussion: "Example: vestibule token revocations remove --subject ada")

        @OptionGroup var what: RevocationOptions
        @OptionGroup var options: DataOptions

        func validate() throws {
            guard what.targets.count == 1 else { throw ValidationError("give exactly one: --jti, --subject or --kid") }
        }

        func run(in context: CommandContext) async throws {
            guard let target = what.targets.first else { return }
            let data = try options.dataDirectory(in: context)
            let now = context.clock.now()
            let wasThere = try data.revocations.update(now: now) { list in list.remove(target, issuer: what.issuer) }
            let name = Revocation(target, issuer: what.issuer, date: now).name
            guard wasThere else {
                throw CommandFailure.couldNotRun(
                    "no \(name) is revoked; see `vestibule token revocations list`, and give --issuer as it is there")
            }
            context.talk.line("no longer revoked: \(name)")
        }
    }
}

/// For how long revocations have to be kept, by what the configuration says of the issuers.
struct RevocationBounds {
    let configuration: Configuration
    let data: DataDirectory

    /// The most by which a clock may be behind, as far as any issuer's leeway may go.
    private static let leeway = Duration.seconds(300)

    /// - Throws: ``CommandFailure`` where the text is no token, or has no `jti`.
    func revocation(of text: String, now: NumericDate) throws(CommandFailure) -> Revocation {
        let claims: JSONObject
        do {
            claims = try CompactToken(text).claims
        } catch {
            throw .couldNotRun("not a token: \(error); see `vestibule token inspect`")
        }
        guard let id = claims["jti"]?.string else {
            throw .couldNotRun(
                "the token has no jti to revoke it by; revoke its subject (--subject) or its key (--kid)")
        }
        let issuer = claims["iss"]?.string
        var revocation = revocation(.token(id: ByteKey(id)), issuer: issuer, now: now)
        if let expiration = claims["exp"]?.number?.double, expiration.magnitude < 2.5e11 {
            let end = NumericDate(expiration) + Self.leeway
            revocation.until = revocation.until.map { min($0, end) } ?? end
        }
        return revocation
    }

    func revocation(_ target: Revocation.Target, issuer: String?, now: NumericDate) -> Revocation {
        var revocation = Revocation(target, issuer: issuer, date: now)
        // Who holds a key that was stolen makes new tokens with it: that has no end.
        if case .key = target { return revocation }
        revocation.until = maximumTokenAge(of: issuer).map { now + $0 + Self.leeway }
        return revocation
    }

    /// How long tokens of the issuer, or of any, are accepted at most; `nil` where only their `exp` says.
    private func maximumTokenAge(of issuer: String?) -> Duration? {
        let own = ResourceIdentity(configuration: configuration, data: data).issuer
        let meant = configuration.issuers.filter { trusted in
            issuer.map { ($0).hasSameBytes(as: trusted.issuer ?? own) } ?? true
        }
        let ages = meant.compactMap(\.maximumTokenAge)
        return ages.count == meant.count ? ages.max() : nil
    }
}

extension Revocation {
    /// For a person, without dates.
    fileprivate var name: String {
        "\(target.kind) \(target.value.quoted) of \(issuer.map(\.text.quoted) ?? "any issuer")"
    }

    fileprivate var line: String {
        let end = until.map { "; kept until \($0), when such tokens have expired" } ?? ""
        switch target {
        case .token: return "the token \(name)\(end)"
        case .subject: return "all tokens of \(name) issued before \(date)\(end)"
        case .key: return "all tokens of \(name)"
        }
    }

    var json: JSONObject {
        var object = JSONObject()
        object[target.kind] = .string(target.value)
        object["issuer"] = issuer.map { .string($0.text) }
        object["revoked"] = .string(date.description)
        object["until"] = until.map { .string($0.description) }
        return object
    }
}
