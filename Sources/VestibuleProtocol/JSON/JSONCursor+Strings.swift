// Strings: passing over them, comparing them where they lie, and reading their text.

extension JSONCursor {
    mutating func scanString() throws(JSONError) -> StringToken {
        try expect(0x22)
        let start = index
        var hasEscapes = false
        while true {
            skipPlainText()
            guard index < bytes.count else { throw JSONError(.syntax, at: index, "string without an end") }
            switch bytes[index] {
            case 0x22:
                index += 1
                return StringToken(range: start..<(index - 1), hasEscapes: hasEscapes)
            case 0x5C:
                hasEscapes = true
                try scanEscape()
            case 0x00..<0x20:
                throw JSONError(.syntax, at: index, "unescaped control character in a string")
            default:
                try scanMultibyteScalar()
            }
        }
    }

    /// Passes over ASCII that stands for itself, eight bytes at a time.
    private mutating func skipPlainText() {
        let memory = UnsafeRawBufferPointer(bytes)
        while index + 8 <= memory.count {
            let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            // The top bit of a byte is set where it is a quote, a backslash, a control character or not ASCII. A
            // borrow may set those above it too, so only the lowest one counts.
            let quote = word ^ 0x2222_2222_2222_2222
            let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let special =
                ((quote &- 0x0101_0101_0101_0101) & ~quote)
                | ((backslash &- 0x0101_0101_0101_0101) & ~backslash)
                | ((word &- 0x2020_2020_2020_2020) & ~word) | word
            let marks = special & 0x8080_8080_8080_8080
            guard marks == 0 else {
                index += marks.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
        while index < bytes.count, bytes[index] >= 0x20, bytes[index] < 0x80, bytes[index] != 0x22, bytes[index] != 0x5C
        {
            index += 1
        }
    }

    /// One UTF-8 sequence of two to four bytes, well formed by table 3-7 of the Unicode standard.
    private mutating func scanMultibyteScalar() throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch bytes[index] {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0x80...0x80)
            }
        guard length > 0, index + length <= bytes.count, second.contains(bytes[index + 1]),
            length < 3 || bytes[index + 2] & 0xC0 == 0x80, length < 4 || bytes[index + 3] & 0xC0 == 0x80
        else { throw JSONError(.invalidUTF8, at: index, "not UTF-8") }
        index += length
    }

    private mutating func scanEscape() throws(JSONError) {
        let start = index
        index += 1
        switch current {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            index += 1
        case 0x75:
            index += 1
            let unit = try scanHexUnit()
            if unit >= 0xDC00, unit <= 0xDFFF { throw JSONError(.invalidUTF8, at: start, "unpaired surrogate escape") }
            guard unit >= 0xD800, unit <= 0xDBFF else { return }
            guard current == 0x5C, index + 1 < bytes.count, bytes[index + 1] == 0x75 else {
                throw JSONError(.invalidUTF8, at: start, "unpaired surrogate escape")
            }
            index += 2
            let low = try scanHexUnit()
            guard low >= 0xDC00, low <= 0xDFFF else {
                throw JSONError(.invalidUTF8, at: start, "unpaired surrogate escape")
            }
        default:
            throw unexpected()
        }
    }

    private mutating func scanHexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Self.hexDigit(byte) else { throw unexpected() }
            unit = unit << 4 | digit
            index += 1
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }

    /// Whether a string that `scanString` has passed is this text, which must be ASCII.
    func spells(_ token: StringToken, _ text: StaticString) -> Bool {
        guard !token.hasEscapes else { return self.text(of: token).hasSameBytes(as: "\(text)") }
        return token.range.count == text.utf8CodeUnitCount
            && memory(of: token).elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: token.range.count))
    }

    /// Whether two strings that `scanString` has passed are the same text.
    func isSameText(_ left: StringToken, _ right: StringToken) -> Bool {
        guard !left.hasEscapes, !right.hasEscapes else { return text(of: left).hasSameBytes(as: text(of: right)) }
        guard left.range.count == right.range.count else { return false }
        return memory(of: left).elementsEqual(memory(of: right))
    }

    private func memory(of token: StringToken) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[token.range])
    }

    /// The text of a string that `scanString` has passed.
    func text(of token: StringToken) -> String {
        let content = memory(of: token)
        guard token.hasEscapes else { return String(decoding: content, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: content.count) { output in
            Self.unescape(content, into: output)
        }
    }

    /// Writes the text of an already checked string; every escape is at least as long as what it stands for.
    private static func unescape(
        _ content: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var read = 0
        var written = 0
        func hexUnit() -> UInt32 {
            defer { read += 4 }
            return (0..<4).reduce(0) { $0 << 4 | (hexDigit(content[read + $1]) ?? 0) }
        }
        func put(_ byte: UInt8) {
            output[written] = byte
            written += 1
        }
        while read < content.count {
            let byte = content[read]
            read += 1
            guard byte == 0x5C else {
                put(byte)
                continue
            }
            let escape = content[read]
            read += 1
            switch escape {
            case 0x62: put(0x08)
            case 0x66: put(0x0C)
            case 0x6E: put(0x0A)
            case 0x72: put(0x0D)
            case 0x74: put(0x09)
            case 0x75:
                var scalar = hexUnit()
                if scalar >= 0xD800, scalar <= 0xDBFF {
                    read += 2
                    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (hexUnit() - 0xDC00)
                }
                for byte in UTF8.encode(UnicodeScalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
                    put(byte)
                }
            default: put(escape)
            }
        }
        return written
    }
}
