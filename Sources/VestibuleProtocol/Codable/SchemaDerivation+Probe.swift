/// What an `init(from:)` has asked for so far.
final class ShapeNode {
    enum Shape {
        case nothing
        case schema(JSONObject)
        case object(ObjectShape)
        /// An array: of any number of such elements, or of exactly these.
        case array([ShapeNode], isUniform: Bool)
    }

    var shape = Shape.nothing
    var isNullable = false

    init() {}

    init(_ schema: JSONObject) {
        self.shape = .schema(schema)
    }

    func schema(closed: Bool) -> JSONObject {
        let schema = plainSchema(closed: closed)
        return isNullable ? ["anyOf": [.object(schema), ["type": "null"]]] : schema
    }

    private func plainSchema(closed: Bool) -> JSONObject {
        switch shape {
        case .nothing: return closed ? ["type": "object", "additionalProperties": false] : ["type": "object"]
        case .schema(let schema): return schema
        case .object(let object): return object.schema(closed: closed)
        case .array(let elements, isUniform: true):
            var schema: JSONObject = ["type": "array"]
            schema["items"] = elements.first.map { .object($0.schema(closed: closed)) }
            return schema
        case .array(let elements, isUniform: false):
            return [
                "type": "array", "prefixItems": .array(elements.map { .object($0.schema(closed: closed)) }),
                "minItems": .integer(elements.count),
            ]
        }
    }
}

/// The members of an object, in the order in which they were asked for.
final class ObjectShape {
    struct Member {
        let name: String
        let node: ShapeNode
    }

    private(set) var members: [Member] = []
    private var optional: [String] = []
    /// Whether all names were asked for, so that there may be any.
    var isOpen = false

    func note(_ name: String, _ node: ShapeNode) {
        guard !members.contains(where: { $0.name.hasSameBytes(as: name) }) else { return }
        members.append(Member(name: name, node: node))
    }

    func noteOptional(_ name: String) { optional.append(name) }

    func schema(closed: Bool) -> JSONObject {
        var schema: JSONObject = ["type": "object"]
        schema["properties"] = .object(
            JSONObject(members.map { ($0.name, .object($0.node.schema(closed: closed))) }))
        let required = members.map(\.name).filter { name in !optional.contains { $0.hasSameBytes(as: name) } }
        if !required.isEmpty { schema["required"] = .strings(required) }
        if closed, !isOpen { schema["additionalProperties"] = false }
        return schema
    }
}

/// Answers every question of an `init(from:)`, and notes it.
struct ProbeDecoder: Decoder {
    let derivation: Derivation
    let shape: ShapeNode
    let notes: SchemaNotes?

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(KeyedProbe<Key>(derivation: derivation, object: object(), notes: notes))
    }

    /// The object that this is; a class and its superclass note their members in one.
    private func object() -> ObjectShape {
        if case .object(let object) = shape.shape { return object }
        let object = ObjectShape()
        shape.shape = .object(object)
        return object
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        shape.shape = .array([], isUniform: false)
        return UnkeyedProbe(derivation: derivation, shape: shape)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleProbe(derivation: derivation, shape: shape)
    }
}

/// What the probe answers where a plain value is asked for.
enum PlainSample {
    static func schema<Integer: FixedWidthInteger>(of type: Integer.Type) -> JSONObject {
        // What 64 bits hold need not be said.
        var schema: JSONObject = ["type": "integer"]
        if !Integer.isSigned || Integer.bitWidth < 64 { schema["minimum"] = .number(JSONNumber(Integer.min)) }
        if Integer.bitWidth < 64 { schema["maximum"] = .number(JSONNumber(Integer.max)) }
        return schema
    }
}

struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let derivation: Derivation
    let object: ObjectShape
    let notes: SchemaNotes?

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] {
        object.isOpen = true
        return []
    }

    func contains(_ key: Key) -> Bool {
        object.noteOptional(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        object.noteOptional(key.stringValue)
        return false
    }

    /// The value of the property's note, where one serves as a sample.
    private func noted<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        guard let note = notes?[key.stringValue],
            let value = note.defaultValue ?? note.keywords["examples"]?.array?.first
        else { return nil }
        return try? JSONValueDecoder().decode(type, from: value)
    }

    private func plain<Value: Decodable>(_ key: Key, _ schema: JSONObject, _ sample: Value) -> Value {
        object.note(key.stringValue, ShapeNode(schema))
        return noted(Value.self, key) ?? sample
    }

    private func integer<Integer: FixedWidthInteger & Decodable>(_ type: Integer.Type, _ key: Key) -> Integer {
        plain(key, PlainSample.schema(of: type), 0)
    }

    func decode(_ type: Bool.Type, forKey key: Key) -> Bool { plain(key, ["type": "boolean"], false) }
    func decode(_ type: String.Type, forKey key: Key) -> String { plain(key, ["type": "string"], "") }
    func decode(_ type: Double.Type, forKey key: Key) -> Double { plain(key, ["type": "number"], 0) }
    func decode(_ type: Float.Type, forKey key: Key) -> Float { plain(key, ["type": "number"], 0) }
    func decode(_ type: Int.Type, forKey key: Key) -> Int { integer(type, key) }
    func decode(_ type: Int8.Type, forKey key: Key) -> Int8 { integer(type, key) }
    func decode(_ type: Int16.Type, forKey key: Key) -> Int16 { integer(type, key) }
    func decode(_ type: Int32.Type, forKey key: Key) -> Int32 { integer(type, key) }
    func decode(_ type: Int64.Type, forKey key: Key) -> Int64 { integer(type, key) }
    func decode(_ type: UInt.Type, forKey key: Key) -> UInt { integer(type, key) }
    func decode(_ type: UInt8.Type, forKey key: Key) -> UInt8 { integer(type, key) }
    func decode(_ type: UInt16.Type, forKey key: Key) -> UInt16 { integer(type, key) }
    func decode(_ type: UInt32.Type, forKey key: Key) -> UInt32 { integer(type, key) }
    func decode(_ type: UInt64.Type, forKey key: Key) -> UInt64 { integer(type, key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let derived = try derive(type, key)
        guard let sample = noted(type, key) ?? derived.sample else {
            throw derivation.within(".\(key.stringValue)") {
                derivation.problem("\(type) holds itself without an Optional or an Array between, so it has no end")
            }
        }
        return sample
    }

    /// `nil`: of what may be left out the least is nothing, also where the type is within itself.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        object.noteOptional(key.stringValue)
        _ = try derive(type, key)
        return nil
    }

    private func derive<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Derivation.Derived<Value> {
        let derived = try derivation.within(".\(key.stringValue)") { try derivation.derive(type) }
        object.note(key.stringValue, ShapeNode(derived.schema))
        return derived
    }

    private func nested(_ key: any CodingKey) -> ProbeDecoder {
        let node = ShapeNode()
        object.note(key.stringValue, node)
        return ProbeDecoder(derivation: derivation, shape: node, notes: nil)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { nested(key).unkeyedContainer() }
    func superDecoder() -> any Decoder { nested(PlainKey.superclass) }
    func superDecoder(forKey key: Key) -> any Decoder { nested(key) }
}

struct UnkeyedProbe: UnkeyedDecodingContainer {
    let derivation: Derivation
    let shape: ShapeNode
    private var elements: [ShapeNode] = []
    private let isUniform = Flag()

    private final class Flag {
        var isSet = false
    }

    init(derivation: Derivation, shape: ShapeNode) {
        self.derivation = derivation
        self.shape = shape
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { nil }
    var currentIndex: Int { elements.count }

    /// Who asks whether there is more takes any number: one is read, and that is all.
    var isAtEnd: Bool {
        isUniform.isSet = true
        shape.shape = .array(elements, isUniform: true)
        return !elements.isEmpty
    }

    private mutating func note(_ node: ShapeNode) {
        elements.append(node)
        shape.shape = .array(elements, isUniform: isUniform.isSet)
    }

    private mutating func plain<Value>(_ schema: JSONObject, _ sample: Value) -> Value {
        note(ShapeNode(schema))
        return sample
    }

    private mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
        plain(PlainSample.schema(of: type), 0)
    }

    mutating func decodeNil() -> Bool { false }
    mutating func decode(_ type: Bool.Type) -> Bool { plain(["type": "boolean"], false) }
    mutating func decode(_ type: String.Type) -> String { plain(["type": "string"], "") }
    mutating func decode(_ type: Double.Type) -> Double { plain(["type": "number"], 0) }
    mutating func decode(_ type: Float.Type) -> Float { plain(["type": "number"], 0) }
    mutating func decode(_ type: Int.Type) -> Int { integer(type) }
    mutating func decode(_ type: Int8.Type) -> Int8 { integer(type) }
    mutating func decode(_ type: Int16.Type) -> Int16 { integer(type) }
    mutating func decode(_ type: Int32.Type) -> Int32 { integer(type) }
    mutating func decode(_ type: Int64.Type) -> Int64 { integer(type) }
    mutating func decode(_ type: UInt.Type) -> UInt { integer(type) }
    mutating func decode(_ type: UInt8.Type) -> UInt8 { integer(type) }
    mutating func decode(_ type: UInt16.Type) -> UInt16 { integer(type) }
    mutating func decode(_ type: UInt32.Type) -> UInt32 { integer(type) }
    mutating func decode(_ type: UInt64.Type) -> UInt64 { integer(type) }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let derived = try derivation.within("[]") { try derivation.derive(type) }
        note(ShapeNode(derived.schema))
        guard let sample = derived.sample else {
            throw derivation.problem(
                "\(type) holds itself within an init(from:) of its own; let it adopt SchemaDescribed")
        }
        return sample
    }

    private mutating func nested() -> ProbeDecoder {
        let node = ShapeNode()
        note(node)
        return ProbeDecoder(derivation: derivation, shape: node, notes: nil)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
        nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { nested().unkeyedContainer() }
    mutating func superDecoder() -> any Decoder { nested() }
}

struct SingleProbe: SingleValueDecodingContainer {
    let derivation: Derivation
    let shape: ShapeNode

    var codingPath: [any CodingKey] { [] }

    private func plain<Value>(_ schema: JSONObject, _ sample: Value) -> Value {
        if case .nothing = shape.shape { shape.shape = .schema(schema) }
        return sample
    }

    private func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
        plain(PlainSample.schema(of: type), 0)
    }

    func decodeNil() -> Bool {
        shape.isNullable = true
        return false
    }

    func decode(_ type: Bool.Type) -> Bool { plain(["type": "boolean"], false) }
    func decode(_ type: String.Type) -> String { plain(["type": "string"], "") }
    func decode(_ type: Double.Type) -> Double { plain(["type": "number"], 0) }
    func decode(_ type: Float.Type) -> Float { plain(["type": "number"], 0) }
    func decode(_ type: Int.Type) -> Int { integer(type) }
    func decode(_ type: Int8.Type) -> Int8 { integer(type) }
    func decode(_ type: Int16.Type) -> Int16 { integer(type) }
    func decode(_ type: Int32.Type) -> Int32 { integer(type) }
    func decode(_ type: Int64.Type) -> Int64 { integer(type) }
    func decode(_ type: UInt.Type) -> UInt { integer(type) }
    func decode(_ type: UInt8.Type) -> UInt8 { integer(type) }
    func decode(_ type: UInt16.Type) -> UInt16 { integer(type) }
    func decode(_ type: UInt32.Type) -> UInt32 { integer(type) }
    func decode(_ type: UInt64.Type) -> UInt64 { integer(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let derived = try derivation.derive(type)
        if case .nothing = shape.shape { shape.shape = .schema(derived.schema) }
        guard let sample = derived.sample else {
            throw derivation.problem("\(type) holds itself without an Optional or an Array between, so it has no end")
        }
        return sample
    }
}
