internal import VestibuleAuth
internal import VestibuleProtocol

/// The name of an object as tools take and give it: `s3://bucket/key?versionId=…`.
///
/// Written, everything in the key but unreserved characters and `/` is percent-encoded (RFC 3986 §2.1), so every key
/// comes back as it went. Read, the same holds, and text that was not encoded is read as kindly as can be without
/// guessing: a `%` without two hex digits behind it, and `?`, `#`, `+` and spaces, stand for themselves; only a last
/// `?versionId=…` is no part of the key. A `%` with two hex digits behind it is always an encoded byte.
public struct ObjectURI: Sendable, CustomStringConvertible {
    public var bucket: String
    public var key: String
    public var version: String?

    public init(bucket: String, key: String, version: String? = nil) {
        self.bucket = bucket
        self.key = key
        self.version = version
    }

    /// `nil` where the text is no such URI: another scheme, no bucket, no key, or bytes that are not UTF-8.
    public init?(_ text: String) {
        let scheme = Array("s3://".utf8)
        let bytes = Array(text.utf8)
        // The bucket is read by the very code by which the gate has judged it.
        guard bytes.count <= 8192, bytes.count > scheme.count, let bucket = BucketName(text),
            bytes.prefix(scheme.count).map({ $0 | 0x20 }).elementsEqual(scheme.map { $0 | 0x20 })
        else { return nil }
        var rest = bytes.dropFirst(scheme.count + bucket.name.utf8.count)
        guard rest.first == UInt8(ascii: "/") else { return nil }
        rest = rest.dropFirst()

        let marker = Array("versionId=".utf8)
        if let question = rest.lastIndex(of: UInt8(ascii: "?")) {
            let query = rest[(question + 1)...]
            if query.starts(with: marker), query.count > marker.count, !query.contains(UInt8(ascii: "&")) {
                guard let version = PercentCoding.decode(query.dropFirst(marker.count)) else { return nil }
                self.version = version
                rest = rest[..<question]
            }
        }
        guard let key = PercentCoding.decode(rest), !key.isEmpty else { return nil }
        self.bucket = bucket.name
        self.key = key
    }

    public var description: String {
        let query = version.map { "?versionId=\(PercentCoding.encode($0, keepsSlash: false))" } ?? ""
        return "s3://\(bucket)/\(PercentCoding.encode(key, keepsSlash: true))\(query)"
    }
}
