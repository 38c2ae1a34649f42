/// Writes `Encodable` values as JSON values, in the forms that ``JSONValueDecoder`` reads.
public struct JSONValueEncoder: Sendable {
    public init() {}

    /// The value as JSON. Members come in the order in which `encode(to:)` writes them.
    ///
    /// - Throws: ``JSONCodingError`` for what JSON cannot express (an infinite number, a date beyond the year 9999), for
    ///   what is nested deeper than ``JSONValueDecoder/maximumDepth``, and what an `encode(to:)` throws.
    public func encode(_ value: some Encodable) throws(JSONCodingError) -> JSONValue {
        do {
            return try ValueEncoder.box(value, at: nil)
        } catch {
            throw JSONCodingError(error)
        }
    }
}

/// What somebody's `encode(to:)` has written so far.
final class EncodedNode {
    enum Content {
        case nothing
        case value(JSONValue)
        case object([(name: String, node: EncodedNode)])
        case array([EncodedNode])
    }

    var content: Content

    init(_ content: Content = .nothing) {
        self.content = content
    }

    var json: JSONValue {
        switch content {
        case .nothing: return .object([:])
        case .value(let value): return value
        case .array(let nodes): return .array(nodes.map(\.json))
        case .object(let members):
            var object = JSONObject(members: members.map { JSONObject.Member($0.name, $0.node.json) })
            // A key that was written twice has the value that was written last.
            while let name = object.firstDuplicate {
                object[name] = members.last { $0.name.hasSameBytes(as: name) }?.node.json
            }
            return .object(object)
        }
    }

    func append(_ name: String, _ node: EncodedNode) {
        var members: [(name: String, node: EncodedNode)] = []
        if case .object(let written) = content { members = written }
        content = .nothing
        members.append((name, node))
        content = .object(members)
    }

    func append(_ node: EncodedNode) {
        var elements: [EncodedNode] = []
        if case .array(let written) = content { elements = written }
        content = .nothing
        elements.append(node)
        content = .array(elements)
    }
}

/// Writes into a node.
struct ValueEncoder: Encoder {
    let node: EncodedNode
    let place: CodingPlace?

    var codingPath: [any CodingKey] { place.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func box<Value: Encodable>(_ value: Value, at place: CodingPlace?) throws -> JSONValue {
        if let form = value as? any JSONForm {
            guard let json = form.jsonForm else {
                throw place.problem("is no value that JSON can express as \(type(of: form).formName)")
            }
            return json
        }
        guard place.depth < JSONValueDecoder.maximumDepth else {
            throw place.problem("is nested deeper than \(JSONValueDecoder.maximumDepth) levels")
        }
        let node = EncodedNode()
        try value.encode(to: ValueEncoder(node: node, place: place))
        return node.json
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .nothing = node.content { node.content = .object([]) }
        return KeyedEncodingContainer(KeyedNodes<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .nothing = node.content { node.content = .array([]) }
        return UnkeyedNodes(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleNode(encoder: self) }
}

extension Float {
    /// The double that is written as this number is: 0.1, not 0.10000000149.
    fileprivate var shortestDouble: Double { Double("\(self)") ?? Double(self) }
}

extension CodingPlace? {
    fileprivate func number(_ value: Double) throws -> JSONValue {
        if let integer = Int(exactly: value), abs(integer) < 1 << 53 { return .integer(integer) }
        guard let number = JSONNumber(value) else { throw problem("is no number that JSON can express") }
        return .number(number)
    }
}

private struct KeyedNodes<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    private func put(_ value: JSONValue, _ key: Key) {
        encoder.node.append(key.stringValue, EncodedNode(.value(value)))
    }
    private func place(_ key: any CodingKey) -> CodingPlace { CodingPlace(key, in: encoder.place) }
    private func nested(_ key: any CodingKey) -> ValueEncoder {
        let node = EncodedNode()
        encoder.node.append(key.stringValue, node)
        return ValueEncoder(node: node, place: place(key))
    }

    func encodeNil(forKey key: Key) throws { put(.null, key) }
    func encode(_ value: Bool, forKey key: Key) throws { put(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) throws { put(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) throws { put(try CodingPlace?.some(place(key)).number(value), key) }
    func encode(_ value: Float, forKey key: Key) throws { try encode(value.shortestDouble, forKey: key) }
    func encode(_ value: Int, forKey key: Key) throws { put(.integer(value), key) }
    func encode(_ value: Int8, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int16, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int32, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: Int64, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt8, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt16, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt32, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode(_ value: UInt64, forKey key: Key) throws { put(.number(JSONNumber(value)), key) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        put(try ValueEncoder.box(value, at: place(key)), key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { nested(PlainKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }
}

private struct UnkeyedNodes: UnkeyedEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int {
        if case .array(let elements) = encoder.node.content { elements.count } else { 0 }
    }

    private var place: CodingPlace { CodingPlace(PlainKey(intValue: count), in: encoder.place) }
    private func put(_ value: JSONValue) { encoder.node.append(EncodedNode(.value(value))) }
    private func nested() -> ValueEncoder {
        let place = place
        let node = EncodedNode()
        encoder.node.append(node)
        return ValueEncoder(node: node, place: place)
    }

    func encodeNil() throws { put(.null) }
    func encode(_ value: Bool) throws { put(.bool(value)) }
    func encode(_ value: String) throws { put(.string(value)) }
    func encode(_ value: Double) throws { put(try CodingPlace?.some(place).number(value)) }
    func encode(_ value: Float) throws { try encode(value.shortestDouble) }
    func encode(_ value: Int) throws { put(.integer(value)) }
    func encode(_ value: Int8) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int16) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int32) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int64) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt8) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt16) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt32) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt64) throws { put(.number(JSONNumber(value))) }
    func encode<Value: Encodable>(_ value: Value) throws { put(try ValueEncoder.box(value, at: place)) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    func superEncoder() -> any Encoder { nested() }
}

private struct SingleNode: SingleValueEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    private func put(_ value: JSONValue) { encoder.node.content = .value(value) }

    func encodeNil() throws { put(.null) }
    func encode(_ value: Bool) throws { put(.bool(value)) }
    func encode(_ value: String) throws { put(.string(value)) }
    func encode(_ value: Double) throws { put(try encoder.place.number(value)) }
    func encode(_ value: Float) throws { try encode(value.shortestDouble) }
    func encode(_ value: Int) throws { put(.integer(value)) }
    func encode(_ value: Int8) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int16) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int32) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: Int64) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt8) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt16) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt32) throws { put(.number(JSONNumber(value))) }
    func encode(_ value: UInt64) throws { put(.number(JSONNumber(value))) }
    func encode<Value: Encodable>(_ value: Value) throws { put(try ValueEncoder.box(value, at: encoder.place)) }
}
