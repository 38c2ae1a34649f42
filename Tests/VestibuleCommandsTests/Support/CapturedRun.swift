import Synchronization
import VestibuleProtocol

@testable import VestibuleCommands

/// Text that a command wrote, readable while it still runs.
final class TextCapture: Sendable {
    private struct State {
        var text = ""
        var waiting: [(needle: String, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var text: String { state.withLock { $0.text } }
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast() }

    func append(_ piece: String) {
        let ready = state.withLock { state in
            state.text += piece
            let ready = state.waiting.filter { state.text.contains($0.needle) }
            state.waiting.removeAll { waiting in state.text.contains(waiting.needle) }
            return ready
        }
        for waiting in ready { waiting.continuation.resume() }
    }

    /// Returns once the text holds the needle.
    func wait(for needle: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.text.contains(needle) { return true }
                state.waiting.append((needle, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets whoever waits go on, for the end of a command that never said what was waited for.
    func finish() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiting in waiting { waiting.continuation.resume() }
    }
}

/// What a command did.
struct CapturedRun: Sendable {
    var status: VestibuleCommands.ExitStatus
    var output: String
    var talk: String

    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var talkLines: [String] { talk.split(separator: "\n").map(String.init) }
}

/// Runs `vestibule` in this process, with its output captured.
func vestibule(
    _ arguments: String..., input: String = "", environment: [String: String] = [:],
    clock: any WallClock = SystemClock()
) async -> CapturedRun {
    await vestibule(arguments, input: input, environment: environment, clock: clock)
}

func vestibule(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    clock: any WallClock = SystemClock()
) async -> CapturedRun {
    let output = TextCapture()
    let talk = TextCapture()
    let context = CommandContext(
        executable: "vestibule", environment: environment, output: TextSink { output.append($0) },
        talk: TextSink { talk.append($0) }, input: { _ in Array(input.utf8) }, clock: clock, shutdown: nil)
    let status = await VestibuleCommandLine.run(arguments, in: context)
    return CapturedRun(status: status, output: output.text, talk: talk.text)
}
