internal import VestibuleProtocol

/// The parts of an endpoint's URL, and the URLs of buckets and keys below it.
struct S3Address: Sendable {
    let scheme: String
    /// With its port, where it is not the scheme's own.
    let authority: String
    let addressing: S3Configuration.Addressing

    struct Location: Sendable, Equatable {
        var host: String
        /// Percent-encoded.
        var path: String
    }

    init(_ configuration: S3Configuration) throws(BucketStoreError) {
        guard !configuration.region.isEmpty, configuration.region.utf8.allSatisfy(Self.isHostByte) else {
            throw BucketStoreError(
                .misconfigured,
                "S3 region \(BucketStoreError.quoted(configuration.region)) is none; use one like eu-west-1")
        }
        let text = configuration.endpoint ?? "https://s3.\(configuration.region).amazonaws.com"
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        var rest = text.dropFirst(scheme?.count ?? 0)
        if rest.last == "/" { rest.removeLast() }
        let isHost = { (byte: UInt8) in Self.isHostByte(byte) || ":[]".utf8.contains(byte) }
        guard let scheme, !rest.isEmpty, rest.utf8.allSatisfy(isHost) else {
            throw BucketStoreError(
                .misconfigured,
                "S3 endpoint \(BucketStoreError.quoted(text)) is none; use https://host or http://host:port, without path"
            )
        }
        self.scheme = String(scheme.dropLast(3))
        var authority = rest.lowercased()
        let ownPort = self.scheme == "https" ? ":443" : ":80"
        if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
        self.authority = authority
        self.addressing = configuration.addressing
    }

    func location(bucket: String?, key: String?) -> Location {
        guard let bucket else { return Location(host: authority, path: "/") }
        let encodedKey = key.map { PercentCoding.encode($0, keepsSlash: true) }
        let hasDot = bucket.utf8.contains(UInt8(ascii: "."))
        if addressing == .virtualHost, !(hasDot && scheme == "https") {
            return Location(host: "\(bucket).\(authority)", path: "/\(encodedKey ?? "")")
        }
        return Location(host: authority, path: encodedKey.map { "/\(bucket)/\($0)" } ?? "/\(bucket)")
    }

    /// Refuses keys with a segment `.` or `..`: clients, proxies and servers take those out of paths, and what is left
    /// may be in another bucket.
    static func check(_ key: String, in bucket: String) throws(BucketStoreError) {
        try KeyNaming.check(key, in: bucket)
        let segments = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !segments.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw BucketStoreError(
                .invalidKey, bucket: bucket, key: key,
                "\(BucketStoreError.quoted(key)) has a segment \".\" or \"..\", which no URL can carry safely; "
                    + "name the object without it")
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
        default: false
        }
    }
}
