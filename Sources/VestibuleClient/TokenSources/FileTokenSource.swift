#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Android)
    internal import Android
#endif

/// A file that something else keeps up to date; read again for every refresh.
public struct FileTokenSource: TokenSource {
    public let path: String

    /// The largest file that is read: 64 KiB.
    public static let maximumSize = 64 * 1024

    public init(path: String) {
        self.path = path
    }

    /// Reading it twice in a row brings nothing new.
    public var canRefresh: Bool { false }

    public func token(_ request: TokenRequest) async throws -> String {
        // O_NONBLOCK: a named pipe that nobody writes to must not hang us.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot be opened: \(Self.reason)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(Self.reason)") }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= Self.maximumSize else {
                throw failure("has more than \(Self.maximumSize) bytes, so it is not a token")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static var reason: String { String(cString: strerror(errno)) }

    private func failure(_ what: String) -> MCPClientError {
        MCPClientError(.tokenSource, "the token file \(path) \(what)")
    }
}

extension TokenSource where Self == FileTokenSource {
    /// A file that something else keeps up to date; read again for every refresh.
    public static func file(_ path: String) -> FileTokenSource { FileTokenSource(path: path) }
}
