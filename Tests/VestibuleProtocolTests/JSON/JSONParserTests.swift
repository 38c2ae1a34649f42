import Testing
import VestibuleProtocol

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "text is read as RFC 8259 says",
        arguments: [
            ("null", nil), (" true\t", true), ("false\r\n", false), ("\"\"", ""), ("[]", []), ("{}", [:]),
            ("[1,[2,{}]]", [1, [2, [:]]]), (#"{"a":{"b":[null,"c"]}}"#, ["a": ["b": [nil, "c"]]]),
            (#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00""#, "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{20AC}\u{1F600}"),
            (
                "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
                "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"
            ),
            (#""\u0000""#, "\0"), (#""0123456\n89012345678\\1234567""#, "0123456\n89012345678\\1234567"),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
        #expect(try JSONParser().parse(AnySequence(Array(text.utf8))) == expected, "without contiguous storage")
    }

    @Test(
        "an error says what and at which byte",
        arguments: [
            ("", .empty, "no JSON value at byte 0"), (" \n", .empty, "no JSON value at byte 2"),
            ("[1,]", .syntax, "unexpected ']' at byte 3"), ("[1", .syntax, "ends too early at byte 2"),
            ("{\"a\" 1}", .syntax, "unexpected '1' at byte 5"), ("{a:1}", .syntax, "unexpected 'a' at byte 1"),
            ("01", .trailing, "more text behind the value at byte 1"), ("tru", .syntax, "ends too early at byte 3"),
            ("1.", .syntax, "ends too early at byte 2"), ("-", .syntax, "ends too early at byte 1"),
            ("+1", .syntax, "unexpected '+' at byte 0"), ("\u{FEFF}1", .syntax, "unexpected byte 239 at byte 0"),
            ("\"a", .syntax, "string without an end at byte 2"),
            ("\"a\u{1}\"", .syntax, "unescaped control character in a string at byte 2"),
            ("\"\\x\"", .syntax, "unexpected 'x' at byte 2"), ("\"\\u12g4\"", .syntax, "unexpected 'g' at byte 5"),
            ("\"\\udc00\"", .invalidUTF8, "unpaired surrogate escape at byte 1"),
            ("\"\\ud800\\n\"", .invalidUTF8, "unpaired surrogate escape at byte 1"),
            ("\"01234567\u{1F}\"", .syntax, "unescaped control character in a string at byte 9"),
            ("1 2", .trailing, "more text behind the value at byte 2"),
        ] as [(String, JSONError.Code, String)])
    func errors(_ text: String, _ code: JSONError.Code, _ line: String) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error.code == code)
        #expect(error.description == line)
    }

    @Test("strings are refused at the first byte that is not UTF-8, wherever it stands")
    func utf8() throws {
        let bad: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x9F, 0x80], [0xE1, 0x80],
            [0xED, 0xA0, 0x80],
            [0xEF, 0xBF, 0x20], [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF1, 0x80, 0x80], [0xF5], [0xFF],
        ]
        for prefix in 0...17 {
            for sequence in bad {
                let text = [0x22] + [UInt8](repeating: 0x61, count: prefix) + sequence + [0x22]
                let error = try #require(throws: JSONError.self) { try JSONParser().parse(text) }
                #expect(error.code == .invalidUTF8)
                #expect(error.offset == prefix + 1)
            }
        }
    }

    @Test("a string ends where it ends, at any distance", arguments: 0...40)
    func stringLengths(_ length: Int) throws {
        for special in ["", "\\\"", "\\\\", "\u{E9}", "\\u00e9"] {
            for position in 0...length {
                let plain = String(repeating: "x", count: position)
                let rest = String(repeating: "~", count: length - position)
                let value = try JSONValue(parsing: "[\"\(plain)\(special)\(rest)\",1]")
                let meant =
                    ["": "", "\\\"": "\"", "\\\\": "\\", "\u{E9}": "\u{E9}", "\\u00e9": "\u{E9}"][special] ?? ""
                #expect(value == [.string(plain + meant + rest), 1])
            }
        }
    }

    @Test("the size is bounded, the bound included")
    func size() throws {
        let parser = JSONParser(limits: JSONLimits(maximumSize: 4))
        #expect(try parser.parse("true") == true)
        #expect(try #require(throws: JSONError.self) { try parser.parse("true ") }.code == .tooLarge)
    }

    @Test("the depth is bounded, the bound included, and never beyond 512")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[{\"a\":", count: depth / 2) + (depth % 2 == 1 ? "[]" : "0")
                + String(repeating: "}]", count: depth / 2)
        }
        #expect(try JSONValue(parsing: nested(128)).kind == "array")
        for depth in [129, 10_000] {
            let error = try #require(throws: JSONError.self) { try JSONValue(parsing: nested(depth)) }
            #expect(error.code == .tooDeep)
        }
        let deepest = JSONParser(limits: JSONLimits(maximumDepth: .max))
        #expect(try deepest.parse(nested(512)).kind == "array")
        #expect(try #require(throws: JSONError.self) { try deepest.parse(nested(513)) }.code == .tooDeep)
        #expect(throws: JSONError.self) { try JSONParser(limits: JSONLimits(maximumDepth: 0)).parse("[]") }
    }

    @Test("the length of a number is bounded, the bound included")
    func numberLength() throws {
        let fits = String(repeating: "1", count: 128)
        #expect(try JSONValue(parsing: fits).number?.literal == fits)
        #expect(try #require(throws: JSONError.self) { try JSONValue(parsing: fits + "1") }.code == .numberTooLong)
    }

    @Test("duplicates are kept and can be found, or refused, at every level")
    func duplicates() throws {
        let text = #"{"a":1,"b":{"x":1,"\u0078":2},"a":3}"#
        let value = try JSONValue(parsing: text)
        #expect(value.object?.count == 3)
        #expect(value["a"] == 1)
        #expect(value.object?.firstDuplicate == "a")
        #expect(value["b"]?.object?.firstDuplicate == "x")
        #expect(value.description == #"{"a":1,"b":{"x":1,"x":2},"a":3}"#)
        let strict = JSONParser(limits: JSONLimits(duplicates: .refuse))
        let error = try #require(throws: JSONError.self) { try strict.parse(text) }
        #expect(error.code == .duplicateMember)
        #expect(error.description == #"member "x" occurs twice in one object at byte 11"#)
        #expect(try strict.parse(#"[{"a":1},{"a":1}]"#).array?.count == 2)
    }

    @Test("names and strings that only look alike are different")
    func normalization() throws {
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
        let value = try JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(text)
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set<JSONValue>([.string("\u{E9}"), .string("e\u{301}")]).count == 2)
        #expect(value.description == text)
    }

    @Test("nothing takes more than linear time on 100,000 members, levels of brackets or escapes")
    func linear() throws {
        let count = 100_000
        let members = (0..<count).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        let strict = JSONParser(limits: JSONLimits(duplicates: .refuse))
        #expect(try strict.parse("{\(members)}").object?.count == count)
        #expect(throws: JSONError.self) { try strict.parse("{\(members),\"m99999\":0}") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1 << 20)) }
        let escapes = String(repeating: "\\u0061", count: count)
        #expect(try JSONValue(parsing: "\"\(escapes)\"").string?.utf8.count == count)
    }
}
