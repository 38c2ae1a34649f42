/// base64url without padding (RFC 4648 §5, RFC 7515 §2), strict: no padding, no white space, no spare bits.
public enum Base64URL {
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let length = bytes.count / 3 * 4 + (bytes.count % 3 * 8 + 5) / 6
        return String(unsafeUninitializedCapacity: length) { output in
            var written = 0
            var buffer: UInt32 = 0
            var bits: UInt32 = 0
            for byte in bytes {
                buffer = buffer << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    output[written] = character(of: UInt8(truncatingIfNeeded: buffer >> bits & 0x3F))
                    written += 1
                }
            }
            if bits > 0 {
                output[written] = character(of: UInt8(truncatingIfNeeded: buffer << (6 - bits) & 0x3F))
                written += 1
            }
            return written
        }
    }

    /// The bytes, or `nil` where the text is not the one encoding of some bytes.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let decoded = text.withContiguousStorageIfAvailable { decode(contiguous: $0) }
        return decoded ?? Array(text).withUnsafeBufferPointer { decode(contiguous: $0) }
    }

    public static func decode(_ text: String) -> [UInt8]? {
        decode(text.utf8)
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let rest = text.count % 4
        // A lone character holds six bits: less than a byte.
        guard rest != 1 else { return nil }
        let length = text.count / 4 * 3 + max(0, rest - 1)
        var isValid = true
        let output = [UInt8](unsafeUninitializedCapacity: length) { output, written in
            values.withUnsafeBufferPointer { values in
                let value: (UInt8) -> UInt32 = { UInt32(values[Int($0)]) }
                var index = 0
                var marks: UInt32 = 0
                while index + 4 <= text.count {
                    let (a, b) = (value(text[index]), value(text[index + 1]))
                    let (c, d) = (value(text[index + 2]), value(text[index + 3]))
                    marks |= a | b | c | d
                    let group = a << 18 | b << 12 | c << 6 | d
                    output[written] = UInt8(truncatingIfNeeded: group >> 16)
                    output[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
                    output[written + 2] = UInt8(truncatingIfNeeded: group)
                    written += 3
                    index += 4
                }
                if rest > 0 {
                    let (a, b) = (value(text[index]), value(text[index + 1]))
                    let c = rest == 3 ? value(text[index + 2]) : 0
                    marks |= a | b | c
                    let group = a << 18 | b << 12 | c << 6
                    output[written] = UInt8(truncatingIfNeeded: group >> 16)
                    written += 1
                    if rest == 3 {
                        output[written] = UInt8(truncatingIfNeeded: group >> 8)
                        written += 1
                    }
                    // Bits that no byte takes must be zero: one encoding for one value.
                    isValid = group & (rest == 2 ? 0xFFFF : 0xFF) == 0
                }
                isValid = isValid && marks <= 0x3F
            }
        }
        return isValid ? output : nil
    }

    private static func character(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: 0x41 + value
        case 26..<52: 0x61 + value - 26
        case 52..<62: 0x30 + value - 52
        case 62: 0x2D
        default: 0x5F
        }
    }

    /// By character: six bits, or more than six for what is none of the alphabet.
    private static let values: [UInt8] = (0...255)
        .map { (character: UInt8) in
            switch character {
            case 0x41...0x5A: character - 0x41
            case 0x61...0x7A: character - 0x61 + 26
            case 0x30...0x39: character - 0x30 + 52
            case 0x2D: 62
            case 0x5F: 63
            default: 0x40
            }
        }
}
