internal import VestibuleProtocol

/// Buckets of Amazon S3, or of another service that speaks its protocol.
///
/// Requests are signed with AWS Signature Version 4, sent again after passing failures, and never redirected. Keys with
/// a segment `.` or `..` are refused, since no URL can carry them safely.
public struct S3BucketStore: BucketStore {
    /// Objects of more bytes are not taken by one put.
    public static let maximumObjectSize = 64 << 20

    let client: S3Client

    /// - Throws: ``BucketStoreError`` with code `misconfigured` where the endpoint or region cannot be one.
    public init(configuration: S3Configuration) throws(BucketStoreError) {
        client = try S3Client(configuration, clock: SystemClock(), transport: S3HTTPClient.transport)
    }

    init(
        configuration: S3Configuration, clock: any WallClock, transport: @escaping S3Transport
    ) throws(BucketStoreError) {
        client = try S3Client(configuration, clock: clock, transport: transport)
    }

    public var signsLinks: Bool { true }

    public func buckets() async throws -> [Bucket] {
        let answer = try await client.send(S3Operation("GET", bucket: nil))
        let list: S3BucketList = try client.decode(answer, bucket: nil)
        return (list.Buckets?.Bucket ?? [])
            .map { Bucket(name: $0.Name, created: $0.CreationDate.flatMap(NumericDate.parse(iso:))) }
            .filter { BucketNaming.isValid($0.name) }
            .sorted { $0.name < $1.name }
            .prefix(BucketNaming.maximumBuckets)
            .map { $0 }
    }

    public func objects(in bucket: String, _ query: ObjectQuery) async throws -> ObjectPage {
        try BucketNaming.check(bucket)
        var operation = S3Operation("GET", bucket: bucket)
        operation.query = [
            ("list-type", "2"), ("encoding-type", "url"),
            ("max-keys", String(min(max(query.maximumKeys, 1), 1000))),
        ]
        if !query.prefix.isEmpty { operation.query.append(("prefix", query.prefix)) }
        if !query.delimiter.isEmpty { operation.query.append(("delimiter", query.delimiter)) }
        if let token = query.continuationToken {
            guard !token.isEmpty, token.utf8.count <= 4096 else { throw BucketStoreError.badToken(in: bucket) }
            operation.query.append(("continuation-token", token))
        }
        let answer = try await client.send(operation)
        let list: S3ObjectList = try client.decode(answer, bucket: bucket)
        let isEncoded = list.EncodingType == "url"
        let text = { (text: String) throws -> String in
            guard isEncoded else { return text }
            guard let decoded = PercentCoding.decode(text.utf8, plusIsSpace: true) else {
                throw S3Client.senseless(bucket: bucket)
            }
            return decoded
        }
        return ObjectPage(
            objects: try (list.Contents ?? [])
                .map { entry in
                    ObjectSummary(
                        key: try text(entry.Key), size: entry.Size,
                        lastModified: NumericDate.parse(iso: entry.LastModified) ?? NumericDate(0),
                        etag: Self.unquoted(entry.ETag), storageClass: entry.StorageClass ?? "STANDARD")
                },
            commonPrefixes: try (list.CommonPrefixes ?? []).map { try text($0.Prefix) },
            continuationToken: list.IsTruncated == true ? list.NextContinuationToken : nil)
    }

    public func info(of key: String, in bucket: String, version: String?) async throws -> ObjectInfo {
        let answer = try await client.send(try operation("HEAD", key, bucket, version))
        let size = answer.header("content-length").flatMap { Int($0) } ?? 0
        return Self.info(answer, key: key, size: size)
    }

    public func read(
        _ range: ByteRange, of key: String, in bucket: String, version: String?
    ) async throws -> ObjectPart {
        var operation = try operation("GET", key, bucket, version)
        operation.headers = [("range", "bytes=\(range.offset)-\(range.end - 1)")]
        operation.maximumBody = range.length
        operation.excess = .cut
        do {
            let answer = try await client.send(operation)
            guard answer.status == 206 else {
                // The range was ignored. From the start that does not matter; elsewhere these are other bytes.
                guard range.offset == 0 else { throw S3Client.senseless(bucket: bucket) }
                let size = answer.header("content-length").flatMap { Int($0) } ?? answer.body.count
                return ObjectPart(info: Self.info(answer, key: key, size: size), offset: 0, bytes: answer.body)
            }
            guard let (start, size) = Self.contentRange(answer), start == range.offset else {
                throw S3Client.senseless(bucket: bucket)
            }
            return ObjectPart(info: Self.info(answer, key: key, size: size), offset: start, bytes: answer.body)
        } catch let error as BucketStoreError where error.code == .invalidRange {
            // There is no byte 0 in an empty object.
            guard range.offset == 0 else {
                throw BucketStoreError.rangePastEnd(key, in: bucket, offset: range.offset)
            }
            return ObjectPart(info: try await info(of: key, in: bucket, version: version), offset: 0, bytes: [])
        }
    }

    public func put(_ object: NewObject, in bucket: String) async throws -> StoredObject {
        var operation = try operation("PUT", object.key, bucket, nil)
        guard object.bytes.count <= Self.maximumObjectSize else {
            throw BucketStoreError(
                .tooLarge, bucket: bucket, key: object.key,
                "\(BucketStoreError.quoted(object.key)) has \(object.bytes.count) bytes; at most "
                    + "\(Self.maximumObjectSize) are taken")
        }
        let contentType = object.contentType ?? ContentType.guess(object.key) ?? ContentType.binary
        guard ContentType.isValid(contentType) else {
            throw BucketStoreError(
                .invalidArgument, bucket: bucket, key: object.key,
                "content type \(BucketStoreError.quoted(contentType)) is none; use one like text/csv")
        }
        operation.headers = [("content-type", contentType)]
        let metadata = try MetadataNaming.normalise(object.metadata, key: object.key, in: bucket)
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            operation.headers.append(("x-amz-meta-\(name)", value))
        }
        operation.body = object.bytes
        let answer = try await client.send(operation)
        return StoredObject(
            etag: Self.unquoted(answer.header("etag") ?? ""), version: answer.header("x-amz-version-id"))
    }

    /// Computed here, without asking S3: a link to an object that is not there is answered with 404 to whoever opens it.
    public func presignedLink(
        to key: String, in bucket: String, version: String?, expiresIn: Duration
    ) async throws -> String {
        let seconds = min(max(Int(expiresIn.components.seconds), 1), 604_800)
        return client.presignedURL(try operation("GET", key, bucket, version), expiresIn: seconds)
    }
}

extension S3BucketStore {
    private func operation(
        _ method: String, _ key: String, _ bucket: String, _ version: String?
    ) throws(BucketStoreError) -> S3Operation {
        try BucketNaming.check(bucket)
        try S3Address.check(key, in: bucket)
        var operation = S3Operation(method, bucket: bucket, key: key)
        if let version {
            guard (1...1024).contains(version.utf8.count) else {
                throw BucketStoreError.noVersion(version, of: key, in: bucket)
            }
            operation.query = [("versionId", version)]
            operation.version = version
        }
        return operation
    }

    private static func info(_ answer: S3HTTPResponse, key: String, size: Int) -> ObjectInfo {
        var metadata: [String: String] = [:]
        for header in answer.headers {
            let name = header.name.lowercased()
            guard name.hasPrefix("x-amz-meta-"), metadata.count < 100 else { continue }
            metadata[String(name.dropFirst("x-amz-meta-".count))] = header.value
        }
        return ObjectInfo(
            summary: ObjectSummary(
                key: key, size: size,
                lastModified: answer.header("last-modified").flatMap(HTTPDate.parse) ?? NumericDate(0),
                etag: unquoted(answer.header("etag") ?? ""),
                storageClass: answer.header("x-amz-storage-class") ?? "STANDARD"),
            contentType: answer.header("content-type") ?? ContentType.binary,
            cacheControl: answer.header("cache-control"), version: answer.header("x-amz-version-id"),
            metadata: metadata)
    }

    /// Start and whole size of `Content-Range: bytes 0-9/443`.
    private static func contentRange(_ answer: S3HTTPResponse) -> (start: Int, size: Int)? {
        guard let text = answer.header("content-range"), text.lowercased().hasPrefix("bytes ") else { return nil }
        let numbers = text.dropFirst(6).split { $0 == "-" || $0 == "/" }.map { Int($0) }
        guard numbers.count == 3, let start = numbers[0], let size = numbers[2], start >= 0, size > start else {
            return nil
        }
        return (start, size)
    }

    private static func unquoted(_ etag: String) -> String {
        etag.count >= 2 && etag.hasPrefix("\"") && etag.hasSuffix("\"") ? String(etag.dropFirst().dropLast()) : etag
    }
}
