#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Small files, read whole and with a bound.
enum TextFile {
    /// What the file system says of a file that matters here.
    struct Contents: Sendable {
        var bytes: [UInt8]
        /// Whether anybody but its owner may read it.
        var isReadableByOthers: Bool
    }

    /// - Parameter what: What the file is, for the message.
    /// - Throws: ``CommandFailure`` in one line, for a file that is missing, unreadable, no file or too large.
    static func read(_ path: String, maximumSize: Int = 1 << 20, what: String) throws(CommandFailure) -> [UInt8] {
        try contents(of: path, maximumSize: maximumSize, what: what).bytes
    }

    static func contents(
        of path: String, maximumSize: Int = 1 << 20, what: String
    ) throws(CommandFailure) -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .couldNotRun(
                "cannot read the \(what) \(path): \(Self.lastError()); check the path and its permissions")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .couldNotRun("the \(what) \(path) is not a file; name a file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= maximumSize {
            let count = buffer.withUnsafeMutableBytes { Self.readBytes(descriptor, into: $0) }
            guard count >= 0 else {
                throw .couldNotRun("cannot read the \(what) \(path): \(Self.lastError())")
            }
            if count == 0 { return Contents(bytes: bytes, isReadableByOthers: status.st_mode & 0o077 != 0) }
            bytes += buffer.prefix(count)
        }
        throw .couldNotRun("the \(what) \(path) has more than \(maximumSize) bytes; is it the right file?")
    }

    private static func readBytes(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// What the last system call complained of, in its own words.
    static func lastError() -> String {
        String(cString: strerror(errno)).lowercased()
    }
}
