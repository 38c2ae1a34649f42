import Testing
import VestibuleProtocol

@Suite("JSON writer")
struct JSONWriterTests {
    @Test("what must be escaped is, and nothing else")
    func escapes() throws {
        let text = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}\u{2027}\u{2028}\u{2029}\u{202A}\u{E9}\u{1F600}<>&'"
        let written = JSONValue.string(text).description
        #expect(
            written
                == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}\u{2027}" + #"\u2028\u2029"#
                + "\u{202A}\u{E9}\u{1F600}<>&'\"")
        #expect(try JSONValue(parsing: written) == .string(text))
    }

    @Test("every scalar survives the way through text")
    func scalars() throws {
        for value in UInt32(0)...0xFFFF {
            guard let scalar = UnicodeScalar(value) else { continue }
            let text = "a" + String(Character(scalar)) + "b"
            let read = try JSONValue(parsing: JSONValue.string(text).serialized)
            if read != .string(text) { Issue.record("U+\(String(value, radix: 16))") }
        }
    }

    @Test("values are written compactly, in their order")
    func compact() {
        let value: JSONValue = ["b": [1, nil, true, false, "x"], "a": [:], "c": []]
        #expect(value.description == #"{"b":[1,null,true,false,"x"],"a":{},"c":[]}"#)
    }

    @Test("raw JSON is written as it is")
    func raw() {
        var writer = JSONWriter(capacity: 4)
        writer.write(raw: "{\"a\":")
        writer.write(raw: Array("[1, 2]".utf8))
        writer.write(raw: "}")
        #expect(writer.bytes == Array("{\"a\":[1, 2]}".utf8))
    }

    @Test("random trees survive the way through text")
    func randomTrees() throws {
        var generator = SeededGenerator(seed: 8259)
        func text() -> String {
            let scalars: [UnicodeScalar] = [
                "a", "\"", "\\", "\u{0}", "\n", "\u{E9}", "\u{301}", "\u{2028}", "\u{1F600}",
            ]
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                text.append(scalars.randomElement(using: &generator) ?? "a")
            }
            return String(text)
        }
        func tree(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &generator) {
            case 0: return .null
            case 1: return .bool(Bool.random(using: &generator))
            case 2: return .integer(Int.random(in: .min ... .max, using: &generator))
            case 3: return .number(JSONNumber(Double.random(in: -1e9...1e9, using: &generator)) ?? JSONNumber(0))
            case 4: return .string(text())
            case 5: return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in tree(depth + 1) })
            default:
                let count = Int.random(in: 0...4, using: &generator)
                return .object(JSONObject((0..<count).map { _ in (text(), tree(depth + 1)) }))
            }
        }
        for _ in 0..<500 {
            let value = tree(0)
            #expect(try JSONValue(parsing: value.serialized) == value)
        }
    }
}
