#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A system call that failed.
struct SystemFailure: Error {
    let errno: CInt

    static var current: SystemFailure {
        #if canImport(Darwin)
            SystemFailure(errno: Darwin.errno)
        #elseif canImport(Musl)
            SystemFailure(errno: Musl.errno)
        #else
            SystemFailure(errno: Glibc.errno)
        #endif
    }
}

/// An open file or directory, closed when it goes out of scope.
///
/// Everything below the root is opened relative to its directory and one name at a time, never following a link, so
/// that no name can lead out of the directory in which it stands.
struct Descriptor: ~Copyable {
    enum Kind {
        case file, directory, other
    }

    struct Status {
        var kind: Kind
        var size: Int
        var inode: UInt64
        var modifiedSeconds: Int64
        var modifiedNanoseconds: Int64
    }

    let raw: CInt

    private init(raw: CInt) {
        self.raw = raw
    }

    deinit {
        _ = close(raw)
    }

    /// Opens the root, which the operator names; there a link is followed.
    static func directory(atPath path: String) throws(SystemFailure) -> Descriptor {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { throw .current }
        return Descriptor(raw: raw)
    }

    func directory(_ name: String) throws(SystemFailure) -> Descriptor {
        let opened = openat(raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw .current }
        return Descriptor(raw: opened)
    }

    /// Opens a file for reading. `O_NONBLOCK` so that a pipe does not keep the caller waiting for its other end.
    func file(_ name: String) throws(SystemFailure) -> Descriptor {
        let opened = openat(raw, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw .current }
        return Descriptor(raw: opened)
    }

    /// Makes a file that must not be there yet, readable and writable for its owner only.
    func newFile(_ name: String) throws(SystemFailure) -> Descriptor {
        let opened = openat(raw, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard opened >= 0 else { throw .current }
        return Descriptor(raw: opened)
    }

    /// Makes a directory, or leaves it where something of that name is already there.
    func makeDirectory(_ name: String) throws(SystemFailure) {
        guard mkdirat(raw, name, mode_t(0o700)) == 0 else {
            let failure = SystemFailure.current
            guard failure.errno == EEXIST else { throw failure }
            return
        }
    }

    func duplicate() throws(SystemFailure) -> Descriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .current }
        return Descriptor(raw: copy)
    }

    func remove(_ name: String) {
        _ = unlinkat(raw, name, 0)
    }

    func rename(_ name: String, to directory: borrowing Descriptor, as newName: String) throws(SystemFailure) {
        guard renameat(raw, name, directory.raw, newName) == 0 else { throw .current }
    }
}

extension Descriptor {
    func status() throws(SystemFailure) -> Status {
        var result = stat()
        guard fstat(raw, &result) == 0 else { throw .current }
        return Status(result)
    }

    /// What stands at a name, itself and not what it may point to; `nil` where there is nothing.
    func status(of name: String) throws(SystemFailure) -> Status? {
        var result = stat()
        guard fstatat(raw, name, &result, AT_SYMLINK_NOFOLLOW) == 0 else {
            let failure = SystemFailure.current
            guard failure.errno == ENOENT else { throw failure }
            return nil
        }
        return Status(result)
    }

    /// The names in a directory that are UTF-8, without `.` and `..`, in no order.
    func names(limit: Int) throws(SystemFailure) -> [String] {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .current }
        guard let stream = fdopendir(copy) else {
            let failure = SystemFailure.current
            _ = close(copy)
            throw failure
        }
        defer { closedir(stream) }
        rewinddir(stream)
        var names: [String] = []
        while names.count < limit, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(validating: UnsafeBufferPointer(start: $0, count: strlen($0)), as: UTF8.self)
                }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Up to `count` bytes from an offset; fewer only at the end of the file.
    func read(count: Int, at offset: Int) throws(SystemFailure) -> [UInt8] {
        var failure: SystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count, let base = buffer.baseAddress {
                let got = pread(raw, base + filled, count - filled, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if SystemFailure.current.errno != EINTR {
                    failure = .current
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let put = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { systemWrite(raw, $0 + written, bytes.count - written) } ?? 0
            }
            if put >= 0 {
                written += put
            } else if SystemFailure.current.errno != EINTR {
                throw .current
            }
        }
    }

    /// Sees to it that the bytes are on the disk and not merely on their way there.
    func synchronise() throws(SystemFailure) {
        guard fsync(raw) == 0 else { throw .current }
    }

    func setModified(seconds: Int) throws(SystemFailure) {
        let time = timespec(tv_sec: time_t(seconds), tv_nsec: 0)
        guard futimens(raw, [time, time]) == 0 else { throw .current }
    }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

extension Descriptor.Status {
    fileprivate init(_ raw: stat) {
        kind =
            switch raw.st_mode & mode_t(S_IFMT) {
            case mode_t(S_IFREG): .file
            case mode_t(S_IFDIR): .directory
            default: .other
            }
        size = Int(raw.st_size)
        inode = UInt64(raw.st_ino)
        #if canImport(Darwin)
            modifiedSeconds = Int64(raw.st_mtimespec.tv_sec)
            modifiedNanoseconds = Int64(raw.st_mtimespec.tv_nsec)
        #else
            modifiedSeconds = Int64(raw.st_mtim.tv_sec)
            modifiedNanoseconds = Int64(raw.st_mtim.tv_nsec)
        #endif
    }
}

/// What a failed system call means, for those who handle it.
extension SystemFailure {
    var isAbsence: Bool { errno == ENOENT || errno == ENOTDIR }
    var isDirectoryInTheWay: Bool { errno == EISDIR }
    var isLink: Bool { errno == ELOOP || errno == EMLINK }
    var isFull: Bool { errno == ENOSPC || errno == EDQUOT }
    var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
    var isSpecialFile: Bool { errno == ENXIO || errno == ENODEV || errno == EOPNOTSUPP }
    var isExhaustion: Bool { errno == EMFILE || errno == ENFILE || errno == ENOMEM }
}
