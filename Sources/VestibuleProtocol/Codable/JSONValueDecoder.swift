/// Reads `Decodable` values from JSON values: strictly, without a detour over bytes.
///
/// Nothing is converted: `"1"` is no number and `1` no string; `1.0` is an integer and `1.5` is none; a number that the
/// type cannot hold is refused, never cut. Members that the type does not know are passed over. `Date` is a string of
/// RFC 3339, `Data` base64, `URL` and `UUID` strings, `Decimal` a number; ``JSONValue`` is anything.
///
/// Where the type adopts ``SchemaNoted``, a member that is absent counts as its note's default.
public struct JSONValueDecoder: Sendable {
    /// How deep values are followed; deeper is an error. `init(from:)` is recursive, and a stack has an end.
    public static let maximumDepth = 64

    /// Whether numbers and booleans may be written as strings: the arguments of prompts and the variables of URI
    /// templates are strings whatever they mean.
    public var readsStrings: Bool

    public init(readsStrings: Bool = false) {
        self.readsStrings = readsStrings
    }

    /// The value, read as that type.
    ///
    /// - Throws: ``JSONCodingError``, which names the place.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from json: JSONValue
    ) throws(JSONCodingError) -> Value {
        do {
            return try ValueDecoder(value: json, place: nil, readsStrings: readsStrings).unbox(type)
        } catch {
            throw JSONCodingError(error)
        }
    }
}

/// A value at its place.
struct ValueDecoder: Decoder {
    let value: JSONValue
    let place: CodingPlace?
    let readsStrings: Bool

    var codingPath: [any CodingKey] { place.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.object else { throw mismatch("an object") }
        return KeyedDecodingContainer(KeyedValues<Key>(decoder: self, members: MemberIndex(object)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = value.array else { throw mismatch("an array") }
        return UnkeyedValues(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleValue(decoder: self) }

    func at(_ key: any CodingKey, _ value: JSONValue) -> ValueDecoder {
        ValueDecoder(value: value, place: CodingPlace(key, in: place), readsStrings: readsStrings)
    }

    func mismatch(_ expected: String) -> JSONCodingError {
        place.problem(value.isNull ? "is null; it has to be \(expected)" : "has to be \(expected), not \(value.kind)")
    }

    // MARK: - Values

    func bool() throws -> Bool {
        if let value = value.bool { return value }
        if readsStrings, let text = value.string, let value = Bool(text) { return value }
        throw mismatch("a boolean")
    }

    func string() throws -> String {
        guard let text = value.string else { throw mismatch("a string") }
        return text
    }

    func number(_ kind: String) throws -> JSONNumber {
        if let number = value.number { return number }
        if readsStrings, let text = value.string, let number = JSONNumber(literal: text) { return number }
        throw mismatch(kind)
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        let number = try number("an integer")
        if let integer = number.integer {
            guard let value = Integer(exactly: integer) else { throw beyondRange(of: type) }
            return value
        }
        if let value = Integer(number.literal) { return value }
        guard number.double.map({ $0 == $0.rounded(.towardZero) }) ?? true else {
            throw place.problem("has to be an integer, not a fraction")
        }
        throw beyondRange(of: type)
    }

    private func beyondRange<Integer: FixedWidthInteger>(of type: Integer.Type) -> JSONCodingError {
        place.problem("has to be between \(Integer.min) and \(Integer.max)")
    }

    func double() throws -> Double {
        guard let value = try number("a number").double else { throw place.problem("is beyond the range of numbers") }
        return value
    }

    func float() throws -> Float {
        let value = Float(try double())
        guard value.isFinite else { throw place.problem("is beyond the range of numbers") }
        return value
    }

    func unbox<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let form = type as? any JSONForm.Type { return try unbox(form: form) }
        guard place.depth < JSONValueDecoder.maximumDepth else {
            throw place.problem("is nested deeper than \(JSONValueDecoder.maximumDepth) levels")
        }
        if let noted = type as? any SchemaNoted.Type, let object = value.object {
            let completed = noted.schemaNotes.completing(object)
            return try type.init(
                from: ValueDecoder(value: .object(completed), place: place, readsStrings: readsStrings))
        }
        return try type.init(from: self)
    }

    private func unbox<Value>(form: any JSONForm.Type) throws -> Value {
        var value = value
        if readsStrings, let text = value.string, let number = JSONNumber(literal: text),
            form.formSchema["type"] == "number"
        {
            value = .number(number)
        }
        guard let read = form.init(jsonForm: value) as? Value else { throw mismatch(form.formName) }
        return read
    }
}

/// The members of an object, found in constant time where they are many.
struct MemberIndex {
    let object: JSONObject
    private var places: [ByteKey: Int] = [:]

    init(_ object: JSONObject) {
        self.object = object
        guard object.count > 16 else { return }
        places.reserveCapacity(object.count)
        for (place, member) in object.members.enumerated() where places[ByteKey(member.name)] == nil {
            places[ByteKey(member.name)] = place
        }
    }

    subscript(name: String) -> JSONValue? {
        guard !places.isEmpty else { return object[name] }
        return places[ByteKey(name)].map { object.members[$0].value }
    }
}
