import Testing
import VestibuleProtocol

@testable import VestibuleAuth

@Suite("A template opens a bucket of one's own, and nobody else's")
struct BucketTemplateTests {
    private func name(_ template: String, _ subject: String = "ada", _ claims: JSONObject = [:]) throws -> String? {
        try BucketTemplate(template).name(subject: subject, claims: claims)?.name
    }

    @Test("values are put in their places")
    func places() throws {
        #expect(try name("reports") == "reports")
        #expect(try name("team-{sub}") == "team-ada")
        #expect(try name("{sub}") == "ada")
        #expect(try name("{org.unit}.{sub}-data", "7", ["org": ["unit": "lab"]]) == "lab.7-data")
        #expect(try name("x-{sub}", "a.b_c-9") == "x-a.b_c-9")
    }

    @Test(
        "a value that could be read as more than itself opens nothing",
        arguments: [
            "", "*", "a*", "a/b", "a\\b", "..", ".", "a..b", ".a", "a.", "-a", "a-", "_a", "a_", "%61", "a%2fb", "a b",
            "a\n", "a\u{0}", "{sub}", "{x}", "s3://a", "a:b", "a?b", "a#b", "Ada", "\u{430}da", "caf\u{E9}", "a,b",
            "ada@example.com", "auth0|123", "a\u{200B}b", "?", "[a-z]", "~", String(repeating: "a", count: 64),
        ])
    func refusedValues(_ value: String) throws {
        #expect(try name("team-{sub}", value) == nil)
        #expect(try name("team-{team}", "ada", ["team": .string(value)]) == nil)
    }

    @Test(
        "a claim that is no text opens nothing",
        arguments: [nil, JSONValue.null, 1, true, ["a"], ["b": "c"]] as [JSONValue?])
    func otherTypes(_ value: JSONValue?) throws {
        var claims = JSONObject()
        claims["team"] = value
        #expect(try name("team-{team}", "ada", claims) == nil)
    }

    @Test("with several places no value can reach into its neighbour")
    func injective() throws {
        let template = "{tenant}-{sub}"
        #expect(try name(template, "b", ["tenant": "a"]) == "a-b")
        for (tenant, subject) in [("a", "b-c"), ("a-b", "c"), ("a", "b.c"), ("a_b", "c"), ("a", "-b")] {
            #expect(try name(template, subject, ["tenant": .string(tenant)]) == nil)
        }
    }

    @Test("a value of 63 bytes fits, and the whole name has at most 255")
    func bounds() throws {
        let value = String(repeating: "a", count: 63)
        #expect(try name("{sub}", value) == value)
        #expect(try name(String(repeating: "x", count: 191) + "-{sub}", value)?.utf8.count == 255)
        #expect(try name(String(repeating: "x", count: 192) + "-{sub}", value) == nil)
        #expect(throws: BucketTemplate.Malformed.self) { try BucketTemplate(String(repeating: "x", count: 256)) }
    }

    @Test(
        "what is no template is refused with a line that says why",
        arguments: [
            ("", "empty"), ("team-*", "team-{sub}"), ("{}", "names no claim"), ("{sub", "no }"), ("sub}", "no {"),
            ("{{sub}}", "no }"), ("{a}{b}", "between two places"), ("{a}x{b}", "between two places"),
            ("a/{sub}", "names no bucket"), ("s3://{sub}", "names no bucket"), ("..", "names no bucket"),
            ("a b", "names no bucket"), ("%{sub}", "names no bucket"),
        ])
    func malformed(_ text: String, _ says: String) {
        do {
            _ = try BucketTemplate(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.description.contains(says), "\(error)")
        }
    }
}
