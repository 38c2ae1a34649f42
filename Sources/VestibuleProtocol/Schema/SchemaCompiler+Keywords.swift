extension SchemaCompiler {
    mutating func build(_ schema: JSONObject, at place: Place) throws(JSONSchemaError) -> SchemaNode {
        let dialect = index.resources[place.resource].dialect
        if dialect == .draft07, let reference = schema["$ref"] {
            // Nothing beside it counts.
            let target = try target(of: reference, at: place.member("$ref"))
            return SchemaNode(resource: place.resource, combination: target.map { .reference(to: $0.node) })
        }
        var reader = KeywordReader(schema: schema, place: place)
        return SchemaNode(
            resource: place.resource, types: try reader.types(), choices: try reader.array("enum"),
            constant: schema["const"], number: try numberRules(&reader), text: try textRules(&reader),
            array: try arrayRules(&reader, dialect), object: try objectRules(&reader),
            combination: try combination(&reader, dialect))
    }

    private func numberRules(_ reader: inout KeywordReader) throws(JSONSchemaError) -> NumberRules? {
        guard reader.has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") else { return nil }
        let divisor = try reader.number("multipleOf")
        if let divisor, !JSONNumber(0).isLess(than: divisor) {
            throw JSONSchemaError(at: reader.place.member("multipleOf").pointer, "has to be more than 0")
        }
        return NumberRules(
            minimum: try reader.number("minimum"), maximum: try reader.number("maximum"),
            exclusiveMinimum: try reader.number("exclusiveMinimum"),
            exclusiveMaximum: try reader.number("exclusiveMaximum"), multipleOf: divisor)
    }

    private func textRules(_ reader: inout KeywordReader) throws(JSONSchemaError) -> TextRules? {
        guard reader.has("minLength", "maxLength", "pattern") else { return nil }
        var pattern: Pattern?
        if let source = reader.schema["pattern"] {
            pattern = try Self.pattern(source.string, at: reader.place.member("pattern"))
        }
        return TextRules(
            minimum: try reader.count("minLength"), maximum: try reader.count("maxLength"), pattern: pattern)
    }

    private static func pattern(_ source: String?, at place: Place) throws(JSONSchemaError) -> Pattern {
        guard let source else { throw JSONSchemaError(at: place.pointer, "has to be a string") }
        do throws(PatternError) {
            return try Pattern(source)
        } catch {
            throw JSONSchemaError(at: place.pointer, "is not a pattern that can be used: \(error.reason)")
        }
    }

    private mutating func arrayRules(
        _ reader: inout KeywordReader, _ dialect: SchemaDialect
    ) throws(JSONSchemaError) -> ArrayRules? {
        guard
            reader.has(
                "minItems", "maxItems", "uniqueItems", "prefixItems", "items", "contains", "unevaluatedItems")
        else { return nil }
        var first: [Int] = []
        var others: Int?
        if dialect == .draft07, reader.schema["items"]?.array != nil {
            first = try several("items", reader) ?? []
            others = try one("additionalItems", reader)
        } else {
            if dialect == .draft2020_12 { first = try several("prefixItems", reader) ?? [] }
            others = try one("items", reader)
        }
        let isModern = dialect == .draft2020_12
        return ArrayRules(
            minimum: try reader.count("minItems"), maximum: try reader.count("maxItems"),
            isUnique: try reader.bool("uniqueItems") ?? false, first: first, others: others,
            contains: try one("contains", reader),
            minimumContained: isModern ? try reader.count("minContains") ?? 1 : 1,
            maximumContained: isModern ? try reader.count("maxContains") : nil,
            unevaluated: isModern ? try one("unevaluatedItems", reader) : nil)
    }

    private mutating func objectRules(_ reader: inout KeywordReader) throws(JSONSchemaError) -> ObjectRules? {
        guard
            reader.has(
                "minProperties", "maxProperties", "required", "properties", "patternProperties",
                "additionalProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies",
                "unevaluatedProperties")
        else { return nil }
        let properties = try named("properties", reader)
        var patterns: [(Pattern, Int)] = []
        for (source, node) in try named("patternProperties", reader) {
            patterns.append((try Self.pattern(source, at: reader.place.member("patternProperties")), node))
        }
        var dependentRequired: [(String, [String])] = []
        for member in try reader.object("dependentRequired")?.members ?? [] {
            let place = reader.place.member("dependentRequired").member(member.name)
            dependentRequired.append((member.name, try KeywordReader.strings(member.value, at: place)))
        }
        var dependentSchemas = try named("dependentSchemas", reader)
        for member in try reader.object("dependencies")?.members ?? [] {
            let place = reader.place.member("dependencies").member(member.name)
            if member.value.array != nil {
                dependentRequired.append((member.name, try KeywordReader.strings(member.value, at: place)))
            } else {
                dependentSchemas.append((member.name, try node(of: member.value, at: place)))
            }
        }
        return ObjectRules(
            minimum: try reader.count("minProperties"), maximum: try reader.count("maxProperties"),
            required: try reader.strings("required") ?? [], names: properties.map(\.0),
            properties: properties.map(\.1), patterns: patterns, additional: try one("additionalProperties", reader),
            propertyNames: try one("propertyNames", reader), dependentRequired: dependentRequired,
            dependentSchemas: dependentSchemas, unevaluated: try one("unevaluatedProperties", reader))
    }

    private mutating func combination(
        _ reader: inout KeywordReader, _ dialect: SchemaDialect
    ) throws(JSONSchemaError) -> Combination? {
        guard reader.has("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if") else { return nil }
        var reference: Int?
        if let value = reader.schema["$ref"] {
            reference = try target(of: value, at: reader.place.member("$ref"))?.node
        }
        var dynamicReference: (name: ByteKey?, node: Int)?
        if dialect == .draft2020_12, let value = reader.schema["$dynamicRef"] {
            dynamicReference = try target(of: value, at: reader.place.member("$dynamicRef"))
        }
        return Combination(
            reference: reference, dynamicReference: dynamicReference, all: try several("allOf", reader) ?? [],
            any: try several("anyOf", reader), one: try several("oneOf", reader), not: try one("not", reader),
            condition: try one("if", reader), consequence: try one("then", reader),
            alternative: try one("else", reader))
    }

    // MARK: Subschemas

    private mutating func one(_ name: String, _ reader: KeywordReader) throws(JSONSchemaError) -> Int? {
        guard let value = reader.schema[name] else { return nil }
        return try node(of: value, at: reader.place.member(name))
    }

    private mutating func several(_ name: String, _ reader: KeywordReader) throws(JSONSchemaError) -> [Int]? {
        guard let elements = try reader.array(name) else { return nil }
        var nodes: [Int] = []
        for (position, element) in elements.enumerated() {
            nodes.append(try node(of: element, at: reader.place.member(name).member("\(position)")))
        }
        return nodes
    }

    private mutating func named(
        _ name: String, _ reader: KeywordReader
    ) throws(JSONSchemaError) -> [(String, Int)] {
        var nodes: [(String, Int)] = []
        for member in try reader.object(name)?.members ?? [] {
            nodes.append((member.name, try node(of: member.value, at: reader.place.member(name).member(member.name))))
        }
        return nodes
    }
}

/// Reads the keywords of one subschema, with errors that name the place.
struct KeywordReader {
    let schema: JSONObject
    let place: SchemaCompiler.Place

    func has(_ names: String...) -> Bool {
        schema.members.contains { member in names.contains { $0.hasSameBytes(as: member.name) } }
    }

    func types() throws(JSONSchemaError) -> TypeSet? {
        guard let value = schema["type"] else { return nil }
        var types = TypeSet()
        for name in value.array ?? [value] {
            guard let type = name.string.flatMap(TypeSet.init(name:)) else {
                throw JSONSchemaError(
                    at: place.member("type").pointer,
                    "has to be one or more of null, boolean, object, array, number, integer, string")
            }
            types.insert(type)
        }
        return types
    }

    func number(_ name: String) throws(JSONSchemaError) -> JSONNumber? {
        try value(name, "a number", \.number)
    }

    func count(_ name: String) throws(JSONSchemaError) -> Int? {
        try value(name, "an integer that is not negative") { value in value.integer.flatMap { $0 < 0 ? nil : $0 } }
    }

    func bool(_ name: String) throws(JSONSchemaError) -> Bool? { try value(name, "a boolean", \.bool) }
    func array(_ name: String) throws(JSONSchemaError) -> [JSONValue]? { try value(name, "an array", \.array) }
    func object(_ name: String) throws(JSONSchemaError) -> JSONObject? { try value(name, "an object", \.object) }

    func strings(_ name: String) throws(JSONSchemaError) -> [String]? {
        guard let value = schema[name] else { return nil }
        return try Self.strings(value, at: place.member(name))
    }

    static func strings(_ value: JSONValue, at place: SchemaCompiler.Place) throws(JSONSchemaError) -> [String] {
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw JSONSchemaError(at: place.pointer, "has to be an array of strings")
        }
        return texts
    }

    private func value<Value>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Value?
    ) throws(JSONSchemaError) -> Value? {
        guard let value = schema[name] else { return nil }
        guard let read = read(value) else {
            throw JSONSchemaError(at: place.member(name).pointer, "has to be \(kind)")
        }
        return read
    }
}
