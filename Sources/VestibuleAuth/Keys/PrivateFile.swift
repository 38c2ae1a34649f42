#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file that only its owner may read: the POSIX calls that reading and replacing one safely take.
struct PrivateFile: Sendable {
    /// What tells one version of a file from another without reading it.
    struct Stamp: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var mode: UInt32
        var modified: [Int64]
        var changed: [Int64]
    }

    let path: String
    /// Whether nobody but its owner may read it; that nobody else may write it is always due.
    var isSecret = true
    /// The most bytes that are read.
    var maximumSize = 1 << 20

    /// The file's stamp, or `nil` where there is none.
    ///
    /// - Throws: ``KeyError`` where it cannot be looked at, so that nobody can say whether there is one.
    func stamp() throws(KeyError) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw KeyError(.unreadable, "cannot look at \(path): \(Self.errorText)")
        }
        return Stamp(status)
    }

    /// The file's bytes, and the stamp of the very file that was read.
    func read() throws(KeyError) -> (bytes: [UInt8], stamp: Stamp) {
        // Not blocking, so that a named pipe in the file's place cannot hold us.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code: KeyError.Code = errno == ENOENT ? .missingFile : .unreadable
            throw KeyError(code, "cannot open \(path): \(Self.errorText)")
        }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw KeyError(.unreadable, "cannot look at \(path): \(Self.errorText)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KeyError(.unreadable, "\(path) is not a regular file")
        }
        guard status.st_mode & (isSecret ? 0o077 : 0o022) == 0 else {
            throw KeyError(
                .insecurePermissions,
                """
                \(path) has mode \(Self.octal(UInt32(status.st_mode & 0o7777))), so others than its owner can \
                \(isSecret ? "reach it; run: chmod 600" : "write it; run: chmod go-w") \(path)
                """)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = buffer.withUnsafeMutableBytes { Self.posixRead(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw KeyError(.unreadable, "cannot read \(path): \(Self.errorText)") }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= maximumSize else {
                throw KeyError(.corrupted, "\(path) is larger than \(maximumSize) bytes, which no such file is")
            }
        }
        return (bytes, Stamp(status))
    }

    /// Puts these bytes in the file's place at once: whoever reads sees the old file or the new one, never a part.
    ///
    /// The new file is written beside the old one with mode 0600, flushed to the disk and renamed over it. Directories
    /// that are missing are created with mode 0700.
    func replace(with bytes: [UInt8]) throws(KeyError) {
        try createDirectory()
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = "\(path).new-\(suffix)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw KeyError(
                .notWritable,
                "cannot write to the directory \(directory): \(Self.errorText); nothing was changed")
        }
        do throws(KeyError) {
            defer { _ = close(descriptor) }
            try Self.writeAll(bytes, to: descriptor, path: path)
            // The mask of the process may have taken bits away, never added any; this settles it.
            guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
                throw KeyError(.notWritable, "cannot store \(path): \(Self.errorText); nothing was changed")
            }
            guard rename(temporary, path) == 0 else {
                throw KeyError(.notWritable, "cannot replace \(path): \(Self.errorText); nothing was changed")
            }
        } catch {
            _ = unlink(temporary)
            throw error
        }
        syncDirectory()
    }

    private var directory: String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func createDirectory() throws(KeyError) {
        var missing: [String] = []
        var current = directory
        var status = stat()
        while stat(current, &status) != 0, errno == ENOENT {
            missing.append(current)
            current = PrivateFile(path: current).directory
        }
        for directory in missing.reversed() where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw KeyError(.notWritable, "cannot create the directory \(directory): \(Self.errorText)")
        }
    }

    /// A rename is lasting only when its directory is on the disk; where that cannot be had, the file is still whole.
    private func syncDirectory() {
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }

    /// Internal so that a test can hold it against a device that is always full.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(KeyError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw KeyError(.notWritable, "cannot store \(path): \(errorText); nothing was changed")
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    static var errorText: String { String(cString: strerror(errno)) }
}

extension PrivateFile {
    /// Runs `body` while no other process does the same for this file, by a lock on `PATH.lock`.
    ///
    /// Waits for at most ten seconds. The lock file stays: to remove it would let two processes lock two files.
    func withLock<Result>(_ body: () throws(KeyError) -> Result) throws(KeyError) -> Result {
        try createDirectory()
        let lock = "\(path).lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw KeyError(.notWritable, "cannot open the lock \(lock): \(Self.errorText)")
        }
        defer { _ = close(descriptor) }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            tries += 1
            guard errno == EWOULDBLOCK || errno == EINTR, tries < 1000 else {
                throw KeyError(.locked, "cannot lock \(lock): \(Self.errorText); another command may be changing it")
            }
            usleep(10_000)
        }
        defer { _ = flock(descriptor, LOCK_UN) }
        return try body()
    }
}

extension PrivateFile.Stamp {
    fileprivate init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        mode = UInt32(status.st_mode)
        #if canImport(Darwin)
            let (modification, change) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (modification, change) = (status.st_mtim, status.st_ctim)
        #endif
        modified = [Int64(modification.tv_sec), Int64(modification.tv_nsec)]
        changed = [Int64(change.tv_sec), Int64(change.tv_nsec)]
    }
}
