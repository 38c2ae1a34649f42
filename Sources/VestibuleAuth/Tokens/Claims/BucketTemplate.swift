internal import VestibuleProtocol

/// The name of a bucket that a role opens: as it is, or with `{sub}` or `{claim}` in it, for which a principal's own
/// value is put.
///
/// Two principals never come to one bucket by different values: what is put in is never trimmed, folded or escaped, only
/// taken or refused.
///
/// - With one place, a value is made of lower-case ASCII letters, digits, `-`, `_` and `.`, starts and ends with a letter
///   or digit, has no two dots in a row, and is at most ``maximumValueLength`` long.
/// - With several, values are letters and digits only, and a `-`, `_` or `.` stands between every two places, so that no
///   value can reach into its neighbour.
public struct BucketTemplate: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no template, in one line.
    public struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// Bytes of one value.
    public static let maximumValueLength = 63
    /// Bytes of the whole name; what would be longer is no bucket.
    public static let maximumLength = 255

    private enum Part: Sendable, Hashable {
        case literal(String)
        case subject
        case claim(ClaimPath)

        var isPlace: Bool { if case .literal = self { false } else { true } }
    }

    private let text: String
    private let parts: [Part]

    /// - Throws: ``Malformed`` where braces do not match or hold nothing, two places stand side by side without a
    ///   separator, or what is around them can be in no bucket's name.
    public init(_ text: String) throws(Malformed) {
        self.text = text
        self.parts = try Self.parts(of: text)
        guard text.utf8.count <= Self.maximumLength else {
            throw Malformed("a bucket's name has at most \(Self.maximumLength) bytes")
        }
    }

    public var description: String { text }
    public static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }
    public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }

    /// The bucket of a principal, or `nil` where a claim is absent, is no text, or is one that may not be put in.
    func name(subject: String, claims: JSONObject) -> BucketName? {
        let isAlone = parts.count { $0.isPlace } < 2
        var name = ""
        for part in parts {
            switch part {
            case .literal(let text): name += text
            case .subject:
                guard Self.isFit(subject, isAlone: isAlone) else { return nil }
                name += subject
            case .claim(let path):
                guard let value = path.value(in: claims)?.string, Self.isFit(value, isAlone: isAlone) else {
                    return nil
                }
                name += value
            }
        }
        return name.utf8.count <= Self.maximumLength ? BucketName(name) : nil
    }

    private static func isFit(_ value: String, isAlone: Bool) -> Bool {
        let bytes = value.utf8
        guard let first = bytes.first, let last = bytes.last, first.isPlain, last.isPlain,
            bytes.count <= maximumValueLength
        else { return false }
        guard isAlone else { return bytes.allSatisfy(\.isPlain) }
        var before: UInt8?
        for byte in bytes {
            guard byte.isPlain || byte.isSeparator else { return false }
            if byte == UInt8(ascii: "."), before == byte { return false }
            before = byte
        }
        return true
    }

    // MARK: Reading

    private static func parts(of text: String) throws(Malformed) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(text).utf8
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != UInt8(ascii: "{") }
            if !literal.isEmpty { parts.append(.literal(try checked(literal))) }
            rest = rest.dropFirst(literal.count)
            guard !rest.isEmpty else { break }
            let name = rest.dropFirst().prefix { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "{") }
            rest = rest.dropFirst(1 + name.count)
            guard rest.first == UInt8(ascii: "}") else { throw Malformed("a { has no } of its own") }
            guard !name.isEmpty else { throw Malformed("{} names no claim; write {sub} or {some.claim}") }
            rest = rest.dropFirst()
            let path = String(Substring(name))
            parts.append(path.hasSameBytes(as: "sub") ? .subject : .claim(ClaimPath(path)))
        }
        guard !parts.isEmpty else { throw Malformed("it is empty") }
        try requireSeparators(parts)
        let filled = parts.map { part in if case .literal(let text) = part { text } else { "x" } }.joined()
        guard BucketName(filled)?.name.hasSameBytes(as: filled) == true else { throw Malformed("it names no bucket") }
        return parts
    }

    private static func checked(_ literal: Substring.UTF8View) throws(Malformed) -> String {
        if literal.contains(UInt8(ascii: "}")) { throw Malformed("a } has no { of its own") }
        if literal.contains(UInt8(ascii: "*")) {
            throw Malformed("* stands for nothing here; name each bucket, or put a claim in, as in team-{sub}")
        }
        return String(Substring(literal))
    }

    private static func requireSeparators(_ parts: [Part]) throws(Malformed) {
        let places = parts.indices.filter { parts[$0].isPlace }
        for (left, right) in zip(places, places.dropFirst()) {
            guard case .literal(let between) = parts[left + 1], left + 2 == right,
                between.utf8.contains(where: \.isSeparator)
            else {
                throw Malformed("between two places stands at least one of - _ . so that they stay apart")
            }
        }
    }
}

extension UInt8 {
    /// A lower-case ASCII letter or a digit.
    fileprivate var isPlain: Bool { (0x61...0x7A).contains(self) || (0x30...0x39).contains(self) }
    fileprivate var isSeparator: Bool { "-_.".utf8.contains(self) }
}
