/// Walks over JSON text and checks it, byte by byte, without building anything.
///
/// The tree parser and the envelope scan both stand on it, so there is one answer to the question what JSON is.
struct JSONCursor {
    /// A string literal: where its content lies, and whether it holds escapes.
    struct StringToken {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let limits: JSONLimits
    var index = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    var isAtEnd: Bool { index == bytes.count }

    var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipWhitespace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    /// Checks the size and moves to the one value that the text must hold.
    mutating func begin() throws(JSONError) {
        guard bytes.count <= limits.maximumSize else {
            throw JSONError(.tooLarge, at: limits.maximumSize, "more than \(limits.maximumSize) bytes")
        }
        skipWhitespace()
        guard !isAtEnd else { throw JSONError(.empty, at: index, "no JSON value") }
    }

    /// Checks that nothing follows the value.
    mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard isAtEnd else { throw JSONError(.trailing, at: index, "more text behind the value") }
    }

    mutating func enter() throws(JSONError) {
        depth += 1
        index += 1
        guard depth <= min(limits.maximumDepth, JSONLimits.greatestDepth) else {
            let maximum = min(limits.maximumDepth, JSONLimits.greatestDepth)
            throw JSONError(.tooDeep, at: index - 1, "nested deeper than \(maximum) levels")
        }
    }

    mutating func leave() {
        depth -= 1
        index += 1
    }

    func unexpected() -> JSONError {
        guard let byte = current else { return JSONError(.syntax, at: index, "ends too early") }
        let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
        return JSONError(.syntax, at: index, "unexpected \(shown)")
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard current == byte else { throw unexpected() }
        index += 1
    }

    mutating func expect(literal: StaticString) throws(JSONError) {
        let count = literal.utf8CodeUnitCount
        for offset in 0..<count {
            guard current == literal.utf8Start[offset] else { throw unexpected() }
            index += 1
        }
    }

    /// Whether the array or object that was just entered goes on with another element.
    mutating func hasNext(isFirst: inout Bool, closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        if current == closing {
            leave()
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        try expect(0x2C)
        skipWhitespace()
        if current == closing { throw unexpected() }
        return true
    }

    mutating func scanMemberName() throws(JSONError) -> StringToken {
        let name = try scanString()
        skipWhitespace()
        try expect(0x3A)
        skipWhitespace()
        return name
    }

    /// Passes over one value of any kind and returns where it lies.
    @discardableResult
    mutating func skipValue() throws(JSONError) -> Range<Int> {
        let start = index
        switch current {
        case 0x7B:
            try enter()
            var isFirst = true
            while try hasNext(isFirst: &isFirst, closing: 0x7D) {
                _ = try scanMemberName()
                try skipValue()
            }
        case 0x5B:
            try enter()
            var isFirst = true
            while try hasNext(isFirst: &isFirst, closing: 0x5D) {
                try skipValue()
            }
        case 0x22: _ = try scanString()
        case 0x74: try expect(literal: "true")
        case 0x66: try expect(literal: "false")
        case 0x6E: try expect(literal: "null")
        default: _ = try scanNumber()
        }
        return start..<index
    }

    mutating func scanNumber() throws(JSONError) -> Range<Int> {
        let start = index
        if current == 0x2D { index += 1 }
        switch current {
        case 0x30: index += 1
        case .some(0x31...0x39): skipDigits()
        default: throw unexpected()
        }
        if current == 0x2E {
            index += 1
            try requireDigits()
        }
        if current == 0x65 || current == 0x45 {
            index += 1
            if current == 0x2B || current == 0x2D { index += 1 }
            try requireDigits()
        }
        guard index - start <= limits.maximumNumberLength else {
            throw JSONError(.numberTooLong, at: start, "number of more than \(limits.maximumNumberLength) characters")
        }
        return start..<index
    }

    private mutating func skipDigits() {
        while let byte = current, byte >= 0x30, byte <= 0x39 { index += 1 }
    }

    private mutating func requireDigits() throws(JSONError) {
        guard let byte = current, byte >= 0x30, byte <= 0x39 else { throw unexpected() }
        skipDigits()
    }
}
