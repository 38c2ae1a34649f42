/// The encodings in which an object's text can be read and written.
enum TextEncoding: String, CaseIterable {
    case utf8 = "utf-8"
    case ascii = "us-ascii"
    case latin1 = "iso-8859-1"

    init?(name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "us-ascii", "ascii": self = .ascii
        case "iso-8859-1", "latin-1", "latin1": self = .latin1
        default: return nil
        }
    }

    /// The text of the bytes; `nil` where they are not in this encoding.
    ///
    /// - Parameter isCut: Whether more bytes follow in the object. A character that the cut went through is left out.
    func decode(_ bytes: [UInt8], isCut: Bool) -> String? {
        switch self {
        case .utf8:
            let whole = isCut ? bytes.dropLast(Self.incompleteTail(of: bytes)) : bytes[...]
            return String(validating: whole, as: UTF8.self)
        case .ascii:
            return bytes.allSatisfy { $0 < 0x80 } ? String(validating: bytes, as: UTF8.self) : nil
        case .latin1:
            return String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
        }
    }

    /// The bytes of the text; `nil` where it has a character that this encoding has not.
    func encode(_ text: String) -> [UInt8]? {
        switch self {
        case .utf8: return Array(text.utf8)
        case .ascii, .latin1:
            let highest: UInt32 = self == .ascii ? 0x7F : 0xFF
            var bytes: [UInt8] = []
            for scalar in text.unicodeScalars {
                guard scalar.value <= highest else { return nil }
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            }
            return bytes
        }
    }

    /// How many bytes at the end start a UTF-8 sequence that is longer than what is there.
    private static func incompleteTail(of bytes: [UInt8]) -> Int {
        for (back, byte) in bytes.suffix(3).reversed().enumerated() {
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            if length > back + 1 { return back + 1 }
            if byte < 0x80 || length > 0 { return 0 }
        }
        return 0
    }
}
