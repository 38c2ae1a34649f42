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

    /// A literal, or `nil` where it is not a JSON number.
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
        if let value = Int(literal) { return value }
        // 2^53 bounds the range in which a Double tells neighbours apart; past it only the plain form counts.
        guard let value = double, value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: value)
    }

    /// The nearest `Double`, or `nil` where the number is beyond its range.
    public var double: Double? {
        guard let value = Double(literal), value.isFinite else { return nil }
        return value
    }
}
