// Swift's `String ==` is canonical equivalence: it holds an NFC and an NFD spelling for the same text. Identifiers of
// a protocol are their bytes, so they are compared and hashed by their bytes.

extension String {
    /// Whether both strings are the same sequence of UTF-8 bytes.
    public func hasSameBytes(as other: String) -> Bool {
        // Most strings that differ do so in their length, which costs nothing to know.
        guard utf8.count == other.utf8.count else { return false }
        var left = self
        var right = other
        return left.withUTF8 { left in
            right.withUTF8 { right in
                left.elementsEqual(right)
            }
        }
    }

    /// Feeds the string's UTF-8 bytes and their number to a hasher.
    public func hashBytes(into hasher: inout Hasher) {
        var copy = self
        copy.withUTF8 { bytes in
            hasher.combine(bytes.count)
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
    }
}

/// A string as a dictionary or set key that is compared by its bytes.
public struct ByteKey: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { text }

    public static func == (left: ByteKey, right: ByteKey) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    public func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }
}
