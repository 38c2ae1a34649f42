/// Tells the code of a script from its comments, strings, templates and regular expressions, as far as finding `import`
/// and `export` needs it (ECMA-262 §12).
struct ScriptScanner {
    /// A word or a sign of the code, or a whole string literal.
    struct Token {
        enum Kind { case word, sign, string }
        var kind: Kind
        var text: String
        /// Where it stands, in UTF-8 bytes.
        var range: Range<Int>
        /// From 1.
        var line: Int
        /// Bytes before it on its line.
        var column: Int
        /// Brackets that are open around it.
        var depth: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var depth = 0
    /// For each template that is open, the depth at which its `${` opened.
    private var templates: [Int] = []
    private(set) var tokens: [Token] = []

    private init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    static func tokens(of text: String) -> [Token] {
        var scanner = ScriptScanner(text)
        scanner.scan()
        return scanner.tokens
    }

    private func byte(at offset: Int) -> UInt8 { position + offset < bytes.count ? bytes[position + offset] : 0 }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        position += 1
    }

    private mutating func scan() {
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "/") where self.byte(at: 1) == UInt8(ascii: "/"): skip { $0 == UInt8(ascii: "\n") }
            case UInt8(ascii: "/") where self.byte(at: 1) == UInt8(ascii: "*"): skipComment()
            case UInt8(ascii: "/") where regularExpressionMayStand: scanRegularExpression()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): scanString(byte)
            case UInt8(ascii: "`"):
                position += 1
                scanTemplate()
            case UInt8(ascii: "}") where templates.last == depth:
                templates.removeLast()
                depth -= 1
                position += 1
                scanTemplate()
            case _ where byte.isWord: scanWord()
            case _ where byte <= 0x20: advance()
            default: scanSign(byte)
            }
        }
    }

    private mutating func skip(until isEnd: (UInt8) -> Bool) {
        while position < bytes.count, !isEnd(bytes[position]) { advance() }
    }

    private mutating func skipComment() {
        position += 2
        while position < bytes.count, !(byte(at: 0) == UInt8(ascii: "*") && byte(at: 1) == UInt8(ascii: "/")) {
            advance()
        }
        position = min(position + 2, bytes.count)
    }

    private mutating func add(_ kind: Token.Kind, from start: Int, line: Int, column: Int) {
        let range = start..<min(position, bytes.count)
        tokens.append(
            Token(
                kind: kind, text: String(decoding: bytes[range], as: UTF8.self), range: range, line: line,
                column: column, depth: depth))
    }

    private mutating func scanWord() {
        let (start, column) = (position, position - lineStart)
        while position < bytes.count, bytes[position].isWord { position += 1 }
        add(.word, from: start, line: line, column: column)
    }

    private mutating func scanSign(_ byte: UInt8) {
        let (start, column) = (position, position - lineStart)
        position += 1
        if "}])".utf8.contains(byte) { depth -= 1 }
        add(.sign, from: start, line: line, column: column)
        if "{[(".utf8.contains(byte) { depth += 1 }
    }

    private mutating func scanString(_ quote: UInt8) {
        let (start, line, column) = (position, self.line, position - lineStart)
        position += 1
        while position < bytes.count, bytes[position] != quote, bytes[position] != UInt8(ascii: "\n") {
            if bytes[position] == UInt8(ascii: "\\") { advance() }
            if position < bytes.count { advance() }
        }
        position = min(position + 1, bytes.count)
        add(.string, from: start, line: line, column: column)
    }

    /// From behind a backtick, or behind the brace that ends a substitution, to the end or the next substitution.
    private mutating func scanTemplate() {
        let (start, line, column) = (position, self.line, position - lineStart)
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\\") {
                advance()
                if position < bytes.count { advance() }
                continue
            }
            if bytes[position] == UInt8(ascii: "`") {
                position += 1
                // What stands behind it divides.
                add(.string, from: start, line: line, column: column)
                return
            }
            if bytes[position] == UInt8(ascii: "$"), byte(at: 1) == UInt8(ascii: "{") {
                position += 2
                depth += 1
                templates.append(depth)
                add(.sign, from: position - 1, line: self.line, column: position - 1 - lineStart)
                return
            }
            advance()
        }
    }

    /// Whether a slash here begins a regular expression: not behind what has a value.
    private var regularExpressionMayStand: Bool {
        guard let last = tokens.last else { return true }
        switch last.kind {
        case .string: return false
        case .sign: return ![")", "]", "}"].contains(last.text)
        case .word:
            return ["return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await"]
                .contains(last.text)
        }
    }

    private mutating func scanRegularExpression() {
        let (start, column) = (position, position - lineStart)
        var isInClass = false
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\") {
                position += 1
            } else if byte == UInt8(ascii: "[") {
                isInClass = true
            } else if byte == UInt8(ascii: "]") {
                isInClass = false
            } else if byte == UInt8(ascii: "/"), !isInClass {
                break
            }
        }
        position = min(position, bytes.count)
        add(.string, from: start, line: line, column: column)
    }
}

extension UInt8 {
    /// A byte of an identifier, number or keyword; bytes beyond ASCII are taken for letters.
    fileprivate var isWord: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
            || self == 0x24 || self >= 0x80
    }
}
