internal import VestibuleProtocol

/// The plain name of a bucket, whichever way it was written: `b`, `s3://b`, `s3://b/` and `s3://b/key` are all `b`.
public struct BucketName: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    /// `nil` where the text means no bucket: empty, `.` or `..`, another scheme, a path separator in a plain name, or
    /// `%`, which one reader might take for an escape and another for itself.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let scheme = Array("s3://".utf8)
        let lowered = bytes.prefix(scheme.count).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        let plain: ArraySlice<UInt8>
        if lowered == scheme {
            plain = bytes.dropFirst(scheme.count).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        } else {
            plain = bytes[...]
        }
        let isForbidden: (UInt8) -> Bool = { $0 <= 0x20 || $0 == 0x7F || "/\\:?#%".utf8.contains($0) }
        let isDots = plain.count <= 2 && plain.allSatisfy { $0 == UInt8(ascii: ".") }
        guard !plain.isEmpty, !isDots, !plain.contains(where: isForbidden) else { return nil }
        self.name = String(decoding: plain, as: UTF8.self)
    }

    public var description: String { name }
    public static func == (left: Self, right: Self) -> Bool { left.name.hasSameBytes(as: right.name) }
    public func hash(into hasher: inout Hasher) { name.hashBytes(into: &hasher) }
}
