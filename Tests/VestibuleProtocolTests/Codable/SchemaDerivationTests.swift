import Foundation
import Testing
import VestibuleProtocol

private enum Size: String, Codable, CaseIterable { case small, large }
private enum Level: Int, Codable, CaseIterable { case low = 1, high = 3 }
private enum Hidden: String, Codable { case one, two }
private enum Payload: Codable { case text(String), number(Int) }

private struct Everything: Codable {
    var text: String
    var flag: Bool
    var whole: Int
    var byte: UInt8
    var real: Double
    var when: Date
    var blob: Data
    var link: URL
    var id: UUID
    var price: Decimal
    var any: JSONValue
    var object: JSONObject
    var size: Size
    var level: Level?
    var tags: Set<String>
    var lists: [[Int]]
    var byName: [String: Bool]
    var byNumber: [Int: String]?
    var maybe: String?
}

private struct Tree: Codable, Hashable {
    var name: String
    var children: [Tree]
    var parent: Box?

    struct Box: Codable, Hashable { var trees: [Tree] }
}

private struct Forest: Codable {
    var first: Tree
    var second: Tree?
}

private struct Noted: Codable, SchemaNoted, Equatable {
    var query: String
    var limit: Int
    var region: String?

    static let schemaNotes = SchemaNotes(
        CodingKeys.self,
        [
            .query: "What to look for", .limit: .note("How many", range: 1...100, default: 10),
            .region: .note(length: 2...8, header: "Region"),
        ])
}

private struct Misspelt: Codable, SchemaNoted {
    var query: String
    static let schemaNotes: SchemaNotes = ["qeury": "What to look for"]
}

private struct Address: Decodable, SchemaDescribed {
    var text: String

    init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
        guard text.contains("@") else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no address"))
        }
    }

    static let jsonSchema: JSONObject = ["type": "string", "format": "email", "examples": ["ada@example.com"]]
}

private struct Letter: Decodable { var to: Address }

private struct Picky: Decodable, SchemaNoted {
    var name: String
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.decode(String.self, forKey: .name)
        if name.isEmpty {
            throw DecodingError.dataCorruptedError(forKey: .name, in: container, debugDescription: "empty")
        }
    }
    enum Keys: CodingKey { case name }
    static let schemaNotes: SchemaNotes = ["name": .note(examples: ["ada"])]
}

private class Animal: Decodable { var legs: Int? }
private final class Dog: Animal {
    var name: String
    required init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: Keys.self).decode(String.self, forKey: .name)
        try super.init(from: decoder)
    }
    enum Keys: CodingKey { case name }
}

private struct Pair: Decodable {
    var left: Int
    var right: String
    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        left = try container.decode(Int.self)
        right = try container.decode(String.self)
    }
}

private struct HasHidden: Codable { var choice: Hidden }
private struct HasPayload: Codable { var payload: Payload }
private final class Endless: Decodable { var next: Endless }
private struct KeyedByUUID: Codable { var names: [UUID: String] }
private struct Empty: Codable {}

@Suite("JSON Schema from Codable types")
struct SchemaDerivationTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    /// requirement: E-10, E-12
    @Test("every kind of property has its schema, and what is optional is not required")
    func everyKind() throws {
        let schema = try SchemaDerivation.schema(of: Everything.self)
        let expected = """
            {"text":{"type":"string"},"flag":{"type":"boolean"},"whole":{"type":"integer"},\
            "byte":{"type":"integer","minimum":0,"maximum":255},"real":{"type":"number"},\
            "when":{"type":"string","format":"date-time"},"blob":{"type":"string","contentEncoding":"base64"},\
            "link":{"type":"string","format":"uri"},"id":{"type":"string","format":"uuid"},"price":{"type":"number"},\
            "any":{},"object":{"type":"object"},"size":{"type":"string","enum":["small","large"]},\
            "level":{"type":"integer","enum":[1,3]},\
            "tags":{"type":"array","items":{"type":"string"},"uniqueItems":true},\
            "lists":{"type":"array","items":{"type":"array","items":{"type":"integer"}}},\
            "byName":{"type":"object","additionalProperties":{"type":"boolean"}},\
            "byNumber":{"type":"object","propertyNames":{"pattern":"^-?[0-9]+$"},\
            "additionalProperties":{"type":"string"}},"maybe":{"type":"string"}}
            """
        #expect(schema["type"] == "object")
        #expect(schema["properties"] == (try json(expected)))
        let optional: Set<String> = ["level", "byNumber", "maybe"]
        #expect(
            schema["required"]?.array?.compactMap(\.string)
                == schema["properties"]?.object?.names.filter { !optional.contains($0) })
        #expect(schema["additionalProperties"] == nil)
    }

    @Test("a closed schema allows no member that the type does not know, at any depth")
    func closed() throws {
        let schema = try SchemaDerivation.schema(of: Forest.self, closed: true)
        #expect(schema["additionalProperties"] == false)
        #expect(schema["$defs"]?["Tree"]?["additionalProperties"] == false)
        #expect(
            try SchemaDerivation.schema(of: Empty.self, closed: true) == [
                "type": "object", "additionalProperties": false,
            ])
    }

    @Test("a type within itself becomes a definition; the outermost is referred to as the whole")
    func recursion() throws {
        let forest = try SchemaDerivation.schema(of: Forest.self)
        #expect(forest["properties"]?["first"] == ["$ref": "#/$defs/Tree"])
        #expect(forest["properties"]?["second"] == ["$ref": "#/$defs/Tree"])
        let tree = forest["$defs"]?["Tree"]?["properties"]
        #expect(tree?["children"]?["items"] == ["$ref": "#/$defs/Tree"])
        #expect(tree?["parent"]?["properties"]?["trees"]?["items"] == ["$ref": "#/$defs/Tree"])

        let alone = try SchemaDerivation.schema(of: Tree.self)
        #expect(alone["type"] == "object")
        #expect(alone["properties"]?["children"]?["items"] == ["$ref": "#"])
        #expect(alone["$defs"] == nil)
    }

    /// requirement: E-26
    @Test("notes give descriptions, bounds, headers, and defaults that make a property optional")
    func notes() throws {
        let schema = try SchemaDerivation.schema(of: Noted.self)
        let expected = """
            {"query":{"type":"string","description":"What to look for"},\
            "limit":{"type":"integer","description":"How many","minimum":1,"maximum":100,"default":10},\
            "region":{"type":"string","minLength":2,"maxLength":8,"x-mcp-header":"Region"}}
            """
        #expect(schema["properties"] == (try json(expected)))
        #expect(schema["required"] == ["query"])
        let read = try JSONValueDecoder().decode(Noted.self, from: ["query": "rye"])
        #expect(read == Noted(query: "rye", limit: 10, region: nil))
    }

    @Test("a type that describes itself is used as it says, also where it refuses empty values")
    func described() throws {
        let schema = try SchemaDerivation.schema(of: Letter.self)
        #expect(schema["properties"]?["to"] == .object(Address.jsonSchema))
        #expect(try SchemaDerivation.schema(of: Address.self) == Address.jsonSchema)
        #expect(try SchemaDerivation.schema(of: [Address].self)["items"] == .object(Address.jsonSchema))
        #expect(try SchemaDerivation.schema(of: Picky.self)["required"] == ["name"])
    }

    @Test("a class has its superclass's properties; a tuple has its elements in order")
    func handWrittenDecoding() throws {
        let dog = try SchemaDerivation.schema(of: Dog.self)
        #expect(dog["properties"]?.object?.names == ["name", "legs"])
        #expect(dog["required"] == ["name"])
        let pair = try SchemaDerivation.schema(of: Pair.self)
        #expect(pair["prefixItems"] == [["type": "integer"], ["type": "string"]])
        #expect(pair["minItems"] == 2)
    }

    @Test(
        "what cannot be derived is named with its place and the way out",
        arguments: [
            (
                { @Sendable in try SchemaDerivation.schema(of: HasHidden.self) }, "HasHidden.choice",
                "adopt CaseIterable, or SchemaDescribed"
            ),
            (
                { @Sendable in try SchemaDerivation.schema(of: HasPayload.self) }, "HasPayload.payload",
                "adopt SchemaDescribed"
            ),
            (
                { @Sendable in try SchemaDerivation.schema(of: Endless.self) }, "Endless.next",
                "holds itself without an Optional"
            ),
            (
                { @Sendable in try SchemaDerivation.schema(of: KeyedByUUID.self) }, "KeyedByUUID.names",
                "use keys of text"
            ),
            (
                { @Sendable in try SchemaDerivation.schema(of: Misspelt.self) }, "Misspelt",
                "its schemaNotes name qeury, which Misspelt does not read; it reads query"
            ),
            (
                { @Sendable in try SchemaDerivation.schema(of: [HasHidden].self) }, "Array<HasHidden>[].choice",
                "CaseIterable"
            ),
        ] as [(@Sendable () throws -> JSONObject, String, String)])
    func underivable(derive: @Sendable () throws -> JSONObject, place: String, problem: String) {
        let error = #expect(throws: SchemaDerivationError.self) { try derive() }
        #expect(error?.place == place)
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
        #expect(error?.description.contains("\n") == false)
    }
}
