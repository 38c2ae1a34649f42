/// One subschema, ready to be applied. Others are named by their number.
final class SchemaNode: Sendable {
    /// Of the schemas `true` and `false`.
    let verdict: Bool?
    /// The part of the document with an `$id` of its own that it belongs to.
    let resource: Int
    let types: TypeSet?
    let choices: [JSONValue]?
    let constant: JSONValue?
    let number: NumberRules?
    let text: TextRules?
    let array: ArrayRules?
    let object: ObjectRules?
    let combination: Combination?

    init(
        verdict: Bool? = nil, resource: Int, types: TypeSet? = nil, choices: [JSONValue]? = nil,
        constant: JSONValue? = nil, number: NumberRules? = nil, text: TextRules? = nil, array: ArrayRules? = nil,
        object: ObjectRules? = nil, combination: Combination? = nil
    ) {
        self.verdict = verdict
        self.resource = resource
        self.types = types
        self.choices = choices
        self.constant = constant
        self.number = number
        self.text = text
        self.array = array
        self.object = object
        self.combination = combination
    }
}

/// What kinds of values are allowed.
struct TypeSet: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = TypeSet(rawValue: 1)
    static let boolean = TypeSet(rawValue: 2)
    static let object = TypeSet(rawValue: 4)
    static let array = TypeSet(rawValue: 8)
    static let string = TypeSet(rawValue: 16)
    static let number = TypeSet(rawValue: 32)
    static let integer = TypeSet(rawValue: 64)

    private static let names: [(String, TypeSet)] = [
        ("null", .null), ("boolean", .boolean), ("object", .object), ("array", .array), ("string", .string),
        ("number", .number), ("integer", .integer),
    ]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(name: String) {
        guard let type = Self.names.first(where: { $0.0 == name }) else { return nil }
        self = type.1
    }

    var description: String {
        Self.names.filter { contains($0.1) }.map(\.0).joined(separator: " or ")
    }

    func allows(_ value: JSONValue) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .object: contains(.object)
        case .array: contains(.array)
        case .string: contains(.string)
        case .number(let number): contains(.number) || contains(.integer) && number.isWhole
        }
    }
}

final class NumberRules: Sendable {
    let minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf: JSONNumber?

    init(
        minimum: JSONNumber?, maximum: JSONNumber?, exclusiveMinimum: JSONNumber?, exclusiveMaximum: JSONNumber?,
        multipleOf: JSONNumber?
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.exclusiveMinimum = exclusiveMinimum
        self.exclusiveMaximum = exclusiveMaximum
        self.multipleOf = multipleOf
    }
}

final class TextRules: Sendable {
    let minimum, maximum: Int?
    let pattern: Pattern?

    init(minimum: Int?, maximum: Int?, pattern: Pattern?) {
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = pattern
    }
}

final class ArrayRules: Sendable {
    let minimum, maximum: Int?
    let isUnique: Bool
    let first: [Int]
    let others: Int?
    let contains: Int?
    let minimumContained: Int
    let maximumContained: Int?
    let unevaluated: Int?

    init(
        minimum: Int?, maximum: Int?, isUnique: Bool, first: [Int], others: Int?, contains: Int?,
        minimumContained: Int, maximumContained: Int?, unevaluated: Int?
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.isUnique = isUnique
        self.first = first
        self.others = others
        self.contains = contains
        self.minimumContained = minimumContained
        self.maximumContained = maximumContained
        self.unevaluated = unevaluated
    }
}

final class ObjectRules: Sendable {
    let minimum, maximum: Int?
    let required: [String]
    let names: [String]
    let properties: [Int]
    /// Places in ``properties``, where there are many.
    let places: [ByteKey: Int]
    let patterns: [(Pattern, Int)]
    let additional: Int?
    let propertyNames: Int?
    let dependentRequired: [(String, [String])]
    let dependentSchemas: [(String, Int)]
    let unevaluated: Int?

    init(
        minimum: Int?, maximum: Int?, required: [String], names: [String], properties: [Int],
        patterns: [(Pattern, Int)], additional: Int?, propertyNames: Int?, dependentRequired: [(String, [String])],
        dependentSchemas: [(String, Int)], unevaluated: Int?
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.required = required
        self.names = names
        self.properties = properties
        // Up to eight are found as fast by looking at each.
        places =
            names.count <= 8
            ? [:]
            : Dictionary(zip(names.lazy.map(ByteKey.init), properties.indices), uniquingKeysWith: { first, _ in first })
        self.patterns = patterns
        self.additional = additional
        self.propertyNames = propertyNames
        self.dependentRequired = dependentRequired
        self.dependentSchemas = dependentSchemas
        self.unevaluated = unevaluated
    }

    /// The schema of a property.
    func property(_ name: String) -> Int? {
        if !places.isEmpty { return places[ByteKey(name)].map { properties[$0] } }
        for (index, other) in names.enumerated() where other.hasSameBytes(as: name) { return properties[index] }
        return nil
    }
}

/// The subschemas that judge the same value.
final class Combination: Sendable {
    let reference: Int?
    /// The name of a dynamic anchor, and the node where there is none of that name on the way.
    let dynamicReference: (name: ByteKey?, node: Int)?
    let all: [Int]
    let any: [Int]?
    let one: [Int]?
    let not: Int?
    let condition: Int?
    let consequence: Int?
    let alternative: Int?

    init(
        reference: Int?, dynamicReference: (name: ByteKey?, node: Int)?, all: [Int], any: [Int]?, one: [Int]?,
        not: Int?, condition: Int?, consequence: Int?, alternative: Int?
    ) {
        self.reference = reference
        self.dynamicReference = dynamicReference
        self.all = all
        self.any = any
        self.one = one
        self.not = not
        self.condition = condition
        self.consequence = consequence
        self.alternative = alternative
    }
}
