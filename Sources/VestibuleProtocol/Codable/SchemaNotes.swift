/// What a JSON Schema says of a type's properties beyond what their Swift types say.
///
/// ```swift
/// struct Search: Codable, SchemaNoted {
///     var query: String
///     var limit: Int
///
///     static let schemaNotes: SchemaNotes = [
///         "query": "What to look for",
///         "limit": .note("How many results", range: 1...100, default: 10),
///     ]
/// }
/// ```
///
/// A name that the type does not decode fails the derivation, so a slip is found when the tool is registered. Inside of
/// the type `SchemaNotes(CodingKeys.self, [.query: "…"])` has the compiler check the names instead.
public struct SchemaNotes: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    var notes: [(name: String, note: SchemaNote)]

    public init(dictionaryLiteral elements: (String, SchemaNote)...) {
        self.notes = elements.map { (name: $0.0, note: $0.1) }
    }

    /// Notes by coding key.
    public init<Key: CodingKey>(_ type: Key.Type, _ notes: KeyValuePairs<Key, SchemaNote>) {
        self.notes = notes.map { (name: $0.key.stringValue, note: $0.value) }
    }

    subscript(name: String) -> SchemaNote? {
        notes.first { $0.name.hasSameBytes(as: name) }?.note
    }

    /// The object with the defaults of those members that it lacks.
    func completing(_ object: JSONObject) -> JSONObject {
        var completed = object
        for (name, note) in notes {
            guard let value = note.defaultValue, object[name] == nil else { continue }
            completed.append(name, value)
        }
        return completed
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.notes.elementsEqual(right.notes) { $0.name.hasSameBytes(as: $1.name) && $0.note == $1.note }
    }

    public func hash(into hasher: inout Hasher) {
        for (name, note) in notes {
            name.hashBytes(into: &hasher)
            hasher.combine(note)
        }
    }
}

/// A type whose derived schema is completed by notes on its properties.
public protocol SchemaNoted {
    /// By the name of the coding key.
    static var schemaNotes: SchemaNotes { get }
}

/// A type that says itself what its JSON Schema is: where nothing can be derived, or something better is known.
///
/// Where the type is a property of another one whose schema is derived, the derivation needs any value of it, and reads
/// one from the schema: from its `default`, the first of its `examples` or of its `enum`, or what `type` and `required`
/// suggest. A type with an `init(from:)` that refuses those gives `examples`.
///
/// A schema that is used within another one must not refer to itself by a `$ref` that begins with `#`.
public protocol SchemaDescribed {
    static var jsonSchema: JSONObject { get }
}

/// What a schema says of one property: a description, bounds, a default, a header.
///
/// A string literal is a description.
public struct SchemaNote: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The keywords that are merged into the property's schema, over what was derived.
    public var keywords: JSONObject
    /// Stands in where the caller leaves the property out, which is then not required.
    public var defaultValue: JSONValue? { keywords["default"] }

    public init(stringLiteral description: String) {
        self.keywords = ["description": .string(description)]
    }

    /// Any keywords of JSON Schema (2020-12).
    public init(keywords: JSONObject) {
        self.keywords = keywords
    }

    /// - Parameters:
    ///   - description: what the property is for, in words that a model understands.
    ///   - range: the bounds of a number, both included (`minimum`, `maximum`).
    ///   - length: the bounds of a string's number of characters, both included (`minLength`, `maxLength`).
    ///   - count: the bounds of an array's number of elements, both included (`minItems`, `maxItems`).
    ///   - pattern: a regular expression that a string has to match somewhere (`pattern`).
    ///   - format: such as `email` or `date` (`format`).
    ///   - defaultValue: what stands in where the caller leaves the property out.
    ///   - examples: values that the property may have. The first one also serves the derivation of the schema, where
    ///     `init(from:)` would refuse an empty string or a zero.
    ///   - header: the name after `Mcp-Param-` of the HTTP field that repeats the value (`x-mcp-header`, MCP 2026-07-28):
    ///     for strings, integers and booleans, and never for a secret.
    public static func note(
        _ description: String? = nil, range: ClosedRange<Double>? = nil, length: ClosedRange<Int>? = nil,
        count: ClosedRange<Int>? = nil, pattern: String? = nil, format: String? = nil,
        default defaultValue: JSONValue? = nil, examples: [JSONValue] = [], header: String? = nil
    ) -> SchemaNote {
        var keywords = JSONObject()
        keywords["description"] = description.map(JSONValue.string)
        keywords["format"] = format.map(JSONValue.string)
        keywords["pattern"] = pattern.map(JSONValue.string)
        keywords["minimum"] = range.flatMap { JSONValue(quantity: $0.lowerBound) }
        keywords["maximum"] = range.flatMap { JSONValue(quantity: $0.upperBound) }
        keywords["minLength"] = length.map { .integer($0.lowerBound) }
        keywords["maxLength"] = length.map { .integer($0.upperBound) }
        keywords["minItems"] = count.map { .integer($0.lowerBound) }
        keywords["maxItems"] = count.map { .integer($0.upperBound) }
        keywords["default"] = defaultValue
        if !examples.isEmpty { keywords["examples"] = .array(examples) }
        keywords["x-mcp-header"] = header.map(JSONValue.string)
        return SchemaNote(keywords: keywords)
    }
}

extension JSONValue {
    /// A number, written as an integer where it is one.
    fileprivate init?(quantity: Double) {
        if let integer = Int(exactly: quantity) {
            self = .integer(integer)
        } else if let number = JSONNumber(quantity) {
            self = .number(number)
        } else {
            return nil
        }
    }
}
