internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct TokenVerifyCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Judge a token as the server would: exit code 0 accepted, 1 refused.",
        discussion: """
            Example: vestibule token mint --subject ada | vestibule token verify -
                     vestibule token verify - --jwks jwks.json --issuer https://idp.example.com --audience my-server

            By the keys of the data directory, of a configuration (--config), or of a JSON Web Key Set (--jwks).
            """)

    @OptionGroup var argument: TokenArgument
    @OptionGroup var options: DataOptions
    @Option(help: ArgumentHelp("A JSON Web Key Set with the issuer's public keys.", valueName: "file"))
    var jwks: String?
    @Option(help: ArgumentHelp("The expected `iss`, with --jwks.", valueName: "issuer")) var issuer: String?
    @Option(help: ArgumentHelp("The expected `aud`, with --jwks.", valueName: "audience")) var audience: String?
    @Option(help: ArgumentHelp("Judge as of this time, in seconds since 1970.", valueName: "unix")) var now: Double?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if jwks != nil, issuer == nil || audience == nil {
            throw ValidationError("--jwks needs --issuer and --audience")
        }
        if jwks == nil, issuer != nil || audience != nil {
            throw ValidationError("--issuer and --audience belong to --jwks")
        }
    }

    func run(in context: CommandContext) async throws {
        let token = try argument.text(in: context)
        let clock: any WallClock = now.map { FixedClock(date: NumericDate($0)) } ?? context.clock
        let issuers = try issuers(in: context, clock: clock)
        let revocations = try revocations(in: context)
        let verifier = TokenVerifier(
            issuers: issuers, clock: clock, cacheSize: 0, revocation: { revocations.rejection(of: $0) })
        switch await verifier.authenticate(token) {
        case .success(let principal):
            if json {
                let verdict: JSONValue = ["accepted": true, "principal": .object(principal.json)]
                context.output.line(verdict.description)
            } else {
                context.output.line("accepted: \(principal.line(at: clock.now()))")
                let issuer = issuers.first { $0.issuer.hasSameBytes(as: principal.issuer) }
                let explanation = MappingExplanation(principal.claims, by: issuer?.claims ?? .standard)
                for line in explanation.lines.dropFirst() { context.output.line("  \(line)") }
            }
        case .failure(let rejection):
            if json {
                var verdict: JSONObject = ["accepted": false]
                for member in rejection.data().members { verdict[member.name] = member.value }
                context.output.line(JSONValue.object(verdict).description)
            }
            throw CommandFailure.refused("\(rejection) (remedy: \(rejection.remedy.rawValue))")
        }
    }

    /// What is revoked in the data directory; a key set of somebody else's knows nothing of that.
    private func revocations(in context: CommandContext) throws -> RevocationList {
        jwks == nil ? try options.dataDirectory(in: context).revocations.load() : RevocationList()
    }

    private func issuers(in context: CommandContext, clock: any WallClock) throws -> [TrustedIssuer] {
        guard let jwks, let issuer, let audience else {
            let configuration = try options.configuration()
            let data = options.dataDirectory(in: context, configuration: configuration)
            if configuration.ownIssuer != nil { try data.requireKeyRing() }
            let resource = ResourceIdentity(configuration: configuration, data: data)
            let trust = try Trust(
                configuration: configuration, data: data, resource: resource, clock: clock,
                remoteObserver: { issuer, news in
                    guard case .failed(let status) = news, let failure = status.failure else { return }
                    context.talk.line("vestibule: warning: the keys of \(issuer): \(failure.message)")
                },
                introspectionObserver: { issuer, news in
                    guard case .failed(let line) = news else { return }
                    context.talk.line("vestibule: warning: \(issuer): introspection failed: \(line)")
                })
            for warning in trust.warnings { context.talk.line("vestibule: warning: \(warning)") }
            return trust.issuers
        }
        let bytes = try TextFile.read(jwks, what: "key set")
        do {
            let ring = try KeyRing(jwks: try JSONParser().parse(bytes), createdAt: clock.now())
            return [TrustedIssuer(name: issuer, issuer: issuer, audiences: [audience], keys: .fixed(ring))]
        } catch {
            throw CommandFailure.couldNotRun("\(jwks) is not a usable JSON Web Key Set: \(error)")
        }
    }
}

/// A clock that stands still, to judge as of another time.
private struct FixedClock: WallClock {
    var date: NumericDate
    func now() -> NumericDate { date }
    func sleep(for duration: Duration) async throws {}
}

extension Principal {
    /// Who it is and what it may, for programs. Of the claims only those that have a name here.
    var json: JSONObject {
        var object: JSONObject = [
            "issuer": .string(issuer), "subject": .string(subject), "scope": .strings(scope.sortedTexts),
            "permissions": .strings(permissions.sortedTexts), "roles": .strings(roles.sortedTexts),
            "buckets": .strings(buckets),
        ]
        object["kid"] = keyID.map(JSONValue.string)
        object["issued_at"] = issuedAt.map { .string($0.description) }
        object["expires_at"] = .string(expiration.description)
        object["jti"] = tokenID.map(JSONValue.string)
        return object
    }

    func line(at now: NumericDate) -> String {
        let left = DurationText.format(.seconds(max(0, (expiration - now).rounded(.down))))
        return "subject \(subject.quoted) of \(issuer.quoted)" + (keyID.map { ", key \($0.quoted)" } ?? "")
            + ", valid for another \(left)"
    }
}

extension Set<ByteKey> {
    var sortedTexts: [String] { map(\.text).sorted() }
}
