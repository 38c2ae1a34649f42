import Testing

@testable import VestibuleProtocol

/// What nobody would write: none of it traps, and none of it takes long.
@Suite("Schemas, patterns and templates changed at random")
struct SchemaMutationTests {
    private static let alphabet = Array(#"{}[]()|*+?.^$\,:"#.utf8) + Array(#""/#&;=%-019azAZ_ée$refpatternitems"#.utf8)

    private func mutants(of seeds: [String], count: Int, _ body: (String) throws -> Void) rethrows {
        var generator = SeededGenerator(seed: 5)
        for seed in seeds {
            var bytes = Array(seed.utf8)
            for _ in 0..<count {
                bytes = Bool.random(using: &generator) ? Array(seed.utf8) : bytes
                bytes = Array(bytes.mutated(by: &generator, alphabet: Self.alphabet).prefix(400))
                try body(String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    @Test("a pattern is refused or matched within its steps")
    func patterns() {
        let seeds = [
            #"^(a+)+(?=[b-z\d]{2,3})|(?!\p{Lu})\u{1F600}$"#, #"[^\]a-z\-\w]*?\bx{1,}"#, #"(?<n>(a|b)?)*\x41\cA"#,
        ]
        mutants(of: seeds, count: 400) { source in
            guard let pattern = try? Pattern(source) else { return }
            var steps = 50_000
            _ = pattern.occurs(in: "aaab😀xyz12 A\n" + source, steps: &steps)
        }
    }

    @Test("a schema is refused or judges")
    func schemas() {
        let seeds = [
            ##"{"$defs":{"a":{"$anchor":"x","type":["string","null"]}},"properties":{"a":{"$ref":"#x"}},"items":false}"##,
            ##"{"$id":"u:v","allOf":[{"$dynamicRef":"#n"}],"$dynamicAnchor":"n","minimum":1e3,"multipleOf":0.1}"##,
            ##"{"unevaluatedProperties":false,"patternProperties":{"^a":{"enum":[1,{"b":[]}]}},"if":{},"then":{"not":{}}}"##,
        ]
        let values: [JSONValue] = [1, nil, "a", ["a": ["a": 1]], [1, [2]], ["b": "x", "a": nil]]
        mutants(of: seeds, count: 300) { text in
            guard let json = try? JSONValue(parsing: Array(text.utf8)),
                let schema = try? JSONSchema(compiling: json, foreignReferences: .allowAnything)
            else { return }
            for value in values { _ = schema.problem(with: value) }
        }
    }

    @Test("a URI template is refused, or what it expands to matches it again where it can")
    func templates() {
        mutants(of: ["s3://{bucket}/{+key}{?a,b*}", "/{a:3}{/b*}{;c}{#d}", "{.x}{&y}é%20"], count: 300) { text in
            guard let template = try? URITemplate(text) else { return }
            let values: [String: URITemplate.Value] = ["bucket": "b", "key": "x/y", "a": "é", "b": ["1", "2"]]
            guard let uri = try? template.expand(values) else { return }
            _ = template.match(uri)
            _ = template.match(text)
        }
    }

    @Test("any text comes back from its header")
    func headers() {
        mutants(of: ["plain", "=?base64?eA==?=", " é\t\u{0}"], count: 300) { text in
            #expect(HeaderText.decode(HeaderText.encode(text)) == text)
            _ = HeaderText.decode(text)
        }
    }
}
