import Foundation
import Testing
import VestibuleProtocol

private struct Item: Codable, Hashable {
    var name: String
    var count: UInt8
    var ratio: Double
    var when: Date
    var blob: Data
    var link: URL
    var id: UUID
    var price: Decimal
    var next: [Item]
    var extra: JSONValue?
    var byName: [String: Int]
}

private struct Box<Value: Codable>: Codable { var value: Value }
extension Box: Equatable where Value: Equatable {}

private final class Chain: Codable {
    var next: Chain?
    init(_ length: Int) { next = length > 0 ? Chain(length - 1) : nil }
}

@Suite("Codable values to JSON values and back")
struct JSONValueCodingTests {
    @Test("what is written reads the same, with all its kinds of values")
    func roundTrip() throws {
        let inner = Item(
            name: "é", count: 0, ratio: -1.5, when: Date(timeIntervalSince1970: 0.25), blob: Data(),
            link: URL(filePath: "/"),
            id: UUID(), price: 0, next: [], extra: nil, byName: [:])
        let item = Item(
            name: "a", count: 255, ratio: 3, when: Date(timeIntervalSince1970: 1_700_000_000), blob: Data([0, 255]),
            link: try #require(URL(string: "https://example.com/a?b=c")), id: UUID(),
            price: Decimal(string: "12.345") ?? 0,
            next: [inner], extra: ["deep": [1, nil, "x"]], byName: ["one": 1])
        let json = try JSONValueEncoder().encode(item)
        #expect(json["count"] == 255)
        #expect(json["ratio"] == 3)
        #expect(json["when"] == "2023-11-14T22:13:20Z")
        #expect(json["next"]?.array?.first?["when"] == "1970-01-01T00:00:00.250Z")
        #expect(json["blob"] == "AP8=")
        #expect(json["price"]?.number?.literal == "12.345")
        #expect(json["extra"] == ["deep": [1, nil, "x"]])
        #expect(try JSONValueDecoder().decode(Item.self, from: json) == item)
    }

    @Test(
        "what does not fit is refused in one line that names the place, and never trapped",
        arguments: [
            (#"{"value":"1"}"#, "value has to be an integer, not string"),
            (#"{"value":1.5}"#, "value has to be an integer, not a fraction"),
            (#"{"value":256}"#, "value has to be between -128 and 127"),
            (#"{"value":1e400}"#, "value has to be between -128 and 127"),
            (#"{"value":99999999999999999999}"#, "value has to be between -128 and 127"),
            (#"{"value":null}"#, "value is null; it has to be an integer"),
            ("{}", "value is missing"), ("[]", "the value has to be an object, not array"),
        ])
    func refusals(text: String, message: String) throws {
        let json = try JSONValue(parsing: text)
        let error = #expect(throws: JSONCodingError.self) {
            try JSONValueDecoder().decode(Box<Int8>.self, from: json)
        }
        #expect(error?.description == message)
    }

    @Test("a place deep inside is named with its index")
    func places() throws {
        let json = try JSONValue(parsing: #"{"value":[{"value":true},{"value":0}]}"#)
        let error = #expect(throws: JSONCodingError.self) {
            try JSONValueDecoder().decode(Box<[Box<Bool>]>.self, from: json)
        }
        #expect(error?.description == "value[1].value has to be a boolean, not number")
    }

    @Test("numbers are exact: 1.0 is an integer, the largest of 64 bits is kept")
    func numbers() throws {
        #expect(try JSONValueDecoder().decode(Int.self, from: JSONValue(parsing: "1.0")) == 1)
        #expect(try JSONValueDecoder().decode(UInt64.self, from: JSONValue(parsing: "18446744073709551615")) == .max)
        #expect(try JSONValueEncoder().encode(UInt64.max).description == "18446744073709551615")
        #expect(try JSONValueEncoder().encode([Float(0.1)]).description == "[0.1]")
        #expect(throws: JSONCodingError.self) { try JSONValueEncoder().encode(Double.infinity) }
    }

    @Test("strings stand for numbers and booleans only where that is asked for")
    func strings() throws {
        let reader = JSONValueDecoder(readsStrings: true)
        #expect(try reader.decode(Box<Int>.self, from: ["value": "12"]) == Box(value: 12))
        #expect(try reader.decode(Box<Bool>.self, from: ["value": "true"]) == Box(value: true))
        #expect(try reader.decode(Box<Decimal>.self, from: ["value": "1.5"]) == Box(value: 1.5))
        #expect(throws: JSONCodingError.self) { try reader.decode(Box<Int>.self, from: ["value": "x"]) }
    }

    @Test("nesting has a bound, both ways")
    func depth() throws {
        let deepest = JSONValueDecoder.maximumDepth
        let json = try JSONValueEncoder().encode(Chain(deepest - 1))
        _ = try JSONValueDecoder().decode(Chain.self, from: json)
        #expect(throws: JSONCodingError.self) { try JSONValueEncoder().encode(Chain(deepest + 1)) }
        let deeper = (0...deepest).reduce(JSONValue.object([:])) { inner, _ in ["next": inner] }
        let error = #expect(throws: JSONCodingError.self) { try JSONValueDecoder().decode(Chain.self, from: deeper) }
        #expect(error?.problem == "is nested deeper than 64 levels")
    }

    @Test("an object of many members is read in time that grows with their number only")
    func manyMembers() throws {
        let object = JSONObject((0..<20_000).map { ("key\($0)", JSONValue.integer($0)) })
        let read = try JSONValueDecoder().decode([String: Int].self, from: .object(object))
        #expect(read.count == 20_000 && read["key19999"] == 19_999)
    }

    @Test(
        "dates are read as RFC 3339 writes them, and nothing else is one",
        arguments: [
            ("2026-07-28T14:02:00Z", 1_785_247_320), ("2026-07-28t14:02:00.5z", 1_785_247_320.5),
            ("2026-07-28T16:02:00+02:00", 1_785_247_320), ("2026-07-28 09:02:00-05:00", 1_785_247_320),
            ("2026-07-28", nil), ("2026-13-28T14:02:00Z", nil), ("2026-07-28T14:02:00", nil), ("", nil),
            ("2026-07-28T14:02:00Zz", nil), ("2026-07-28T14:02:00.Z", nil),
        ] as [(String, Double?)])
    func dates(text: String, seconds: Double?) throws {
        let date = try? JSONValueDecoder().decode(Date.self, from: .string(text))
        #expect(date?.timeIntervalSince1970 == seconds)
    }

    @Test("JSON values pass through other coders, too")
    func otherCoders() throws {
        let value: JSONValue = ["a": [1, true, nil, "x"], "b": ["c": 2]]
        let data = try JSONEncoder().encode(value)
        let read = try JSONDecoder().decode(JSONValue.self, from: data)
        #expect(read["a"] == value["a"])
        #expect(read["b"]?["c"] == 2)
    }
}
