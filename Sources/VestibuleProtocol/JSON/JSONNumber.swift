/// A JSON number, kept as the text in which it was written so that nothing is lost on the way through.
///
/// Equality is equality of the text: `1`, `1.0` and `1e0` are three different literals of one quantity. Compare
/// ``integer`` or ``double`` where the quantity is meant.
public struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    /// The number as RFC 8259 §6 writes it.
    public let literal: String

    /// An integer.
    public init(_ value: some BinaryInteger) {
        self.literal = String(value)
    }

    /// A floating point number, or `nil` for a value that JSON cannot express (infinite, not a number).
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.literal = "\(value)"
    }

    /// A literal, or `nil` where it is not a JSON number of at most 128 characters.
    public init?(literal: String) {
        var copy = literal
        let valid = copy.withUTF8 { bytes in
            var cursor = JSONCursor(bytes, limits: .init())
            guard (try? cursor.scanNumber()) != nil else { return false }
            return cursor.isAtEnd
        }
        guard valid else { return nil }
        self.literal = literal
    }

    init(validated literal: String) {
        self.literal = literal
    }

    public var description: String { literal }

    /// The number as an `Int`, if it is exactly one, however it is written.
    public var integer: Int? {
        Int(literal) ?? Self.exactInteger(literal)
    }

    /// Reckons in decimal, since a `Double` would take `0.99999999999999999` for 1.
    private static func exactInteger(_ literal: String) -> Int? {
        var digits: [Int] = []
        var exponent = 0
        var isNegative = false
        var isFraction = false
        var bytes = literal.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case 0x30...0x39:
                digits.append(Int(byte) - 0x30)
                if isFraction { exponent -= 1 }
            default:
                // An exponent that outweighs all the digits gives no Int, so it need not be held any larger.
                let bound = literal.utf8.count + 20
                let written = String(decoding: bytes, as: UTF8.self)
                exponent += min(max(Int(written) ?? (written.hasPrefix("-") ? -bound : bound), -bound), bound)
                bytes = bytes.dropFirst(bytes.count)
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.allSatisfy({ $0 == 0 }) else { return 0 }
        // Ten to the twentieth is beyond any Int.
        guard (0..<20).contains(exponent) else { return nil }
        digits += Array(repeating: 0, count: exponent)
        var value = 0
        for digit in digits {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = shifted.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflow, !carry else { return nil }
            value = next
        }
        return value
    }

    /// The nearest `Double`, or `nil` where the number is beyond its range.
    public var double: Double? {
        // Up to fifteen digits are exact in a Double, and a number of seconds is read from every token.
        if literal.utf8.count <= 15, let integer = Int(literal) { return Double(integer) }
        guard let value = Double(literal), value.isFinite else { return nil }
        return value
    }
}
