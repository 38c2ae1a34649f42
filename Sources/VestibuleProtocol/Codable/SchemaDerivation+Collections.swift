/// A type whose schema follows from those of its elements, and of which there is an empty value.
protocol DerivedCollection {
    /// The schema, and the empty value.
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any>
}

extension Optional: DerivedCollection where Wrapped: Decodable {
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any> {
        let schema = try derivation.derive(Wrapped.self).schema
        return .init(schema: ["anyOf": [.object(schema), ["type": "null"]]], sample: Self.none as Any)
    }
}

extension Array: DerivedCollection where Element: Decodable {
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any> {
        let element = try derivation.within("[]") { try derivation.derive(Element.self).schema }
        return .init(schema: ["type": "array", "items": .object(element)], sample: Self())
    }
}

extension ContiguousArray: DerivedCollection where Element: Decodable {
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any> {
        let element = try derivation.within("[]") { try derivation.derive(Element.self).schema }
        return .init(schema: ["type": "array", "items": .object(element)], sample: Self())
    }
}

extension Set: DerivedCollection where Element: Decodable {
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any> {
        let element = try derivation.within("[]") { try derivation.derive(Element.self).schema }
        return .init(schema: ["type": "array", "items": .object(element), "uniqueItems": true], sample: Self())
    }
}

extension Dictionary: DerivedCollection where Key: Decodable, Value: Decodable {
    static func derivedCollection(by derivation: Derivation) throws -> Derivation.Derived<Any> {
        var schema: JSONObject = ["type": "object"]
        if Key.self is Int.Type {
            schema["propertyNames"] = ["pattern": "^-?[0-9]+$"]
        } else if let choice = Key.self as? any (CaseIterable & RawRepresentable & CodingKeyRepresentable).Type,
            let names = rawTexts(of: choice)
        {
            schema["propertyNames"] = ["enum": .strings(names)]
        } else if !(Key.self is String.Type || Key.self is any CodingKeyRepresentable.Type) {
            throw derivation.problem(
                "a dictionary by \(Key.self) is coded as an array of keys and values; use keys of text, or let "
                    + "\(Key.self) adopt CodingKeyRepresentable")
        }
        let value = try derivation.within("[]") { try derivation.derive(Value.self).schema }
        schema["additionalProperties"] = .object(value)
        return .init(schema: schema, sample: Self())
    }

    private static func rawTexts<Choice: CaseIterable & RawRepresentable>(of choice: Choice.Type) -> [String]? {
        choice.allCases.map(\.rawValue) as? [String]
    }
}

extension JSONValue {
    /// Whether a schema refers into the document that it stands in.
    var hasLocalReference: Bool {
        switch self {
        case .object(let object):
            object.members.contains { member in
                (member.name == "$ref" || member.name == "$dynamicRef") && member.value.string?.utf8.first == 0x23
                    || member.value.hasLocalReference
            }
        case .array(let elements): elements.contains(where: \.hasLocalReference)
        default: false
        }
    }

    /// A value that the schema suggests: any one that it names, else the least of its type.
    func sampleOfSchema(depth: Int) -> JSONValue {
        guard depth < SchemaDerivation.maximumDepth else { return .null }
        if let named = self["default"] ?? self["examples"]?.array?.first ?? self["const"] ?? self["enum"]?.array?.first
        {
            return named
        }
        if let part = (self["anyOf"] ?? self["oneOf"] ?? self["allOf"])?.array?.first, self["type"] == nil {
            return part.sampleOfSchema(depth: depth + 1)
        }
        switch self["type"]?.string ?? self["type"]?.array?.first?.string {
        case "string": return .string(sampleText)
        case "integer", "number": return self["minimum"] ?? .integer(0)
        case "boolean": return .bool(false)
        case "array":
            let element = self["items"]?.sampleOfSchema(depth: depth + 1) ?? .null
            return .array(Array(repeating: element, count: min(max(self["minItems"]?.integer ?? 0, 0), 100)))
        case "object":
            var object = JSONObject()
            for name in (self["required"]?.array ?? []).compactMap(\.string) {
                object[name] = self["properties"]?[name]?.sampleOfSchema(depth: depth + 1) ?? .null
            }
            return .object(object)
        default: return .null
        }
    }

    private var sampleText: String {
        switch self["format"]?.string {
        case "date-time": "1970-01-01T00:00:00Z"
        case "uri": "file:///"
        case "uuid": "00000000-0000-0000-0000-000000000000"
        default: String(repeating: "a", count: min(max(self["minLength"]?.integer ?? 0, 0), 1_000))
        }
    }
}
