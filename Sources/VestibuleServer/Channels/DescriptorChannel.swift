internal import Dispatch
internal import Synchronization
internal import VestibuleProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Messages by lines over two file descriptors, such as standard input and output (MCP, stdio).
///
/// Nothing is read before somebody wants it, and whoever sends waits until the peer has taken what was sent: neither
/// direction holds more than one message that is on its way.
package final class DescriptorChannel: MessageChannel {
    private let input: Int32
    private let output: Int32
    private let reading = DispatchQueue(label: "vestibule.channel.read")
    private let writing = DispatchQueue(label: "vestibule.channel.write")
    private let lines: Mutex<LineBuffer>
    private let closing: Alarm
    private let readEnding: Alarm

    /// - Parameters:
    ///   - input: what the peer writes; stays open.
    ///   - output: what the peer reads; closed with the channel.
    ///   - maximumLine: bytes of one message.
    package init(input: Int32, output: Int32, maximumLine: Int) throws {
        self.input = input
        self.output = output
        self.lines = Mutex(LineBuffer(maximumLine: maximumLine))
        self.closing = try Alarm()
        self.readEnding = try Alarm()
    }

    package func receive() async throws -> [UInt8]? {
        while true {
            if let line = try lines.withLock({ buffer in try buffer.next() }) { return line }
            guard let bytes = try await read() else { return nil }
            lines.withLock { $0.append(bytes) }
        }
    }

    package func send(_ message: [UInt8]) async throws {
        var line = message
        line.append(0x0A)
        let (output, closing) = (output, closing)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            writing.async { [line] in
                continuation.resume(with: Result { try Self.write(line, to: output, until: closing) })
            }
        }
    }

    package func close() async {
        guard closing.ring() else { return }
        readEnding.ring()
        let output = output
        await withCheckedContinuation { continuation in
            writing.async {
                _ = systemClose(output)
                continuation.resume()
            }
        }
    }

    // MARK: - System calls

    /// `nil` at the end of the input.
    private func read() async throws -> [UInt8]? {
        let (input, ending) = (input, readEnding)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                reading.async { continuation.resume(with: Result { try Self.read(from: input, until: ending) }) }
            }
        } onCancel: {
            ending.ring()
        }
    }

    private static func read(from input: Int32, until ending: Alarm) throws -> [UInt8]? {
        while true {
            guard try ending.wait(for: input, toWrite: false) else { throw CancellationError() }
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                let read = systemRead(input, buffer.baseAddress, buffer.count)
                if read < 0 { failure = errno }
                count = max(0, read)
            }
            switch failure {
            case 0: return bytes.isEmpty ? nil : bytes
            case EINTR, EAGAIN: continue
            default: throw ChannelClosed("the peer cannot be read any more: \(String(cString: strerror(failure)))")
            }
        }
    }

    private static func write(_ line: [UInt8], to output: Int32, until closing: Alarm) throws {
        var written = 0
        while written < line.count {
            guard try closing.wait(for: output, toWrite: true) else { throw ChannelClosed() }
            let (count, failure) = line.withUnsafeBytes { bytes -> (Int, Int32) in
                // A pipe that takes anything takes that much without blocking (PIPE_BUF).
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...].prefix(pipePiece))
                let count = systemWrite(output, rest.baseAddress, rest.count)
                return (count, count < 0 ? errno : 0)
            }
            switch failure {
            case 0: written += count
            case EINTR, EAGAIN: continue
            default:
                throw ChannelClosed("the peer cannot be written to any more: \(String(cString: strerror(failure)))")
            }
        }
    }
}

/// Rings once, and wakes whoever waits for a file descriptor.
private final class Alarm: Sendable {
    private let reader: Int32
    private let writer: Int32
    private let hasRung = Atomic(false)

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChannelClosed(
                "no pipe can be opened: \(String(cString: strerror(errno))); raise the limit of open files")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        _ = systemClose(reader)
        _ = systemClose(writer)
    }

    /// - Returns: whether it rings for the first time.
    @discardableResult
    func ring() -> Bool {
        guard !hasRung.exchange(true, ordering: .relaxed) else { return false }
        var byte: UInt8 = 0
        _ = systemWrite(writer, &byte, 1)
        return true
    }

    /// Waits, on a thread of its own, until the descriptor can be used.
    ///
    /// - Returns: `false` where the alarm has rung.
    func wait(for descriptor: Int32, toWrite: Bool) throws -> Bool {
        var polled = [
            pollfd(fd: descriptor, events: Int16(toWrite ? POLLOUT : POLLIN), revents: 0),
            pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, nfds_t(polled.count), -1) < 0 {
            guard errno == EINTR else { throw ChannelClosed("the peer cannot be waited for") }
        }
        return polled[1].revents == 0
    }
}

#if os(Linux)
    private let pipePiece = 4096
#else
    private let pipePiece = 512
#endif

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// Cuts what comes into lines.
struct LineBuffer: Sendable {
    private let maximumLine: Int
    private var bytes: [UInt8] = []
    /// What lies before it was handed out.
    private var start = 0
    /// What lies before it holds no line end.
    private var searched = 0
    /// Whether the rest of a line that is too long is being passed over.
    private var isSkipping = false

    init(maximumLine: Int) {
        self.maximumLine = max(1, maximumLine)
    }

    mutating func append(_ more: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole line that is not empty, without its end.
    ///
    /// - Throws: ``MessageTooLong`` once for a line that is longer than it may be.
    mutating func next() throws -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: 0x0A) {
            var line = bytes[start..<end]
            start = end + 1
            searched = start
            if isSkipping {
                isSkipping = false
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            guard line.count <= maximumLine else { throw MessageTooLong(limit: maximumLine) }
            if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) { return Array(line) }
        }
        searched = bytes.count
        if isSkipping {
            start = bytes.count
        } else if bytes.count - start > maximumLine {
            isSkipping = true
            start = bytes.count
            throw MessageTooLong(limit: maximumLine)
        }
        return nil
    }
}
