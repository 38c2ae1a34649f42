internal import VestibuleProtocol

/// The plain name of a bucket, whichever way it was written: `b`, `s3://b`, `s3://b/` and `s3://b/key` are all `b`.
public struct BucketName: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    /// `nil` where the text means no bucket: empty, `.` or `..`, another scheme, a path separator in a plain name, or
    /// `%`, which one reader might take for an escape and another for itself.
    public init?(_ text: String) {
        var copy = text
        let name = copy.withUTF8 { bytes -> String? in
            let plain = Self.plainName(in: bytes)
            let isDots = plain.count <= 2 && plain.allSatisfy { $0 == UInt8(ascii: ".") }
            guard !plain.isEmpty, !isDots, !plain.contains(where: Self.isForbidden) else { return nil }
            return plain.count == bytes.count ? text : String(decoding: plain, as: UTF8.self)
        }
        guard let name else { return nil }
        self.name = name
    }

    private static func plainName(in bytes: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let scheme: StaticString = "s3://"
        let isURI =
            bytes.count >= scheme.utf8CodeUnitCount
            && bytes.prefix(scheme.utf8CodeUnitCount)
                .elementsEqual(UnsafeBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount)) {
                    ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1
                }
        guard isURI else { return bytes[...] }
        return bytes.dropFirst(scheme.utf8CodeUnitCount)
            .prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F: true
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "#"),
            UInt8(ascii: "%"):
            true
        default: false
        }
    }

    public var description: String { name }
    public static func == (left: Self, right: Self) -> Bool { left.name.hasSameBytes(as: right.name) }
    public func hash(into hasher: inout Hasher) { name.hashBytes(into: &hasher) }
}
