/// A regular expression as JSON Schema has them (ECMA-262 with the flag `u`), matched in time linear in the text.
///
/// Swift's own regular expressions go back over the text, and a pattern such as `(a+)+$` makes them take exponential time
/// over a text that somebody else chose. These are simulated state by state instead, as Thompson described, so the time is
/// at most the size of the pattern times the length of the text. Back references and look-behind cannot be matched so, and
/// are refused.
struct Pattern: Sendable {
    /// The longest pattern, in bytes.
    static let maximumLength = 4_096
    /// The most instructions that a pattern may come to, with its repetitions written out.
    static let maximumSize = 8_192

    let source: String
    private let program: PatternProgram

    init(_ source: String) throws(PatternError) {
        guard source.utf8.count <= Self.maximumLength else {
            throw PatternError("it is longer than \(Self.maximumLength) bytes")
        }
        self.source = source
        var parser = PatternParser(source)
        program = try PatternProgram(try parser.parse())
    }

    /// Whether the pattern occurs anywhere in the text.
    ///
    /// - Parameter steps: What may be spent; below zero afterwards where it did not suffice, and the answer is then `false`.
    func occurs(in text: String, steps: inout Int) -> Bool {
        var search = PatternSearch(program, Array(text.unicodeScalars), steps: steps)
        defer { steps = search.steps }
        return search.run(from: 0, isAnchored: false)
    }
}

/// Why a text is not a pattern that can be used.
struct PatternError: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
