internal import VestibuleProtocol

/// How a command ends.
enum ExitStatus: Int32, Sendable {
    case success = 0
    /// A refusal, or a finding.
    case refused = 1
    /// The command could not run: usage, connection, configuration.
    case couldNotRun = 2
}

/// Why a command ends without success: one line for a person, and the status for scripts.
struct CommandFailure: Error, Sendable, Equatable, CustomStringConvertible {
    var status: ExitStatus
    /// What happened, with what, and what to do next. Empty where everything was said already.
    var message: String

    static func couldNotRun(_ message: String) -> Self { Self(status: .couldNotRun, message: message) }
    static func refused(_ message: String) -> Self { Self(status: .refused, message: message) }

    var description: String { message }
}
