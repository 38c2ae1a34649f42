internal import VestibuleProtocol
internal import XMLCoder

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// `ListAllMyBucketsResult`.
struct S3BucketList: Decodable {
    struct Buckets: Decodable {
        struct Entry: Decodable {
            var Name: String
            var CreationDate: String?
        }
        var Bucket: [Entry]?
    }
    var Buckets: Buckets?
    var ContinuationToken: String?
}

/// `ListBucketResult` of ListObjectsV2.
struct S3ObjectList: Decodable {
    struct Entry: Decodable {
        var Key: String
        var LastModified: String
        var ETag: String
        var Size: Int
        var StorageClass: String?
    }
    struct Prefix: Decodable {
        var Prefix: String
    }
    var IsTruncated: Bool?
    var EncodingType: String?
    var Contents: [Entry]?
    var CommonPrefixes: [Prefix]?
    var NextContinuationToken: String?
}

/// The body of a refusal.
struct S3ErrorBody: Decodable {
    var Code: String
    var Message: String?
    var Region: String?
}

enum S3XML {
    static let maximumSize = 4 << 20
    private static let maximumDepth = 16

    struct Malformed: Error {}

    static func decode<Value: Decodable>(_ type: Value.Type, from body: [UInt8]) throws -> Value {
        guard isPlain(body) else { throw Malformed() }
        do {
            return try XMLDecoder().decode(type, from: Data(body))
        } catch {
            throw Malformed()
        }
    }

    /// Whether the body is flat and has no declarations: S3 sends none, and entities are a way to make a small body a
    /// large one.
    static func isPlain(_ body: [UInt8]) -> Bool {
        guard !body.isEmpty, body.count <= maximumSize else { return false }
        var depth = 0
        var index = 0
        while let start = body[index...].firstIndex(of: UInt8(ascii: "<")) {
            guard start + 1 < body.count, let end = body[start...].firstIndex(of: UInt8(ascii: ">")) else {
                return false
            }
            switch body[start + 1] {
            case UInt8(ascii: "!"): return false
            case UInt8(ascii: "?"): break
            case UInt8(ascii: "/"): depth -= 1
            default: if body[end - 1] != UInt8(ascii: "/") { depth += 1 }
            }
            guard (0...maximumDepth).contains(depth) else { return false }
            index = end + 1
        }
        return depth == 0
    }
}
