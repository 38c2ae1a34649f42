/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        enum Wrapped: Sendable {
            case syntax, invalidUTF8, tooDeep, tooLarge, numberTooLong, duplicateMember, trailing, empty
        }
        let wrapped: Wrapped

        /// Not JSON.
        public static let syntax = Code(wrapped: .syntax)
        /// A byte sequence that is not UTF-8, or an escape that names no Unicode scalar.
        public static let invalidUTF8 = Code(wrapped: .invalidUTF8)
        /// Nested deeper than ``JSONLimits/maximumDepth``.
        public static let tooDeep = Code(wrapped: .tooDeep)
        /// Longer than ``JSONLimits/maximumSize``.
        public static let tooLarge = Code(wrapped: .tooLarge)
        /// A number of more than ``JSONLimits/maximumNumberLength`` characters.
        public static let numberTooLong = Code(wrapped: .numberTooLong)
        /// A member name that occurs twice in one object where that is refused.
        public static let duplicateMember = Code(wrapped: .duplicateMember)
        /// Something other than white space behind the value.
        public static let trailing = Code(wrapped: .trailing)
        /// No value at all.
        public static let empty = Code(wrapped: .empty)
    }

    public let code: Code
    /// Byte offset from the start of the input.
    public let offset: Int
    /// What was found, without any of the input's values.
    public let message: String

    init(_ code: Code, at offset: Int, _ message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    public var description: String { "\(message) at byte \(offset)" }
}

/// How much JSON is accepted. Every bound is inclusive.
public struct JSONLimits: Sendable, Hashable {
    /// What becomes of an object that names a member twice (RFC 8259 §4 leaves it open).
    public enum Duplicates: Sendable { case keep, refuse }

    /// Bytes. Default 4 MiB.
    public var maximumSize: Int
    /// The most that ``maximumDepth`` can allow: reading is recursive, and a stack has an end.
    public static let greatestDepth = 512

    /// Arrays and objects within one another, at most ``greatestDepth``. Default 128.
    public var maximumDepth: Int
    /// Characters of one number. Default 128.
    public var maximumNumberLength: Int
    public var duplicates: Duplicates

    public init(
        maximumSize: Int = 4 << 20, maximumDepth: Int = 128, maximumNumberLength: Int = 128,
        duplicates: Duplicates = .keep
    ) {
        self.maximumSize = maximumSize
        self.maximumDepth = maximumDepth
        self.maximumNumberLength = maximumNumberLength
        self.duplicates = duplicates
    }
}

extension String {
    /// The start of a member's name as JSON, so that it cannot break the line it is shown in.
    var shownInErrors: String {
        // By scalars: one grapheme may be as long as the whole body.
        JSONValue.string(String(unicodeScalars.prefix(64))).description
    }
}
