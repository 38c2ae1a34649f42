/// Reads a pattern (ECMA-262 §22.2.1, with the flag `u`).
struct PatternParser {
    /// The deepest nesting of groups.
    private static let maximumDepth = 64

    private var rest: ArraySlice<Unicode.Scalar>
    private var depth = 0

    init(_ source: String) {
        rest = Array(source.unicodeScalars)[...]
    }

    mutating func parse() throws(PatternError) -> PatternTree {
        let tree = try disjunction()
        guard rest.isEmpty else { throw PatternError("there is a ) without its (") }
        return tree
    }

    private mutating func disjunction() throws(PatternError) -> PatternTree {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw PatternError("its groups are nested too deep") }
        var branches: [PatternTree] = [try sequence()]
        while skip("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternTree {
        var pieces: [PatternTree] = []
        while let next = rest.first, next != "|", next != ")" {
            let piece = try term()
            pieces.append(try quantified(piece))
        }
        return pieces.isEmpty ? .empty : .sequence(pieces)
    }

    private mutating func term() throws(PatternError) -> PatternTree {
        switch rest.popFirst() {
        case "^": return .start
        case "$": return .end
        case ".": return .scalars(.notLineEnd)
        case "(": return try group()
        case "[": return .scalars(try characterClass())
        case "\\": return try escape()
        case "*", "+", "?", "{": throw PatternError("a quantifier has nothing before it")
        case let scalar?: return .scalars(ScalarSet([scalar.value...scalar.value]))
        case nil: return .empty
        }
    }

    private mutating func group() throws(PatternError) -> PatternTree {
        var look: Bool?
        if skip("?") {
            if skip("=") {
                look = false
            } else if skip("!") {
                look = true
            } else if skip("<") {
                guard rest.first != "=", rest.first != "!" else { throw PatternError("it looks behind itself") }
                guard let end = rest.firstIndex(of: ">"), end > rest.startIndex else {
                    throw PatternError("a group's name has no end")
                }
                rest = rest[(end + 1)...]
            } else if !skip(":") {
                throw PatternError("a group begins with ? and then nothing that is known")
            }
        }
        let tree = try disjunction()
        guard skip(")") else { throw PatternError("there is a ( without its )") }
        return look.map { .lookAhead(tree, isNegated: $0) } ?? tree
    }

    private mutating func quantified(_ tree: PatternTree) throws(PatternError) -> PatternTree {
        let minimum: Int
        var maximum: Int?
        switch rest.first {
        case "*": minimum = 0
        case "+": minimum = 1
        case "?": (minimum, maximum) = (0, 1)
        case "{":
            guard let bounds = bounds() else { throw PatternError("a { does not begin a number of repetitions") }
            (minimum, maximum) = bounds
        default: return tree
        }
        if rest.first != "{" {
            rest.removeFirst()
        } else if let end = rest.firstIndex(of: "}") {
            rest = rest[(end + 1)...]
        }
        switch tree {
        case .start, .end, .wordBoundary, .lookAhead: throw PatternError("a quantifier follows an assertion")
        default: break
        }
        if let maximum, maximum < minimum { throw PatternError("a number of repetitions ends before it begins") }
        // Whether as few or as many as possible are taken makes no difference to whether there is a match.
        _ = skip("?")
        return .repetition(tree, minimum: minimum, maximum: maximum)
    }

    /// `{2}`, `{2,}` or `{2,3}`, which stay where they are.
    private func bounds() -> (Int, Int?)? {
        guard let end = rest.firstIndex(of: "}") else { return nil }
        let parts = rest[(rest.startIndex + 1)..<end].split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = Self.number(parts[0]) else { return nil }
        guard parts.count == 2 else { return (first, first) }
        if parts[1].isEmpty { return (first, nil) }
        return Self.number(parts[1]).map { (first, $0) }
    }

    private static func number(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
        guard (1...6).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0.value) }) else {
            return nil
        }
        return Int(String(String.UnicodeScalarView(digits)))
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    // MARK: Classes and escapes

    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        var set = ScalarSet(isNegated: skip("^"))
        while !skip("]") {
            let first = try classAtom()
            guard rest.first == "-", let after = rest.dropFirst().first, after != "]" else {
                set.add(first)
                continue
            }
            rest.removeFirst()
            let last = try classAtom()
            guard case .scalar(let lower) = first, case .scalar(let upper) = last, lower <= upper else {
                throw PatternError("a range of characters has no two ends in order")
            }
            set.ranges.append(lower...upper)
        }
        return set
    }

    private mutating func classAtom() throws(PatternError) -> Escape {
        guard let scalar = rest.popFirst() else { throw PatternError("there is a [ without its ]") }
        guard scalar == "\\" else { return .scalar(scalar.value) }
        if skip("b") { return .scalar(0x08) }
        if skip("-") { return .scalar(0x2D) }
        return try characterEscape()
    }

    enum Escape {
        case scalar(UInt32)
        case set(ScalarSet)
    }

    private mutating func escape() throws(PatternError) -> PatternTree {
        if skip("b") { return .wordBoundary(isNegated: false) }
        if skip("B") { return .wordBoundary(isNegated: true) }
        if let next = rest.first, (0x31...0x39).contains(next.value) || next == "k" {
            throw PatternError("it refers back to a group")
        }
        switch try characterEscape() {
        case .scalar(let value): return .scalars(ScalarSet([value...value]))
        case .set(let set): return .scalars(set)
        }
    }

    private mutating func characterEscape() throws(PatternError) -> Escape {
        guard let scalar = rest.popFirst() else { throw PatternError("it ends in a backslash") }
        switch scalar {
        case "d": return .set(.digits)
        case "D": return .set(ScalarSet.digits.negated)
        case "w": return .set(.word)
        case "W": return .set(ScalarSet.word.negated)
        case "s": return .set(.space)
        case "S": return .set(ScalarSet.space.negated)
        case "t": return .scalar(0x09)
        case "n": return .scalar(0x0A)
        case "v": return .scalar(0x0B)
        case "f": return .scalar(0x0C)
        case "r": return .scalar(0x0D)
        case "0": return .scalar(0)
        case "c":
            guard let letter = rest.popFirst(), letter.properties.isAlphabetic, letter.isASCII else {
                throw PatternError("a control character has no letter")
            }
            return .scalar(letter.value & 0x1F)
        case "x": return .scalar(try hexadecimal(2))
        case "u": return .scalar(try unicodeEscape())
        case "p", "P": return .set(try property(isNegated: scalar == "P"))
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !(0x30...0x39).contains(scalar.value) else {
                throw PatternError("it has a backslash before a character that needs none")
            }
            return .scalar(scalar.value)
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(PatternError) -> UInt32 {
        let digits = rest.prefix(count)
        guard digits.count == count, let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16),
            digits.allSatisfy(\.properties.isASCIIHexDigit)
        else { throw PatternError("a character by its number has too few digits") }
        rest = rest.dropFirst(count)
        return value
    }

    private mutating func unicodeEscape() throws(PatternError) -> UInt32 {
        if skip("{") {
            guard let end = rest.firstIndex(of: "}"), (1...6).contains(end - rest.startIndex) else {
                throw PatternError("a character by its number has no end")
            }
            let value = try hexadecimal(end - rest.startIndex)
            _ = skip("}")
            return value
        }
        let first = try hexadecimal(4)
        guard (0xD800...0xDBFF).contains(first), rest.starts(with: ["\\", "u"]) else { return first }
        let before = rest
        rest = rest.dropFirst(2)
        let second = try hexadecimal(4)
        guard (0xDC00...0xDFFF).contains(second) else {
            rest = before
            return first
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func property(isNegated: Bool) throws(PatternError) -> ScalarSet {
        guard skip("{"), let end = rest.firstIndex(of: "}") else {
            throw PatternError("a property of characters has no name")
        }
        var name = String(String.UnicodeScalarView(rest[..<end]))
        rest = rest[(end + 1)...]
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        guard let property = ScalarSet.Property(name: name) else {
            throw PatternError("it uses a property of characters that is not supported")
        }
        return ScalarSet(property, isNegated: isNegated)
    }
}

extension ScalarSet {
    fileprivate mutating func add(_ escape: PatternParser.Escape) {
        switch escape {
        case .scalar(let value): ranges.append(value...value)
        case .set(let set): others.append(set)
        }
    }
}
