public import VestibuleProtocol

/// Where buckets and their objects are: a folder (``FolderBucketStore``) or S3 (``S3BucketStore``).
///
/// A store knows nothing of principals; the gate has decided before anything is asked here. Bucket names are checked by
/// ``BucketNaming``, keys are any UTF-8 text of 1 to 1024 bytes and are compared by their bytes.
///
/// Every function throws ``BucketStoreError``, or `CancellationError` where its task was cancelled.
public protocol BucketStore: Sendable {
    /// Whether ``presignedLink(to:in:version:expiresIn:)`` can work here.
    var signsLinks: Bool { get }

    /// All buckets, by name. At most ``BucketNaming/maximumBuckets``.
    func buckets() async throws -> [Bucket]

    /// One page of a bucket's keys, in the order of their UTF-8 bytes.
    func objects(in bucket: String, _ query: ObjectQuery) async throws -> ObjectPage

    /// What is known of an object without its content.
    func info(of key: String, in bucket: String, version: String?) async throws -> ObjectInfo

    /// A bounded part of an object's content, with what is known of the object.
    func read(_ range: ByteRange, of key: String, in bucket: String, version: String?) async throws -> ObjectPart

    /// Stores an object, replacing the one of the same key. Readers see the old one or the new one, never a mixture.
    func put(_ object: NewObject, in bucket: String) async throws -> StoredObject

    /// A link with which whoever has it can download the object for a while, without any other credential.
    ///
    /// - Parameter expiresIn: 1 second to 7 days.
    func presignedLink(
        to key: String, in bucket: String, version: String?, expiresIn: Duration
    ) async throws -> String

    /// Objects whose keys hold every word of the query, case ignored.
    ///
    /// - Parameter limit: 1 to 1000.
    func search(_ query: String, in bucket: String, limit: Int) async throws -> SearchResult
}

/// A bucket, as a store lists it.
public struct Bucket: Sendable, Hashable {
    public var name: String
    /// When it was made, where the store knows.
    public var created: NumericDate?

    public init(name: String, created: NumericDate? = nil) {
        self.name = name
        self.created = created
    }
}

/// Which page of a bucket is asked for.
public struct ObjectQuery: Sendable, Hashable {
    /// Only keys that start with these bytes.
    public var prefix: String
    /// Keys that hold this text behind the prefix are rolled into one common prefix that ends with it; empty for none.
    public var delimiter: String
    /// Keys and common prefixes together, 1 to 1000; anything else is brought into that range.
    public var maximumKeys: Int
    /// From ``ObjectPage/continuationToken`` of the page before, with the same prefix and delimiter.
    public var continuationToken: String?

    public init(
        prefix: String = "", delimiter: String = "", maximumKeys: Int = 1000, continuationToken: String? = nil
    ) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.maximumKeys = min(max(maximumKeys, 1), 1000)
        self.continuationToken = continuationToken
    }
}

/// One page of keys.
public struct ObjectPage: Sendable, Hashable {
    public var objects: [ObjectSummary]
    public var commonPrefixes: [String]
    /// Opaque; `nil` on the last page.
    public var continuationToken: String?

    public init(objects: [ObjectSummary], commonPrefixes: [String] = [], continuationToken: String? = nil) {
        self.objects = objects
        self.commonPrefixes = commonPrefixes
        self.continuationToken = continuationToken
    }
}

/// What a listing says of an object.
public struct ObjectSummary: Sendable, Hashable {
    public var key: String
    /// Bytes.
    public var size: Int
    public var lastModified: NumericDate
    /// Without its quotes.
    public var etag: String
    public var storageClass: String

    public init(
        key: String, size: Int, lastModified: NumericDate, etag: String, storageClass: String = "STANDARD"
    ) {
        self.key = key
        self.size = size
        self.lastModified = lastModified
        self.etag = etag
        self.storageClass = storageClass
    }
}

/// What is known of an object without its content.
public struct ObjectInfo: Sendable, Hashable {
    public var summary: ObjectSummary
    public var contentType: String
    public var cacheControl: String?
    public var version: String?
    /// User metadata by lower-case ASCII name.
    public var metadata: [String: String]

    public init(
        summary: ObjectSummary, contentType: String, cacheControl: String? = nil, version: String? = nil,
        metadata: [String: String] = [:]
    ) {
        self.summary = summary
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.version = version
        self.metadata = metadata
    }
}

/// A run of bytes within an object. Always bounded: there is no way to ask for "all of it".
public struct ByteRange: Sendable, Hashable {
    /// From 0. An offset at or past the end of an object that is not empty is an error.
    public let offset: Int
    /// 1 to ``maximumLength``; fewer bytes come where the object ends earlier.
    public let length: Int

    /// 64 MiB. A longer range is cut to it.
    public static let maximumLength = 64 << 20

    public init(offset: Int = 0, length: Int) {
        self.offset = max(0, offset)
        self.length = min(max(1, length), Self.maximumLength)
    }

    /// The index past the last byte, without overflow.
    var end: Int {
        let (sum, overflow) = offset.addingReportingOverflow(length)
        return overflow ? Int.max : sum
    }
}

/// A part of an object's content.
public struct ObjectPart: Sendable, Hashable {
    public var info: ObjectInfo
    public var offset: Int
    public var bytes: [UInt8]

    public init(info: ObjectInfo, offset: Int, bytes: [UInt8]) {
        self.info = info
        self.offset = offset
        self.bytes = bytes
    }

    /// Whether the object goes on behind this part.
    public var isTruncated: Bool { offset + bytes.count < info.summary.size }
}

/// An object to be stored.
public struct NewObject: Sendable, Hashable {
    public var key: String
    public var bytes: [UInt8]
    /// `nil` to go by the key's extension.
    public var contentType: String?
    /// User metadata: names of 1 to 128 of `a-z0-9._-` (capitals are lowered), values of printable ASCII, 2 KiB in all.
    public var metadata: [String: String]

    public init(key: String, bytes: [UInt8], contentType: String? = nil, metadata: [String: String] = [:]) {
        self.key = key
        self.bytes = bytes
        self.contentType = contentType
        self.metadata = metadata
    }
}

/// What became of a stored object.
public struct StoredObject: Sendable, Hashable {
    public var etag: String
    public var version: String?

    public init(etag: String, version: String? = nil) {
        self.etag = etag
        self.version = version
    }
}

/// What a search found.
public struct SearchResult: Sendable, Hashable {
    public var objects: [ObjectSummary]
    /// How many keys were looked at.
    public var scanned: Int
    /// Whether all keys of the bucket were looked at.
    public var isComplete: Bool

    public init(objects: [ObjectSummary], scanned: Int, isComplete: Bool) {
        self.objects = objects
        self.scanned = scanned
        self.isComplete = isComplete
    }
}
