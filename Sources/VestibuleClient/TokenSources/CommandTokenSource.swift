#if canImport(Subprocess) && (os(Linux) || os(macOS))
    internal import Subprocess
    internal import VestibuleProtocol

    /// A command whose standard output is the token.
    ///
    /// It is run once for each refresh, with nothing on its standard input. It must end with status 0; of what it says
    /// on standard error, the last line is shown where it fails. At most 64 KiB of each are read.
    public struct CommandTokenSource: TokenSource {
        /// The program (looked up in `PATH` where it holds no slash) and its arguments.
        public let arguments: [String]
        /// How long it may run. It and the processes that it started are then killed.
        public let timeout: Duration

        static let maximumOutput = 64 * 1024

        /// - Parameter arguments: The program and its arguments; no shell has a say in them.
        public init(_ arguments: [String], timeout: Duration = .seconds(20)) {
            self.arguments = arguments
            self.timeout = timeout
        }

        /// - Parameter line: A command line for `/bin/sh`.
        public init(shell line: String, timeout: Duration = .seconds(20)) {
            self.init(["/bin/sh", "-c", line], timeout: timeout)
        }

        public func token(_ request: TokenRequest) async throws -> String {
            let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask { try await run() }
                group.addTask { [timeout] in
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let outcome else {
                throw failure("did not end within \(TokenJudge.inWords(timeout.inSeconds)) and was stopped")
            }
            guard case .exited(0) = outcome.status else {
                let said = String(decoding: outcome.error, as: UTF8.self).lastLine
                throw failure(Self.inWords(outcome.status) + (said.isEmpty ? "" : ": \(said)"))
            }
            return String(decoding: outcome.output, as: UTF8.self)
        }

        private struct Outcome: Sendable {
            var status: TerminationStatus
            var output: [UInt8]
            var error: [UInt8]
        }

        private func run() async throws -> Outcome {
            guard let program = arguments.first, !program.isEmpty else { throw failure("is empty") }
            // `env` runs a program at a path; Subprocess itself would want a type of another package for it.
            let isPath = program.contains("/")
            var options = PlatformOptions()
            // A group of its own, so that what a shell started goes with it.
            options.processGroupID = 0
            options.teardownSequence = [
                .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(200)),
                .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
            ]
            do {
                let result = try await Subprocess.run(
                    .name(isPath ? "env" : program), arguments: Arguments(Array(arguments.dropFirst(isPath ? 0 : 1))),
                    platformOptions: options,
                    output: .bytes(limit: Self.maximumOutput), error: .bytes(limit: Self.maximumOutput))
                return Outcome(
                    status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
            } catch let error as SubprocessError where error.code == .outputLimitExceeded {
                throw failure("wrote more than \(Self.maximumOutput) bytes, so it does not print a token")
            } catch let error as SubprocessError where error.code == .executableNotFound {
                throw failure("cannot be run: there is no such program")
            } catch let error as SubprocessError {
                throw failure("cannot be run: \(error.description.firstLine)")
            }
        }

        private static func inWords(_ status: TerminationStatus) -> String {
            switch status {
            case .exited(127): "ended with status 127 (command not found)"
            case .exited(let code): "ended with status \(code)"
            case .signaled(let signal): "was ended by signal \(signal)"
            }
        }

        /// Names the program, not its arguments: they may hold secrets.
        private func failure(_ what: String) -> MCPClientError {
            let name = arguments.first == "/bin/sh" ? arguments.last?.firstWord ?? "" : arguments.first ?? ""
            return MCPClientError(.tokenSource, "the token command \"\(name)\" \(what)")
        }
    }

    extension CommandTokenSource: CustomStringConvertible, CustomReflectable {
        public var description: String { "CommandTokenSource(redacted)" }
        public var customMirror: Mirror { Mirror(self, children: ["timeout": timeout]) }
    }

    extension TokenSource where Self == CommandTokenSource {
        /// A command line for `/bin/sh`, whose standard output is the token.
        public static func command(_ line: String, timeout: Duration = .seconds(20)) -> CommandTokenSource {
            CommandTokenSource(shell: line, timeout: timeout)
        }

        /// A program and its arguments, run without a shell, whose standard output is the token.
        public static func command(_ arguments: [String], timeout: Duration = .seconds(20)) -> CommandTokenSource {
            CommandTokenSource(arguments, timeout: timeout)
        }
    }

    extension String {
        fileprivate var firstWord: String {
            String(split(whereSeparator: \.isWhitespace).first?.prefix(100) ?? "")
        }

        /// The last line that is not blank, cut at 300 characters.
        fileprivate var lastLine: String {
            let lines = split(whereSeparator: \.isNewline)
            return String(lines.last { !$0.allSatisfy(\.isWhitespace) }?.prefix(300) ?? "")
        }
    }
#endif
