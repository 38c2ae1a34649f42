import Testing
import VestibuleProtocol

@testable import VestibuleCommands

/// `vestibule serve` in this process, for as long as the body runs.
struct RunningServer: Sendable {
    var url: String
    var talk: TextCapture

    /// The commands that the server printed, as lines for a shell.
    var printedCommands: [String] {
        talk.lines.map(\.trimmingASCIIWhitespace).filter { $0.hasPrefix("vestibule ") }
    }

    /// - Returns: How the server ended.
    @discardableResult
    static func run(
        _ arguments: [String], _ body: @Sendable (RunningServer) async throws -> Void
    ) async throws -> VestibuleCommands.ExitStatus {
        let talk = TextCapture()
        let (shutdown, stop) = AsyncStream.makeStream(of: Void.self)
        let context = CommandContext(
            executable: "vestibule", environment: [:], output: TextSink { _ in },
            talk: TextSink { talk.append($0) }, input: { _ in [] }, clock: SystemClock(), shutdown: shutdown)
        return try await withThrowingTaskGroup(of: VestibuleCommands.ExitStatus.self) { group in
            group.addTask {
                let status = await VestibuleCommandLine.run(["serve"] + arguments, in: context)
                talk.finish()
                return status
            }
            await talk.wait(for: "another terminal")
            let line = talk.lines.first { $0.contains("listens at ") }
            if let url = line?.split(separator: " ").last.map(String.init) {
                try await body(RunningServer(url: url, talk: talk))
            } else {
                Issue.record("the server did not start: \(talk.text)")
            }
            stop.yield()
            stop.finish()
            return try await group.next() ?? .couldNotRun
        }
    }
}

/// Takes a printed line apart as the shell would: words, quotes, `>` and `&&`.
func shellWords(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in line {
        switch character {
        case "'": isQuoted.toggle()
        case " " where !isQuoted:
            if !word.isEmpty { words.append(word) }
            word = ""
        default: word.append(character)
        }
    }
    return word.isEmpty ? words : words + [word]
}
