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
        let explanation = TokenExplanation(token, rings: rings, now: now)
        if json { context.output.line(JSONValue.object(explanation.json).description) }
        if let problem = explanation.problem {
            throw CommandFailure.refused("not a token: \(problem)")
        }
        guard !json else { return }
        for line in explanation.lines { context.output.line(line) }
        for warning in explanation.warnings { context.talk.line("vestibule: warning: \(warning)") }
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
