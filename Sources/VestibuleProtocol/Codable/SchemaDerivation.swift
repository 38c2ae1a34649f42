/// Derives JSON Schemas (2020-12) from `Decodable` types, without macros: it has the type read itself from a decoder
/// that answers every question and notes what was asked.
///
/// | Swift | JSON Schema |
/// |---|---|
/// | a struct or class | an object; its properties by coding key, in the order in which they are read |
/// | `Optional` | not required |
/// | `String`, `Bool`, floating point | `string`, `boolean`, `number` |
/// | integers | `integer`; unsigned and narrow ones with `minimum` and `maximum` |
/// | `Array`, `Set` | `array`; a set with `uniqueItems` |
/// | `Dictionary` with keys of text or integers | an object with `additionalProperties` |
/// | an enum that is `CaseIterable` and has raw values | `enum` |
/// | `Date`, `Data`, `URL`, `UUID`, `Decimal` | `date-time`, base64, `uri`, `uuid`, `number` |
/// | ``JSONValue``, ``JSONObject`` | anything, any object |
/// | a type that holds itself | `$defs` and `$ref` |
///
/// ``SchemaNoted`` adds descriptions, bounds and defaults; ``SchemaDescribed`` replaces the derivation.
///
/// What cannot be seen this way: a default that a property is declared with (Swift's own decoding requires the property
/// all the same; write a note with a `default`), the cases of an enum that cannot be listed, the kinds that an
/// `init(from:)` tries one after the other (the first is taken). The first and the last are silent, everything else is an
/// error that names the type and the key.
public enum SchemaDerivation {
    /// How deep types may hold one another.
    public static let maximumDepth = 32
    /// How many types a schema may pass through; a type that is used twice counts once.
    public static let maximumTypes = 1_000

    /// The schema of what the type reads.
    ///
    /// - Parameter closed: whether objects may have no other members than the type knows (`additionalProperties:
    ///   false`): right for what is asked of a caller, who learns of a misspelt name; wrong for what may grow.
    /// - Throws: ``SchemaDerivationError``.
    public static func schema<Value: Decodable>(
        of type: Value.Type, closed: Bool = false
    ) throws(SchemaDerivationError) -> JSONObject {
        let derivation = Derivation(closed: closed)
        do {
            var schema = try derivation.derive(type).schema
            if !derivation.definitions.isEmpty { schema["$defs"] = .object(derivation.definitions) }
            return schema
        } catch let error as SchemaDerivationError {
            throw error
        } catch {
            throw SchemaDerivationError("\(Value.self)", "\("\(error)".onOneLine())")
        }
    }
}

/// Why no schema can be derived from a type.
public struct SchemaDerivationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The type and the way to the property: `Order.lines[].color`.
    public let place: String
    public let problem: String

    init(_ place: String, _ problem: String) {
        self.place = place
        self.problem = problem
    }

    /// One line that says what to do.
    public var description: String { "no JSON Schema can be derived from \(place): \(problem)" }
}

/// One derivation: what has been seen, and where it stands.
final class Derivation {
    /// A type's schema and any value of it. There is none of a type that is being derived just now.
    struct Derived<Value> {
        var schema: JSONObject
        var sample: Value?
    }

    let closed: Bool
    private(set) var definitions = JSONObject()
    /// The types that are being derived, the outermost first.
    private var open: [ObjectIdentifier] = []
    private var finished: [ObjectIdentifier: Derived<Any>] = [:]
    private var names: [ObjectIdentifier: String] = [:]
    /// The types that were met within themselves.
    private var recursive: Set<ObjectIdentifier> = []
    /// The steps from the outermost type, for errors.
    private var steps: [String] = []

    init(closed: Bool) {
        self.closed = closed
    }

    func problem(_ text: String) -> SchemaDerivationError {
        SchemaDerivationError(steps.joined(), text)
    }

    func within<Result>(_ step: String, _ body: () throws -> Result) rethrows -> Result {
        steps.append(step)
        defer { steps.removeLast() }
        return try body()
    }

    func derive<Value: Decodable>(_ type: Value.Type) throws -> Derived<Value> {
        if steps.isEmpty { return try within("\(type)") { try derive(type) } }
        let identity = ObjectIdentifier(type)
        if let known = finished[identity] { return Derived(schema: known.schema, sample: known.sample as? Value) }
        if open.contains(identity) {
            recursive.insert(identity)
            return Derived(schema: ["$ref": .string(reference(to: identity, type))])
        }
        guard open.count < SchemaDerivation.maximumDepth else {
            throw problem("its types hold one another more than \(SchemaDerivation.maximumDepth) deep")
        }
        guard finished.count < SchemaDerivation.maximumTypes else {
            throw problem("it is made of more than \(SchemaDerivation.maximumTypes) types")
        }
        let derived = try deriveNew(type, identity)
        finished[identity] = Derived(schema: derived.schema, sample: derived.sample.map { $0 as Any })
        return derived
    }

    private func deriveNew<Value: Decodable>(_ type: Value.Type, _ identity: ObjectIdentifier) throws -> Derived<Value>
    {
        if let described = type as? any SchemaDescribed.Type { return try derive(described: described) }
        if let form = type as? any JSONForm.Type {
            return Derived(schema: form.formSchema, sample: form.formSample as? Value)
        }
        if let choice = type as? any (CaseIterable & RawRepresentable).Type { return try derive(choice: choice) }
        if let collection = type as? any DerivedCollection.Type {
            let derived = try collection.derivedCollection(by: self)
            return Derived(schema: derived.schema, sample: derived.sample as? Value)
        }
        open.append(identity)
        defer { open.removeLast() }
        let shape = ShapeNode()
        let sample: Value
        do {
            sample = try type.init(from: ProbeDecoder(derivation: self, shape: shape, notes: notes(of: type)))
        } catch let error as SchemaDerivationError {
            throw error
        } catch {
            throw problem(advice(on: type, error))
        }
        let schema = try note(type, shape.schema(closed: closed))
        guard recursive.contains(identity), open.count > 1 else { return Derived(schema: schema, sample: sample) }
        let name = name(of: identity, type)
        definitions[name] = .object(schema)
        return Derived(schema: ["$ref": .string("#/$defs/\(name)")], sample: sample)
    }

    // MARK: - Kinds of types

    private func derive<Value>(described: any SchemaDescribed.Type) throws -> Derived<Value> {
        let schema = described.jsonSchema
        guard steps.count > 1 else { return Derived(schema: schema) }
        if JSONValue.object(schema).hasLocalReference {
            throw problem(
                "the schema that \(described) describes itself by has a $ref into itself, which is lost within "
                    + "another schema; write it without")
        }
        guard let type = described as? any Decodable.Type else { return Derived(schema: schema) }
        do {
            let sample = try JSONValueDecoder().decode(type, from: JSONValue.object(schema).sampleOfSchema(depth: 0))
            return Derived(schema: schema, sample: sample as? Value)
        } catch {
            throw problem(
                "\(described) cannot be read from what its own schema suggests (\(error)); give its jsonSchema "
                    + "`examples` with a value that it accepts")
        }
    }

    private func derive<Choice: CaseIterable & RawRepresentable, Value>(
        choice: Choice.Type
    ) throws -> Derived<Value> {
        let cases = Array(choice.allCases)
        guard let first = cases.first else { throw problem("\(choice) has no cases") }
        let values = cases.map(\.rawValue)
        var schema = JSONObject()
        if let texts = values as? [String] {
            schema["type"] = "string"
            schema["enum"] = .strings(texts)
        } else if let numbers = values as? [any BinaryInteger] {
            schema["type"] = "integer"
            schema["enum"] = .array(numbers.map { .number(JSONNumber($0)) })
        } else if let numbers = values as? [Double] {
            schema["type"] = "number"
            schema["enum"] = .array(numbers.compactMap { JSONNumber($0) }.map(JSONValue.number))
        } else {
            throw problem("the raw values of \(choice) are neither texts nor numbers; let it adopt SchemaDescribed")
        }
        return Derived(schema: schema, sample: first as? Value)
    }

    private func advice(on type: any Decodable.Type, _ error: any Error) -> String {
        if type is any RawRepresentable.Type {
            return "\(type) is read from raw values that are not known; let it adopt CaseIterable, or SchemaDescribed"
        }
        return "\(type) refused the sample values of the derivation (\(JSONCodingError(error))); let it adopt "
            + "SchemaDescribed, or SchemaNoted with `examples` that it accepts"
    }

    // MARK: - Notes

    func notes(of type: any Decodable.Type) -> SchemaNotes? { (type as? any SchemaNoted.Type)?.schemaNotes }

    private func note(_ type: any Decodable.Type, _ derived: JSONObject) throws -> JSONObject {
        guard let notes = notes(of: type) else { return derived }
        var schema = derived
        var properties = derived["properties"]?.object ?? [:]
        var required = derived["required"]?.array ?? []
        for (name, note) in notes.notes {
            guard var property = properties[name]?.object else {
                let known = properties.names.joined(separator: ", ")
                throw problem(
                    "its schemaNotes name \(name.onOneLine(limit: 64)), which \(type) does not read; it reads "
                        + (known.isEmpty ? "nothing" : known))
            }
            for keyword in note.keywords.members { property[keyword.name] = keyword.value }
            properties[name] = .object(property)
            if note.defaultValue != nil { required.removeAll { $0.string?.hasSameBytes(as: name) ?? false } }
        }
        schema["properties"] = .object(properties)
        schema["required"] = required.isEmpty ? nil : .array(required)
        return schema
    }

    // MARK: - References

    private func reference(to identity: ObjectIdentifier, _ type: Any.Type) -> String {
        identity == open.first ? "#" : "#/$defs/\(name(of: identity, type))"
    }

    /// The name of a type among the definitions, of characters that need no escaping in a reference.
    private func name(of identity: ObjectIdentifier, _ type: Any.Type) -> String {
        if let name = names[identity] { return name }
        let plain = String(
            "\(type)".unicodeScalars.prefix(64)
                .map { scalar in
                    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                        ? Character(scalar) : "_"
                })
        let taken = names.values.count { $0 == plain || $0.hasPrefix("\(plain)-") }
        let name = taken == 0 ? plain : "\(plain)-\(taken + 1)"
        names[identity] = name
        return name
    }
}
