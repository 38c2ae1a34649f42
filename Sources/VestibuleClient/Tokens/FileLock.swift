internal import VestibuleProtocol

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Android)
    internal import Android
#endif

/// An advisory lock on a file, shared with other processes (`flock`). It falls with the process that holds it.
struct FileLock: Sendable {
    var path: String

    /// How long between two tries for a lock that somebody else holds.
    static let pause = Duration.milliseconds(50)

    /// Runs `body` while the lock is held.
    ///
    /// - Throws: ``MCPClientError`` of code `tokenSource` where the file cannot be opened or locked, and what `body`
    ///   throws. Waits until cancelled.
    func holding<Value: Sendable>(clock: any WallClock, _ body: () async throws -> Value) async throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw failure("cannot be locked") }
            try await clock.sleep(for: Self.pause)
        }
        return try await body()
    }

    private func failure(_ what: String) -> MCPClientError {
        let why = String(cString: strerror(errno))
        return MCPClientError(.tokenSource, "the lock file \(path) \(what): \(why); check lockFile")
    }
}
