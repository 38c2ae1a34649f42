internal import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Mint a token, say what one holds, judge one as the server would, or revoke it.",
        discussion: "Example: vestibule token mint --subject ada --bucket demo-bucket --permission s3:ListBucket",
        subcommands: [
            TokenMintCommand.self, TokenInspectCommand.self, TokenVerifyCommand.self, TokenRevokeCommand.self,
            TokenRevocationsCommand.self,
        ])
}

/// A token as an argument: the text itself, or `-` for standard input.
struct TokenArgument: ParsableArguments, Sendable {
    @Argument(help: "The token, or - to read it from standard input.")
    var token: String

    func text(in context: CommandContext) throws -> String { try Self.text(token, in: context) }

    static func text(_ token: String, in context: CommandContext) throws -> String {
        guard token == "-" else { return token }
        let bytes = try context.input(64 * 1024)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure.couldNotRun("standard input is not text; pipe a token into it")
        }
        let trimmed = text.trimmingASCIIWhitespace
        guard !trimmed.isEmpty else {
            throw CommandFailure.couldNotRun("standard input is empty; pipe a token into it")
        }
        return trimmed
    }
}

extension String {
    /// Without white space at both ends.
    var trimmingASCIIWhitespace: String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let bytes = utf8.drop(while: isSpace)
        guard let last = bytes.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(Substring(bytes[...last]))
    }
}
