internal import Synchronization
internal import VestibuleProtocol

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension SystemFailure {
    static let notARegularFile = SystemFailure(errno: ENXIO)
}

extension Folder {
    func createBucket(_ name: String) throws(BucketStoreError) {
        try BucketNaming.check(name)
        if mkdir(root, mode_t(0o700)) != 0 {
            let failure = SystemFailure.current
            if failure.errno != EEXIST { throw Self.failure(failure, key: nil, bucket: name) }
        }
        let directory = try openRoot()
        do {
            try directory.makeDirectory(name)
        } catch {
            throw Self.failure(error, key: nil, bucket: name)
        }
    }

    /// - Parameters:
    ///   - modified: The time to be shown as that of the last change, in seconds; `nil` for now.
    ///   - isDurable: Whether to wait until the bytes are on the disk.
    func put(
        _ object: NewObject, in bucket: String, modified: Int? = nil, isDurable: Bool = true
    ) throws(BucketStoreError) -> StoredObject {
        let key = object.key
        try KeyNaming.check(key, in: bucket)
        guard object.bytes.count <= FolderBucketStore.maximumObjectSize else {
            throw BucketStoreError(
                .tooLarge, bucket: bucket, key: key,
                "\(BucketStoreError.quoted(key)) has \(object.bytes.count) bytes; at most "
                    + "\(FolderBucketStore.maximumObjectSize) are taken")
        }
        let record = ObjectRecord(
            etag: ObjectRecord.etag(of: object.bytes),
            contentType: object.contentType ?? ContentType.guess(key) ?? ContentType.binary,
            metadata: try MetadataNaming.normalise(object.metadata, key: key, in: bucket))
        guard ContentType.isValid(record.contentType) else {
            throw BucketStoreError(
                .invalidArgument, bucket: bucket, key: key,
                "content type \(BucketStoreError.quoted(record.contentType)) is none; use one like text/csv")
        }
        let directory = try openBucket(bucket)
        let root = try openRoot()
        do throws(SystemFailure) {
            let incoming = try makeDirectories([Self.side, Self.temporary], in: root)
            let records = try makeDirectories([Self.side, Self.records, bucket], in: root)
            let name = Self.temporaryName()
            do throws(SystemFailure) {
                let status = try Self.write(object.bytes, to: name, in: incoming, modified, isDurable)
                let recordName = ObjectRecord.name(of: key, status)
                try Self.replace(recordName, with: record.serialized, in: records, by: incoming, isDurable)
                try place(name, from: incoming, key: key, in: directory, records: records, keeping: recordName)
            } catch {
                incoming.remove(name)
                throw error
            }
        } catch {
            throw Self.failure(error, key: error.isAbsence ? nil : key, bucket: bucket)
        }
        return StoredObject(etag: record.etag, version: record.etag)
    }

    private static func temporaryName() -> String {
        "\(String(UInt64.random(in: .min ... .max), radix: 16)).\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    private static func write(
        _ bytes: [UInt8], to name: String, in directory: borrowing Descriptor, _ modified: Int?, _ isDurable: Bool
    ) throws(SystemFailure) -> Descriptor.Status {
        let file = try directory.newFile(name)
        try file.write(bytes)
        if let modified { try file.setModified(seconds: modified) }
        if isDurable { try file.synchronise() }
        return try file.status()
    }

    private static func replace(
        _ name: String, with bytes: [UInt8], in directory: borrowing Descriptor, by incoming: borrowing Descriptor,
        _ isDurable: Bool
    ) throws(SystemFailure) {
        let temporary = temporaryName()
        do throws(SystemFailure) {
            _ = try write(bytes, to: temporary, in: incoming, nil, isDurable)
            try incoming.rename(temporary, to: directory, as: name)
        } catch {
            incoming.remove(temporary)
            throw error
        }
    }

    /// Moves a finished file to where its key says, and forgets what was known of the one before.
    private func place(
        _ name: String, from incoming: borrowing Descriptor, key: String, in bucket: borrowing Descriptor,
        records: borrowing Descriptor, keeping recordName: String
    ) throws(SystemFailure) {
        let path = DiskPath(key: key)
        try placement.withLock { (_) throws(SystemFailure) in
            let parent = try makeDirectories(path.directories, in: bucket)
            let beside = path.file + DiskPath.besideDirectory
            var target = path.file
            var former = try parent.status(of: target)
            if former?.kind == .other { throw .notARegularFile }
            if former?.kind == .directory {
                target = beside
                former = try parent.status(of: beside)
            } else if former == nil, let standing = try parent.status(of: beside) {
                target = beside
                former = standing
            }
            if let former, former.kind != .file { throw .notARegularFile }
            try incoming.rename(name, to: parent, as: target)
            if let former {
                let formerRecord = ObjectRecord.name(of: key, former)
                if formerRecord != recordName { records.remove(formerRecord) }
            }
        }
    }

    /// Opens a chain of directories, making those that are missing. A file that stands where a directory is due is
    /// moved beside it.
    private func makeDirectories(
        _ names: some Sequence<String>, in start: borrowing Descriptor
    ) throws(SystemFailure) -> Descriptor {
        var directory = try start.duplicate()
        for name in names {
            if try directory.status(of: name)?.kind == .file {
                try directory.rename(name, to: directory, as: name + DiskPath.besideDirectory)
            }
            try directory.makeDirectory(name)
            directory = try directory.directory(name)
        }
        return directory
    }
}
