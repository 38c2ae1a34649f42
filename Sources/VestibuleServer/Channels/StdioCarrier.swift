internal import Synchronization
public import VestibuleAuth
internal import VestibuleProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Serves the process that started this one, over standard input and output (MCP, stdio).
///
/// While it serves, both belong to the messages alone: what anybody else in the process prints goes to standard error,
/// what anybody else reads from standard input is empty. It ends when standard input does; `SIGTERM` and `SIGINT` end the
/// process as they always do. A peer that has gone is noticed when it is written to (`SIGPIPE` is ignored).
///
/// MCP's authorization is for HTTP: whoever starts the process is let in, as the principal that the program names, or as
/// nobody.
public struct StdioCarrier: ServerCarrier {
    private let principal: Principal?
    private let configuration: ChannelConfiguration

    public init(principal: Principal? = nil, configuration: ChannelConfiguration = ChannelConfiguration()) {
        self.principal = principal
        self.configuration = configuration
    }

    /// Serves until standard input ends, or the task is cancelled. One at a time in a process.
    ///
    /// - Throws: ``ChannelClosed`` where standard input or output cannot be used, or is in use.
    public func serve(_ server: MCPServer) async throws {
        let standard = try StandardDescriptors.take()
        defer { standard.giveBack() }
        let channel = try DescriptorChannel(
            input: standard.input, output: standard.output, maximumLine: configuration.maximumMessageSize)
        try await ChannelCarrier(channel, principal: principal, configuration: configuration).serve(server)
    }
}

extension ServerCarrier where Self == StdioCarrier {
    /// The process that started this one.
    public static var stdio: StdioCarrier { StdioCarrier() }

    /// The process that started this one, as that principal.
    public static func stdio(
        principal: Principal?, configuration: ChannelConfiguration = ChannelConfiguration()
    ) -> StdioCarrier {
        StdioCarrier(principal: principal, configuration: configuration)
    }
}

/// Standard input and output under other numbers, where nothing but messages reaches them.
private struct StandardDescriptors {
    private static let isTaken = Mutex(false)

    let input: Int32
    /// Closed by the channel that writes to it.
    let output: Int32
    private let savedOutput: Int32

    static func take() throws -> StandardDescriptors {
        let isFirst = isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
        guard isFirst else { throw ChannelClosed("standard input and output serve already") }
        // What was printed so far is for whoever reads the output now.
        fflush(nil)
        let descriptors = StandardDescriptors(
            input: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), output: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3),
            savedOutput: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3))
        guard descriptors.input >= 0, descriptors.output >= 0, descriptors.savedOutput >= 0 else {
            isTaken.withLock { $0 = false }
            throw ChannelClosed("standard input or output is closed; start the server with both")
        }
        signal(SIGPIPE, SIG_IGN)
        dup2(STDERR_FILENO, STDOUT_FILENO)
        let nothing = open("/dev/null", O_RDONLY)
        if nothing >= 0 {
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        }
        return descriptors
    }

    func giveBack() {
        // What was printed meanwhile is not for whoever reads the output.
        fflush(nil)
        dup2(input, STDIN_FILENO)
        dup2(savedOutput, STDOUT_FILENO)
        close(input)
        close(savedOutput)
        Self.isTaken.withLock { $0 = false }
    }
}
