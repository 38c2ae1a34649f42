#if canImport(Subprocess) && (os(Linux) || os(macOS))
    internal import Subprocess
    internal import Synchronization
    public import VestibuleProtocol

    #if canImport(Darwin)
        internal import Darwin
    #elseif canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// A server that runs as a process of ours, and speaks through its standard input and output, a message a line.
    public struct ServerProcess: Sendable {
        /// The program (looked up in `PATH` where it holds no slash).
        public var command: String
        public var arguments: [String]
        /// Variables that are set for it besides those that it inherits; `nil` takes one away. A server of this kind gets
        /// its credentials here.
        public var environment: [String: String?]
        /// How long it may take to end by itself once its standard input is closed, and once more when it is asked to
        /// (`SIGTERM`), before it is killed. Default 2 s.
        public var grace: Duration
        /// The longest line that is read, in bytes. Default 16 MiB.
        public var maximumLineLength: Int

        public init(
            _ command: String, arguments: [String] = [], environment: [String: String?] = [:],
            grace: Duration = .seconds(2), maximumLineLength: Int = 16 << 20
        ) {
            self.command = command
            self.arguments = arguments
            self.environment = environment
            self.grace = grace
            self.maximumLineLength = maximumLineLength
        }

        /// What it is called in messages: the program without its arguments, which may hold secrets.
        var name: String { "the server \"\(command.onOneLine(limit: 100))\"" }
    }

    extension MCPClient {
        /// A client of a server that it starts as a process, and ends with itself.
        ///
        /// ```swift
        /// let client = MCPClient(command: "weather-server", arguments: ["--celsius"])
        /// let tools = try await client.listTools()
        /// await client.close()
        /// ```
        ///
        /// The process is started when it is first needed, and again where it has ended (see ``ServerProcess``). What it
        /// writes to its standard error is no message and no failure; the end of it is shown where something fails.
        public convenience init(
            command: String, arguments: [String] = [], environment: [String: String?] = [:],
            configuration: MCPClientConfiguration = MCPClientConfiguration(), clock: any WallClock = SystemClock()
        ) {
            self.init(
                process: ServerProcess(command, arguments: arguments, environment: environment),
                configuration: configuration, clock: clock)
        }

        /// A client of a server that it starts as a process, and ends with itself.
        public convenience init(
            process: ServerProcess, configuration: MCPClientConfiguration = MCPClientConfiguration(),
            clock: any WallClock = SystemClock()
        ) {
            self.init(
                url: process.name, tokens: nil, owned: false,
                link: .channel(
                    ChannelLink(name: process.name, opener: ProcessOpener(process: process), clock: clock)),
                configuration: configuration, clock: clock)
        }
    }

    struct ProcessOpener: ChannelOpener {
        let process: ServerProcess
        var mayReopen: Bool { true }

        func open() async throws -> any ServerChannel {
            let channel = ProcessChannel(process)
            try await channel.start()
            return channel
        }
    }

    /// The pipes of one running process.
    final class ProcessChannel: ServerChannel {
        /// Of what the process writes to its standard error, so much of the end is kept.
        static let maximumErrorTail = 8 * 1024

        private struct State {
            var errorTail: [UInt8] = []
            var status: String?
            var started: CheckedContinuation<Void, any Error>?
            var hasStarted = false
            var task: Task<Void, Never>?
        }

        private let process: ServerProcess
        /// What goes to the process; bounded, so that whoever sends waits for a slow one.
        private let outgoing = BoundedQueue<[UInt8]>(bound: 16)
        /// What came from it; bounded, so that it waits for a slow reader.
        private let incoming = BoundedQueue<[UInt8]>(bound: 16)
        /// Finished when the process is to be ended now.
        private let ending = BoundedQueue<Void>(bound: 1)
        private let ended = BoundedQueue<Void>(bound: 1)
        private let state = Mutex(State())

        init(_ process: ServerProcess) {
            self.process = process
        }

        /// Writing to a process that has just ended would otherwise end us, too.
        private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

        func start() async throws {
            Self.ignoresBrokenPipes
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    state.started = continuation
                    // It lives as long as the process, and ends it before it ends itself.
                    state.task = Task { [self] in await run() }
                }
            }
        }

        func send(_ message: [UInt8]) async throws {
            guard try await outgoing.push(message) else { throw ChannelClosed("\(process.name) takes nothing more") }
        }

        func receive() async throws -> [UInt8]? { try await incoming.pop() }

        func close() async { outgoing.finish() }

        func end() async {
            outgoing.finish()
            ending.finish()
            // Nobody reads any more; what is still coming must not hold the process up.
            let drain = Task { [incoming] in while (try? await incoming.pop()) != nil {} }
            _ = try? await ended.pop()
            drain.cancel()
        }

        var lastWords: String? {
            get async {
                let (status, tail) = state.withLock { ($0.status, $0.errorTail) }
                let lines = String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline)
                let said = lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0).onOneLine(limit: 300) }
                let words = [status, said.map { "it last said: \($0)" }].compactMap { $0 }
                return words.isEmpty ? nil : words.joined(separator: "; ")
            }
        }

        private func run() async {
            let failure: TransportError?
            do {
                let status = try await runProcess()
                state.withLock { $0.status = Self.inWords(status) }
                failure = nil
            } catch let error as SubprocessError where error.code == .executableNotFound {
                failure = TransportError(.notSent, "\(process.name) cannot be run: there is no such program")
            } catch {
                failure = TransportError(
                    .notSent, "\(process.name) cannot be run: \(String(describing: error).firstLine)")
            }
            outgoing.finish()
            incoming.finish()
            ended.finish()
            begun(failure)
        }

        private func begun(_ failure: TransportError?) {
            let continuation = state.withLock { state in
                state.hasStarted = true
                defer { state.started = nil }
                return state.started
            }
            if let failure { continuation?.resume(throwing: failure) } else { continuation?.resume() }
        }

        private func runProcess() async throws -> TerminationStatus {
            // `env` runs a program at a path; Subprocess itself would want a type of another package for it.
            let isPath = process.command.contains("/")
            var options = PlatformOptions()
            // A group of its own, so that what a shell started goes with it, and a terminal's ^C does not reach it.
            options.processGroupID = 0
            options.teardownSequence = Self.lastSteps(process.grace)
            var variables: [Environment.Key: String?] = [:]
            for (name, value) in process.environment {
                if let key = Environment.Key(rawValue: name) { variables[key] = value }
            }
            let result = try await Subprocess.run(
                .name(isPath ? "env" : process.command),
                arguments: Arguments(isPath ? [process.command] + process.arguments : process.arguments),
                environment: .inherit.updating(variables), platformOptions: options, input: .inputWriter,
                output: .sequence, error: .sequence
            ) { execution in
                begun(nil)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { [self] in await write(to: execution.standardInputWriter) }
                    group.addTask { [self] in await readErrors(execution.standardError) }
                    group.addTask { [self] in
                        // Ends at once where the process does.
                        guard (try? await ending.pop()) != nil || !Task.isCancelled else { return }
                        await execution.teardown(
                            using: [.send(signal: Signal(rawValue: 0), allowedDurationToNextStep: process.grace)]
                                + Self.lastSteps(process.grace))
                        // Where it ended by itself, what it has started may still be there.
                        try? execution.send(signal: .kill, toProcessGroup: true)
                    }
                    await readMessages(execution.standardOutput)
                    // It says nothing more, so it has ended, or is to.
                    outgoing.finish()
                    incoming.finish()
                    ending.finish()
                    await group.waitForAll()
                }
            }
            return result.terminationStatus
        }

        private static func lastSteps(_ grace: Duration) -> [TeardownStep] {
            [
                .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace),
                .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
            ]
        }

        private func write(to writer: StandardInputWriter) async {
            while let message = try? await outgoing.pop() {
                guard (try? await writer.write(message + [0x0A])) != nil else { break }
            }
            outgoing.finish()
            try? await writer.finish()
        }

        private func readMessages(_ output: SubprocessOutputSequence) async {
            var lines = LineSplitter(maximumLength: process.maximumLineLength)
            do {
                for try await buffer in output {
                    let bytes = buffer.withUnsafeBytes { Array($0) }
                    for line in try lines.push(bytes) where !line.isEmpty {
                        guard try await incoming.push(line) else { return }
                    }
                }
            } catch {
                keep(Array("\(error)\n".utf8))
            }
        }

        private func readErrors(_ output: SubprocessOutputSequence) async {
            do {
                for try await buffer in output { keep(buffer.withUnsafeBytes { Array($0) }) }
            } catch {
                // What it said until now is all there is.
            }
        }

        private func keep(_ bytes: [UInt8]) {
            state.withLock { state in
                state.errorTail += bytes.suffix(Self.maximumErrorTail)
                if state.errorTail.count > Self.maximumErrorTail {
                    state.errorTail.removeFirst(state.errorTail.count - Self.maximumErrorTail)
                }
            }
        }

        private static func inWords(_ status: TerminationStatus) -> String {
            switch status {
            case .exited(127): "it ended with status 127 (command not found)"
            case .exited(let code): "it ended with status \(code)"
            case .signaled(let signal): "it was ended by signal \(signal)"
            }
        }
    }
#endif
