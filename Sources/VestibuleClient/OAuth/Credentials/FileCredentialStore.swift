public import VestibuleProtocol

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Android)
    internal import Android
#endif

/// Keeps credentials in one file that nobody but its owner may read (mode 0600).
///
/// A change is written beside the file and put in its place at once; a lock beside it keeps processes apart that share
/// it, so that a refresh token is used by one of them only. At most 200 registrations and 200 sets of tokens, 1 MiB.
public struct FileCredentialStore: CredentialStore {
    public let path: String
    private let clock: any WallClock

    static let maximumSize = 1 << 20

    public init(path: String, clock: any WallClock = SystemClock()) {
        self.path = path
        self.clock = clock
    }

    public func client(issuer: String) async throws -> OAuthClient? { try read().client(issuer: issuer) }
    public func save(_ client: OAuthClient) async throws { try await change { $0.save(client) } }
    public func removeClient(issuer: String) async throws { try await change { $0.removeClient(issuer: issuer) } }

    public func signIn(resource: String, issuer: String?) async throws -> StoredSignIn? {
        try read().signIn(resource: resource, issuer: issuer)
    }

    public func save(_ signIn: StoredSignIn) async throws { try await change { $0.save(signIn) } }

    public func removeSignIn(resource: String, issuer: String) async throws {
        try await change { $0.removeSignIn(resource: resource, issuer: issuer) }
    }

    public func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await FileLock(path: path + ".use-lock").holding(clock: clock, body)
    }

    private func change(_ body: (inout CredentialTable) -> Void) async throws {
        try await FileLock(path: path + ".lock")
            .holding(clock: clock) {
                var table = try read()
                body(&table)
                try write(table.json.serialized + [0x0A])
            }
    }

    private func read() throws(MCPClientError) -> CredentialTable {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return CredentialTable() }
            throw failure("cannot be opened: \(Self.reason)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("is no regular file; move it away")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw failure("may be read by others than its owner; run: chmod 600 \(path)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { Self.read(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(Self.reason)") }
            if count == 0 { break }
            bytes += buffer.prefix(count)
            guard bytes.count <= Self.maximumSize else { throw failure("is larger than \(Self.maximumSize) bytes") }
        }
        guard let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(bytes),
            let table = CredentialTable(json: json)
        else { throw failure("is damaged; remove it, and sign in again") }
        return table
    }

    private func write(_ bytes: [UInt8]) throws(MCPClientError) {
        // What nobody could read again is not put in place of what can be read.
        guard bytes.count <= Self.maximumSize else {
            throw failure("would be larger than \(Self.maximumSize) bytes; remove it, and sign in again")
        }
        let draft = "\(path).new-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written: \(Self.reason)") }
        do throws(MCPClientError) {
            defer { close(descriptor) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("cannot be written: \(Self.reason)") }
                rest = rest.dropFirst(count)
            }
            guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0, rename(draft, path) == 0 else {
                throw failure("cannot be written: \(Self.reason)")
            }
        } catch {
            unlink(draft)
            throw error
        }
    }

    private func failure(_ what: String) -> MCPClientError {
        .signInFailed("the credentials file \(path) \(what)")
    }

    private static var reason: String { String(cString: strerror(errno)).lowercased() }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Android.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Android.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
