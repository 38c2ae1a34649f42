internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleProtocol

struct TokenInspectCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a token holds. Nothing is verified; the signature is not shown.",
        discussion: "Example: pbpaste | vestibule token inspect -")

    @OptionGroup var argument: TokenArgument
    @OptionGroup var options: DataOptions
    @Flag(help: "Print JSON.") var json = false

    func run(in context: CommandContext) async throws {
        let token = try argument.text(in: context)
        let data = try options.dataDirectory(in: context)
        let rings = (try? data.keyRing.load()).map { [$0] } ?? []
        let explanation = TokenExplanation(token, rings: rings, now: context.clock.now())
        if json { context.output.line(JSONValue.object(explanation.json).description) }
        if let problem = explanation.problem {
            throw CommandFailure.refused("not a token: \(problem)")
        }
        guard !json else { return }
        for line in explanation.lines { context.output.line(line) }
        for warning in explanation.warnings { context.talk.line("vestibule: warning: \(warning)") }
    }
}
