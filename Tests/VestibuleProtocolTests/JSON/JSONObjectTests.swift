import Testing
import VestibuleProtocol

@Suite("JSON objects and values")
struct JSONObjectTests {
    @Test("setting replaces in place, appends what is new, and removes with nil")
    func set() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        object["d"] = nil
        #expect(object == ["a": 3, "c": 4])
        #expect(object.names == ["a", "c"])
    }

    @Test("setting or removing a member leaves no second one behind")
    func setDuplicate() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3, "a": 4]
        object["a"] = 5
        #expect(object == ["a": 5, "b": 2])
        object = ["a": 1, "b": 2, "a": 3]
        object["a"] = nil
        #expect(object == ["b": 2])
    }

    @Test("appending looks for nothing")
    func append() {
        var object = JSONObject()
        object.append("a", 1)
        object.append("a", 2)
        #expect(object.count == 2)
        #expect(object.firstDuplicate == "a")
    }

    @Test("a duplicate is found in small and in large objects", arguments: [2, 8, 9, 1000])
    func firstDuplicate(_ count: Int) {
        var object = JSONObject()
        for index in 0..<(count - 1) { object.append("m\(index)", .integer(index)) }
        #expect(object.firstDuplicate == nil)
        object.append("m0", 0)
        #expect(object.firstDuplicate == "m0")
        #expect(JSONObject().firstDuplicate == nil)
    }

    @Test("an object's order counts for equality")
    func order() {
        #expect(JSONValue.object(["a": 1, "b": 2]) != ["b": 2, "a": 1])
    }

    @Test("accessors answer for their own kind only")
    func accessors() {
        let values: [JSONValue] = [nil, true, 1, "a", [], [:]]
        #expect(values.map(\.kind) == ["null", "boolean", "number", "string", "array", "object"])
        #expect(values.map(\.isNull) == [true, false, false, false, false, false])
        #expect(values.map { $0.bool != nil } == [false, true, false, false, false, false])
        #expect(values.map { $0.number != nil } == [false, false, true, false, false, false])
        #expect(values.map { $0.string != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.array != nil } == [false, false, false, false, true, false])
        #expect(values.map { $0.object != nil } == [false, false, false, false, false, true])
        #expect(JSONValue.strings(["a", "b"]) == ["a", "b"])
    }

    @Test("a byte key tells apart what only looks alike")
    func byteKeys() {
        #expect(ByteKey("\u{E9}") != ByteKey("e\u{301}"))
        #expect(ByteKey("a") == ByteKey("a"))
        #expect(!"\u{212A}".hasSameBytes(as: "K"))
    }
}
