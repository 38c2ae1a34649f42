internal import ArgumentParser
internal import VestibuleAuth

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The command line as a whole: arguments in, exit status out.
public enum VestibuleCommandLine {
    /// Runs the process' own arguments and ends it: 0 for success, 1 for a refusal or a finding, 2 where it could not
    /// run.
    public static func main() async -> Never {
        // A reader that goes away (`vestibule keys list | head -1`) is no reason to die of a signal.
        signal(SIGPIPE, SIG_IGN)
        let context = CommandContext.process()
        do {
            exit(await run(try texts(of: processArguments().dropFirst()), in: context).rawValue)
        } catch {
            context.talk.line("vestibule: \(error)")
            exit(error.status.rawValue)
        }
    }

    private static func processArguments() -> [[UInt8]] {
        (0..<Int(CommandLine.argc))
            .compactMap { index in
                CommandLine.unsafeArgv[index]
                    .map { pointer in
                        (0..<strlen(pointer)).map { UInt8(bitPattern: pointer[$0]) }
                    }
            }
    }

    /// The arguments as text. What is not UTF-8 is refused: mended, it would name something else than was meant.
    static func texts(of arguments: some Sequence<[UInt8]>) throws(CommandFailure) -> [String] {
        var texts: [String] = []
        for bytes in arguments {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .couldNotRun("argument \(texts.count + 1) is not UTF-8 text; write it in UTF-8")
            }
            texts.append(text)
        }
        return texts
    }

    static func run(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        let status = await perform(arguments, in: context)
        guard status == .success, let problem = context.output.failure() else { return status }
        context.talk.line("vestibule: cannot write to standard output: \(problem); what was printed is not complete")
        return .couldNotRun
    }

    private static func perform(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        do {
            let command = try RootCommand.parseAsRoot(arguments)
            if let command = command as? any VestibuleCommand {
                try await command.run(in: context)
            } else {
                // The parser's own commands: help and completion scripts, which they "throw".
                var command = command
                try command.run()
            }
            return .success
        } catch let failure as CommandFailure {
            if !failure.message.isEmpty { context.talk.line("vestibule: \(failure.message.onOneLine)") }
            return failure.status
        } catch let error as KeyError {
            context.talk.line("vestibule: \(error.message)")
            return .couldNotRun
        } catch let error as ConfigurationError {
            context.talk.line(error.description)
            return .couldNotRun
        } catch is CancellationError {
            return .success
        } catch {
            return report(error, in: context)
        }
    }

    /// What the argument parser has to say: help and version go to standard output, a wrong usage to standard error.
    private static func report(_ error: any Error, in context: CommandContext) -> ExitStatus {
        let full = RootCommand.fullMessage(for: error)
        if RootCommand.exitCode(for: error) == .success {
            context.output.line(full)
            return .success
        }
        let message = RootCommand.message(for: error)
        guard RootCommand.exitCode(for: error) == .validationFailure else {
            context.talk.line("vestibule: \(message)")
            return .couldNotRun
        }
        var first = message.split(separator: "\n").first.map(String.init) ?? "the arguments are not understood"
        if first.hasSuffix(".") { first.removeLast() }
        context.talk.line("vestibule: \(first); see `\(helpCommand(in: full))`")
        return .couldNotRun
    }

    /// The help command that the parser's message names: it knows which subcommand was meant.
    private static func helpCommand(in message: String) -> String {
        let named = message.split(separator: "\n").last { $0.contains("See '") }
        let command = named?.split(separator: "'").dropFirst().first
        return command.map(String.init) ?? "vestibule --help"
    }
}

/// A command that is shown the world by value.
protocol VestibuleCommand: AsyncParsableCommand, Sendable {
    func run(in context: CommandContext) async throws
}

extension VestibuleCommand {
    func run() async throws {
        try await run(in: .process())
    }
}
