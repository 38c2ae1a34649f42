internal import VestibuleProtocol

/// What a bucket may be called: 3 to 63 of `a-z`, `0-9`, `-` and `.`, a letter or digit at both ends, no two dots in
/// succession (Amazon S3 User Guide, "General purpose bucket naming rules").
///
/// There are no capitals and nothing but ASCII, so no two names differ only in case or in Unicode spelling.
public enum BucketNaming {
    /// How many buckets a store lists.
    public static let maximumBuckets = 1000

    public static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        guard isLetterOrDigit(first), isLetterOrDigit(last) else { return false }
        guard bytes.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }) else {
            return false
        }
        return !zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: ".") && $1 == UInt8(ascii: ".") }
    }

    static func check(_ name: String) throws(BucketStoreError) {
        guard isValid(name) else {
            throw BucketStoreError(
                .invalidBucket, bucket: name,
                "\(BucketStoreError.quoted(name)) is no bucket's name (3 to 63 of a-z, 0-9, '-' and '.'); "
                    + "bucket_list shows those that there are")
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}

/// What an object's key may be: any UTF-8 text of 1 to 1024 bytes.
enum KeyNaming {
    static let maximumLength = 1024

    static func check(_ key: String, in bucket: String) throws(BucketStoreError) {
        guard !key.isEmpty else {
            throw BucketStoreError(
                .invalidKey, bucket: bucket, "the key is empty; name an object of \(bucket), as in s3://\(bucket)/key")
        }
        guard key.utf8.count <= maximumLength else {
            throw BucketStoreError(
                .invalidKey, bucket: bucket,
                "the key has \(key.utf8.count) bytes; at most \(maximumLength) are possible")
        }
    }
}

/// User metadata that both a folder and S3's headers can carry.
enum MetadataNaming {
    static let maximumSize = 2048

    static func normalise(
        _ metadata: [String: String], key: String, in bucket: String
    ) throws(BucketStoreError) -> [String: String] {
        var result: [String: String] = [:]
        var size = 0
        for (name, value) in metadata {
            let lowered = name.lowercased()
            size += name.utf8.count + value.utf8.count
            guard (1...128).contains(lowered.utf8.count), lowered.utf8.allSatisfy(isNameByte) else {
                throw BucketStoreError(
                    .invalidArgument, bucket: bucket, key: key,
                    "metadata name \(BucketStoreError.quoted(name)): use 1 to 128 of a-z, 0-9, '.', '_' and '-'")
            }
            guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), value.utf8.first != 0x20,
                value.utf8.last != 0x20
            else {
                throw BucketStoreError(
                    .invalidArgument, bucket: bucket, key: key,
                    "metadata value of \(lowered): use printable ASCII without spaces at its ends")
            }
            guard result.updateValue(value, forKey: lowered) == nil else {
                throw BucketStoreError(
                    .invalidArgument, bucket: bucket, key: key, "metadata names \(lowered) twice")
            }
        }
        guard size <= maximumSize else {
            throw BucketStoreError(
                .tooLarge, bucket: bucket, key: key,
                "metadata has \(size) bytes; at most \(maximumSize) are possible")
        }
        return result
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
    }
}
