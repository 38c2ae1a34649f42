internal import NIOPosix
internal import VestibuleProtocol

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Buckets in a folder: each directory in it is a bucket, each file below that an object.
///
/// Nothing outside the root is ever reached: keys are written to disk as ``DiskPath`` says, every name is opened
/// relative to its directory without following links, and what is neither file nor directory is refused. Files may be
/// put there by hand; content types then go by their extension.
///
/// - Listings come in the order of the keys' bytes and look at 200,000 directory entries at most.
/// - A put is atomic: written beside, flushed, renamed.
/// - `version` is the current etag: an object has one version, and asking for another one says so.
/// - Links cannot be signed; ``presignedLink(to:in:version:expiresIn:)`` throws ``BucketStoreError/Code/unsupported``.
/// - Two keys that differ only in case or in Unicode normalisation are two objects wherever the file system tells them
///   apart, as those of Linux do.
public struct FolderBucketStore: BucketStore {
    /// Objects of more bytes are not taken.
    public static let maximumObjectSize = 64 << 20

    let folder: Folder

    /// - Parameter root: A directory that exists, or is made by the first ``createBucket(_:)``.
    public init(root: String) {
        folder = Folder(root: root)
    }

    public var signsLinks: Bool { false }

    /// Makes a bucket; one that is already there is left as it is.
    public func createBucket(_ name: String) async throws {
        try await run { folder in try folder.createBucket(name) }
    }

    public func buckets() async throws -> [Bucket] {
        try await run { folder in try folder.buckets() }
    }

    public func objects(in bucket: String, _ query: ObjectQuery) async throws -> ObjectPage {
        try await run { folder in try folder.objects(in: bucket, query) }
    }

    public func info(of key: String, in bucket: String, version: String?) async throws -> ObjectInfo {
        try await run { folder in try folder.info(of: key, in: bucket, version: version) }
    }

    public func read(
        _ range: ByteRange, of key: String, in bucket: String, version: String?
    ) async throws -> ObjectPart {
        try await run { folder in try folder.read(range, of: key, in: bucket, version: version) }
    }

    public func put(_ object: NewObject, in bucket: String) async throws -> StoredObject {
        try await run { folder in try folder.put(object, in: bucket) }
    }

    public func presignedLink(
        to key: String, in bucket: String, version: String?, expiresIn: Duration
    ) async throws -> String {
        _ = try await info(of: key, in: bucket, version: version)
        throw BucketStoreError(
            .unsupported, bucket: bucket, key: key,
            "these buckets are a folder of the server, which signs no links; read \(BucketStoreError.quoted(key)) with "
                + "bucket_object_text or bucket_object_fetch")
    }

    /// File work blocks its thread, so it is done on threads that are there for that.
    private func run<Value: Sendable>(_ work: @escaping @Sendable (Folder) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let folder = folder
        return try await NIOThreadPool.singleton.runIfActive { try work(folder) }
    }
}
