internal import VestibuleProtocol

/// A pattern in which `*` stands for any run of characters. Everything else is itself, compared by bytes.
public struct Glob: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let pattern: String

    public init(_ pattern: String) {
        self.pattern = pattern
    }

    public init(stringLiteral pattern: String) {
        self.init(pattern)
    }

    public var description: String { pattern }

    /// Whether the pattern can match one text only.
    public var isLiteral: Bool { !pattern.utf8.contains(UInt8(ascii: "*")) }

    public static func == (left: Glob, right: Glob) -> Bool { left.pattern.hasSameBytes(as: right.pattern) }
    public func hash(into hasher: inout Hasher) { pattern.hashBytes(into: &hasher) }

    /// Whether the pattern matches the whole text. Linear in the product of the lengths at worst; never exponential.
    public func matches(_ text: String) -> Bool {
        var (pattern, text) = (pattern, text)
        return pattern.withUTF8 { pattern in
            text.withUTF8 { text in Self.matches(pattern, text) }
        }
    }

    private static func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (p, t) = (0, 0)
        var lastStar: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                lastStar = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let star = lastStar {
                lastStar = (star.pattern, star.text + 1)
                p = star.pattern + 1
                t = star.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
