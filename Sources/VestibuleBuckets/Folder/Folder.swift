internal import Synchronization
internal import VestibuleProtocol

/// The synchronous side of ``FolderBucketStore``.
final class Folder: Sendable {
    /// Beside the buckets; a bucket's name cannot start with a dot, so it is none.
    static let side = ".vestibule"
    static let records = "objects"
    static let temporary = "incoming"

    let root: String
    /// Held while a finished file is moved to its place.
    let placement = Mutex<Void>(())

    init(root: String) {
        self.root = root
    }

    func buckets() throws -> [Bucket] {
        let directory = try openRoot()
        let names: [String]
        do {
            names = try directory.names(limit: 100_000)
        } catch {
            throw Self.unreadable(error)
        }
        var buckets: [Bucket] = []
        for name in names where BucketNaming.isValid(name) {
            guard let status = try? directory.status(of: name), status.kind == .directory else { continue }
            buckets.append(Bucket(name: name, created: nil))
        }
        // Valid names are ASCII, whose order as text is the order of their bytes.
        return Array(buckets.sorted { $0.name < $1.name }.prefix(BucketNaming.maximumBuckets))
    }

    func info(of key: String, in bucket: String, version: String?) throws -> ObjectInfo {
        let file = try openObject(key, in: bucket)
        return try info(file, key: key, bucket: bucket, version: version)
    }

    func read(_ range: ByteRange, of key: String, in bucket: String, version: String?) throws -> ObjectPart {
        let file = try openObject(key, in: bucket)
        let info = try info(file, key: key, bucket: bucket, version: version)
        guard range.offset == 0 || range.offset < info.summary.size else {
            throw BucketStoreError.rangePastEnd(key, in: bucket, offset: range.offset)
        }
        let count = min(range.length, info.summary.size - range.offset)
        do {
            let bytes = try file.read(count: max(0, count), at: range.offset)
            return ObjectPart(info: info, offset: range.offset, bytes: bytes)
        } catch {
            throw Self.failure(error, key: key, bucket: bucket)
        }
    }

    func info(
        _ file: borrowing Descriptor, key: String, bucket: String, version: String?
    ) throws(BucketStoreError) -> ObjectInfo {
        let status: Descriptor.Status
        do {
            status = try file.status()
        } catch {
            throw Self.failure(error, key: key, bucket: bucket)
        }
        let record = record(of: key, status, in: bucket)
        let etag = record?.etag ?? ObjectRecord.etag(ofUnrecorded: status)
        if let version, !version.hasSameBytes(as: etag) {
            throw BucketStoreError.noVersion(version, of: key, in: bucket)
        }
        return ObjectInfo(
            summary: ObjectSummary(
                key: key, size: status.size, lastModified: NumericDate(Double(status.modifiedSeconds)), etag: etag),
            contentType: record?.contentType ?? ContentType.guess(key) ?? ContentType.binary,
            version: etag, metadata: record?.metadata ?? [:])
    }
}

extension Folder {
    func openRoot() throws(BucketStoreError) -> Descriptor {
        do {
            return try Descriptor.directory(atPath: root)
        } catch {
            throw Self.unreadable(error)
        }
    }

    func openBucket(_ bucket: String) throws(BucketStoreError) -> Descriptor {
        try BucketNaming.check(bucket)
        let root = try openRoot()
        do {
            return try root.directory(bucket)
        } catch {
            if error.isAbsence || error.isLink { throw .noBucket(bucket) }
            throw Self.failure(error, key: nil, bucket: bucket)
        }
    }

    func openDirectory(
        _ names: some Sequence<String>, in bucket: borrowing Descriptor
    ) throws(SystemFailure) -> Descriptor {
        var directory = try bucket.duplicate()
        for name in names { directory = try directory.directory(name) }
        return directory
    }

    /// Opens the file of an object; it is a regular one.
    func openObject(_ key: String, in bucket: String) throws(BucketStoreError) -> Descriptor {
        try KeyNaming.check(key, in: bucket)
        let directory = try openBucket(bucket)
        let path = DiskPath(key: key)
        do {
            let parent = try openDirectory(path.directories, in: directory)
            return try openFile(path.file, in: parent)
        } catch {
            throw Self.failure(error, key: key, bucket: bucket)
        }
    }

    private func openFile(_ name: String, in parent: borrowing Descriptor) throws(SystemFailure) -> Descriptor {
        if let status = try parent.status(of: name), status.kind != .directory {
            guard status.kind == .file else { throw .notARegularFile }
            let file = try parent.file(name)
            // Looked at again: it may have been replaced in between.
            if try file.status().kind == .file { return file }
        }
        let file = try parent.file(name + DiskPath.besideDirectory)
        guard try file.status().kind == .file else { throw .notARegularFile }
        return file
    }

    static func unreadable(_ failure: SystemFailure) -> BucketStoreError {
        if failure.isAbsence {
            return BucketStoreError(
                .misconfigured, "the folder of the buckets is not there; the operator must make it or correct its path")
        }
        return BucketStoreError(
            .unavailable, "the folder of the buckets cannot be read (errno \(failure.errno)); the operator must look")
    }

    static func failure(_ failure: SystemFailure, key: String?, bucket: String) -> BucketStoreError {
        let subject = key.map { "\(BucketStoreError.quoted($0)) in \(bucket)" } ?? bucket
        if failure.isAbsence, let key { return .noObject(key, in: bucket) }
        if failure.isLink || failure.isSpecialFile {
            return BucketStoreError(
                .accessDenied, bucket: bucket, key: key,
                "\(subject) is a link or a special file, which is never opened; put an ordinary file in its place")
        }
        if failure.isPermission {
            return BucketStoreError(
                .accessDenied, bucket: bucket, key: key,
                "the server's account may not touch \(subject) on its disk; the operator must correct the permissions")
        }
        if failure.isFull {
            return BucketStoreError(
                .unavailable, bucket: bucket, key: key,
                "\(subject) was not stored: the server's disk is full; the operator must make room")
        }
        return BucketStoreError(
            .unavailable, bucket: bucket, key: key,
            "\(subject) cannot be reached on the server's disk (errno \(failure.errno)); try again, then tell the "
                + "operator")
    }
}
