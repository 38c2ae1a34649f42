internal import Synchronization
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What a command sees of the world around it, so that tests can show it another.
struct CommandContext: Sendable {
    /// How the executable was called, for commands that are printed to be copied.
    var executable: String
    var environment: [String: String]
    /// Data: standard output.
    var output: TextSink
    /// Talk: standard error.
    var talk: TextSink
    /// Reads standard input to its end, at most so many bytes.
    var input: @Sendable (_ maximumSize: Int) throws -> [UInt8]
    var clock: any WallClock
    /// Ends a running server gracefully when the stream yields or ends; `nil` for SIGTERM and SIGINT.
    var shutdown: AsyncStream<Void>?
}

/// Where text goes, and what is known of who reads it.
struct TextSink: Sendable {
    var write: @Sendable (String) -> Void
    /// Columns, where it is a terminal.
    var width: Int?
    var usesColor: Bool
    /// Why something could not be written, where that happened.
    var failure: @Sendable () -> String? = { nil }

    init(width: Int? = nil, usesColor: Bool = false, write: @escaping @Sendable (String) -> Void) {
        self.width = width
        self.usesColor = usesColor
        self.write = write
    }

    func line(_ text: String = "") { write(text + "\n") }
}

extension CommandContext {
    /// The process that runs this.
    static func process() -> CommandContext {
        let environment = ProcessInfo.processInfo.environment
        return CommandContext(
            executable: CommandLine.arguments.first ?? "vestibule", environment: environment,
            output: .descriptor(STDOUT_FILENO, environment: environment),
            talk: .descriptor(STDERR_FILENO, environment: environment), input: Self.readStandardInput,
            clock: SystemClock(), shutdown: nil)
    }

    private static func readStandardInput(maximumSize: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= maximumSize {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
        throw CommandFailure.couldNotRun("standard input has more than \(maximumSize) bytes; is it the right text?")
    }

    /// The data directory: as the option says, else VESTIBULE_DATA, else what the configuration says.
    func dataDirectory(option: String?, configured: String) -> String {
        if let option { return option }
        if let path = environment["VESTIBULE_DATA"], !path.isEmpty { return path }
        return configured
    }
}

extension TextSink {
    static func descriptor(_ descriptor: Int32, environment: [String: String]) -> TextSink {
        let isTerminal = isatty(descriptor) == 1
        // https://no-color.org: set and not empty means no color.
        let wantsColor = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        let failure = WriteFailure()
        var sink = TextSink(
            width: isTerminal ? columns(of: descriptor) ?? 80 : nil, usesColor: isTerminal && wantsColor
        ) { text in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Self.writeBytes(descriptor, $0) }
                if count > 0 {
                    bytes = bytes.dropFirst(count)
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN: Self.waitUntilWritable(descriptor)
                // A reader that went away (`| head`) wants no more.
                case EPIPE: return
                default: return failure.note(TextFile.lastError())
                }
            }
        }
        sink.failure = { failure.first }
        return sink
    }

    /// For a descriptor that somebody else set not to block.
    private static func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, 1000)
    }

    private static func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// The first thing that went wrong with a sink.
private final class WriteFailure: Sendable {
    private let message = Mutex<String?>(nil)
    var first: String? { message.withLock { $0 } }
    func note(_ text: String) { message.withLock { $0 = $0 ?? text } }
}
