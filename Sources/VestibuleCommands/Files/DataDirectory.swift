internal import VestibuleAuth
internal import VestibuleProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The directory that holds what a server keeps: keys, sample buckets, and what it last called itself.
struct DataDirectory: Sendable, Hashable {
    var path: String

    var keyRing: KeyRingFile { KeyRingFile(path: "\(path)/keys.json") }
    var revocations: RevocationFile { RevocationFile(path: "\(path)/revocations.json") }
    /// What `call` and `tools` got from authorization servers.
    var credentials: String { "\(path)/credentials.json" }
    var buckets: String { "\(path)/buckets" }
    private var resourceFile: String { "\(path)/resource.json" }

    /// Creates the directory for its owner alone, with its parents, where it is missing, and proves that it can be
    /// written.
    ///
    /// - Throws: ``CommandFailure`` in one line: no permission, read-only or full disk, a file in its place.
    func prepare() throws(CommandFailure) {
        try Self.create(path)
        let probe = "\(path)/.probe-\(getpid())"
        do throws(CommandFailure) {
            try Self.write(Array(repeating: 0x20, count: 4096), to: probe)
        } catch {
            unlink(probe)
            throw error
        }
        unlink(probe)
    }

    /// What an operator should look at: whoever can write to the directory can put other keys in place.
    func warnings() -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o022 != 0 else { return [] }
        let mode = String(status.st_mode & 0o7777, radix: 8)
        return [
            "the data directory \(path) has mode 0\(mode), so others can replace the keys in it; run: chmod 700 \(path)"
        ]
    }

    /// Remembers under which URL the server is known, so that `token mint` makes tokens for it, and for how long readers
    /// may go by the key set that it publishes, so that `keys rotate` waits for them.
    func save(resource: String, jwksLifetime: Duration) throws(CommandFailure) {
        let document: JSONValue = [
            "resource": .string(resource), "jwks_lifetime": .integer(Int(jwksLifetime.components.seconds)),
        ]
        let draft = "\(resourceFile).\(getpid())"
        try Self.write(document.serialized + [0x0A], to: draft)
        guard rename(draft, resourceFile) == 0 else {
            let problem = TextFile.lastError()
            unlink(draft)
            throw .couldNotRun("cannot write \(resourceFile): \(problem); make the data directory writable")
        }
    }

    /// The URL under which the server was last known; `nil` where none has started here.
    func resource() -> String? { lastServer()?["resource"]?.string }

    /// The lifetime of the key set that the server published that last ran here; `nil` where none has.
    func jwksLifetime() -> Duration? {
        guard let seconds = lastServer()?["jwks_lifetime"]?.integer, (0...(7 * 86_400)).contains(seconds) else {
            return nil
        }
        return .seconds(seconds)
    }

    private func lastServer() -> JSONValue? {
        guard let bytes = try? TextFile.read(resourceFile, maximumSize: 64 * 1024, what: "server's URL") else {
            return nil
        }
        return try? JSONParser().parse(bytes)
    }

    private static func create(_ path: String) throws(CommandFailure) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw .couldNotRun("the data directory \(path) is a file; name another with --data")
            }
            return
        }
        let parent = FilePath.folder(of: path)
        if parent != path, parent != "." { try create(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .couldNotRun(
                "cannot create the data directory \(path): \(TextFile.lastError()); name a writable one with --data")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw unwritable(path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = unwritable(path)
                close(descriptor)
                throw failure
            }
            rest = rest.dropFirst(count)
        }
        // A full disk may say so only now.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            let failure = unwritable(path)
            close(descriptor)
            throw failure
        }
        close(descriptor)
    }

    private static func unwritable(_ path: String) -> CommandFailure {
        .couldNotRun(
            "cannot write to the data directory \(FilePath.folder(of: path)): \(TextFile.lastError()); "
                + "free space, mend its permissions, or name another with --data")
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
}
