/// Writes JSON into one growing buffer, compactly.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write(raw: "null")
        case .bool(let value): write(raw: value ? "true" : "false")
        case .number(let value): write(text: value.literal)
        case .string(let value): write(string: value)
        case .array(let elements):
            bytes.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                write(element)
            }
            bytes.append(0x5D)
        case .object(let object):
            bytes.append(0x7B)
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                write(string: member.name)
                bytes.append(0x3A)
                write(member.value)
            }
            bytes.append(0x7D)
        }
    }

    /// Text that is already JSON.
    public mutating func write(raw: StaticString) {
        raw.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Bytes that are already JSON, such as a slice of a checked message.
    public mutating func write(raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    /// A string with its quotes. Control characters, quote and backslash are escaped, and so are U+2028 and U+2029,
    /// which older JavaScript takes for line ends.
    public mutating func write(string: String) {
        var copy = string
        bytes.append(0x22)
        copy.withUTF8 { text in
            var start = 0
            var index = 0
            while index < text.count {
                let byte = text[index]
                if byte >= 0x20, byte != 0x22, byte != 0x5C, byte != 0xE2 {
                    index += 1
                } else if byte != 0xE2 {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                    write(escaped: byte)
                    index += 1
                    start = index
                } else if index + 2 < text.count, text[index + 1] == 0x80, text[index + 2] | 1 == 0xA9 {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
                    write(raw: text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                    index += 3
                    start = index
                } else {
                    index += 1
                }
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        }
        bytes.append(0x22)
    }

    private mutating func write(text: String) {
        var copy = text
        copy.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func write(escaped byte: UInt8) {
        switch byte {
        case 0x22: write(raw: "\\\"")
        case 0x5C: write(raw: "\\\\")
        case 0x08: write(raw: "\\b")
        case 0x0C: write(raw: "\\f")
        case 0x0A: write(raw: "\\n")
        case 0x0D: write(raw: "\\r")
        case 0x09: write(raw: "\\t")
        default:
            write(raw: "\\u00")
            bytes.append(Self.hexDigit(byte >> 4))
            bytes.append(Self.hexDigit(byte & 0xF))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON in UTF-8.
    public var serialized: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// The value as compact JSON.
    public var description: String {
        String(decoding: serialized, as: UTF8.self)
    }
}
