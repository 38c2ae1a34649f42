import Testing

@testable import VestibuleProtocol

@Suite("Patterns")
struct PatternTests {
    @Test(
        "a pattern occurs in a text or does not",
        arguments: [
            ("a", "bab", true), ("^a", "ba", false), ("a$", "ab", false), ("^$", "", true), ("", "x", true),
            ("^(a|bc)*$", "abca", true), ("^(a|bc)*$", "abc b", false), ("^a{2}$", "aa", true),
            ("^a{2}$", "aaa", false),
            ("^a{2,}$", "aaaa", true), ("^a{1,3}$", "aaaa", false), ("^a{0}$", "", true), ("^a??b+?$", "abb", true),
            ("^[a-c]+$", "abc", true), ("^[^a-c]+$", "xyz", true), ("^[^a-c]+$", "xaz", false), ("^[]a]", "a", false),
            ("^[a\\-z]$", "-", true), ("^[a-]$", "-", true), (#"^\d{3}-\w+$"#, "123-a_9", true), (#"^\d$"#, "٣", false),
            (#"^\S+$"#, "a b", false), (#"^\s$"#, "\u{FEFF}", true), (#"\bfoo\b"#, "a foo b", true),
            (#"\bfoo\b"#, "afoo", false), (#"\Boo"#, "foo", true), (".", "\n", false), ("^.$", "😀", true),
            (#"^\u{1F600}$"#, "😀", true), (#"^\uD83D\uDE00$"#, "😀", true), (#"^\x41\u0042\cJ\0$"#, "AB\n\u{0}", true),
            (#"^\p{Lu}\p{L}+$"#, "Éa", true), (#"^\P{L}$"#, "1", true), (#"^\p{General_Category=Nd}$"#, "٣", true),
            (#"^[\p{L}\d_]+$"#, "é1_", true), (#"^\/\.\$\^$"#, "/.$^", true), ("^(?<year>a)(?:b)$", "ab", true),
            ("^(?=.*[0-9])(?=.*[a-z]).{4,}$", "abc1", true), ("^(?=.*[0-9])(?=.*[a-z]).{4,}$", "abcd", false),
            ("^(?!admin)", "administrator", false), ("^(?!admin)", "user", true), ("^(a*)*$", "aaa", true),
            ("^((a|)b?)*$", "abab", true), ("é", "e\u{301}", false),
        ])
    func occurs(_ source: String, _ text: String, _ expected: Bool) throws {
        var steps = JSONSchema.maximumSteps
        #expect(try Pattern(source).occurs(in: text, steps: &steps) == expected)
        #expect(steps > 0)
    }

    @Test(
        "what cannot be matched in linear time, or is no pattern, is refused",
        arguments: [
            (#"(a)\1"#, "refers back"), (#"\k<x>"#, "refers back"), ("(?<=a)b", "looks behind"),
            ("(?<!a)b", "looks behind"),
            ("(", "without its )"), (")", "without its ("), ("[a", "without its ]"), ("[z-a]", "no two ends"),
            ("*", "nothing before it"), ("a{2,1}", "ends before it begins"), ("a{", "number of repetitions"),
            ("^*", "follows an assertion"), (#"\"#, "ends in a backslash"), (#"\y"#, "needs none"),
            (#"\p{Script=Greek}"#, "property of characters"), ("(?i:a)", "nothing that is known"), ("(?<a", "no end"),
            (#"\x4"#, "too few digits"), ("((a{999}){999})", "too large"), ("[a-\\d]", "no two ends"),
        ])
    func refused(_ source: String, _ reason: String) {
        let error = #expect(throws: PatternError.self) { try Pattern(source) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test("length and nesting are bounded")
    func bounds() throws {
        let long = String(repeating: "a", count: Pattern.maximumLength)
        #expect(throws: Never.self) { try Pattern(long) }
        #expect(throws: PatternError.self) { try Pattern(long + "a") }
        let deep = String(repeating: "(", count: 100) + String(repeating: ")", count: 100)
        #expect(throws: PatternError.self) { try Pattern(deep) }
    }

    @Test(
        "patterns that make others take exponential time take linear time",
        arguments: ["^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(x+x+)+y", "^(.*a){11}$"])
    func linear(_ source: String) throws {
        let text = String(repeating: source.hasPrefix("(x") ? "x" : "a", count: 2_000) + "!"
        var steps = JSONSchema.maximumSteps
        #expect(try !Pattern(source).occurs(in: text, steps: &steps))
        #expect(steps > 0, "the answer is known, not given up")
    }

    @Test("nothing, repeated however often, is nothing")
    func nothingRepeated() throws {
        var steps = JSONSchema.maximumSteps
        #expect(try Pattern("((((){999999}){999999}){999999}){999999}").occurs(in: "", steps: &steps))
        #expect(steps > 0)
    }

    @Test("where the steps do not suffice, nothing is said to match")
    func exhausted() throws {
        var steps = 100
        #expect(try !Pattern("a*b").occurs(in: String(repeating: "a", count: 1_000), steps: &steps))
        #expect(steps < 0)
        let schema = try JSONSchema(compiling: ["pattern": "(a?){500}b$"])
        let line = schema.problem(with: .string(String(repeating: "a", count: 100_000)))
        #expect(line == "the value is too large to be checked against its schema: over 2000000 steps")
    }
}
