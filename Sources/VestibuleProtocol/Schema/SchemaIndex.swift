/// The places of a schema that references can lead to by name.
struct SchemaIndex: Sendable {
    /// A part with an `$id` of its own; the document itself is the first.
    struct Resource: Sendable {
        var address: String
        var value: JSONValue
        var dialect: SchemaDialect
        /// JSON Pointers within the resource.
        var anchors: [ByteKey: String] = [:]
        var dynamicAnchors: [ByteKey: String] = [:]
    }

    private(set) var resources: [Resource] = []
    private var byAddress: [ByteKey: Int] = [:]
    private(set) var tracksEvaluation = false
    private var size = 0

    init(_ document: JSONValue) throws(JSONSchemaError) {
        let dialect = try Self.dialect(of: document, at: "") ?? .draft2020_12
        resources.append(Resource(address: "", value: document, dialect: dialect))
        if let id = document["$id"]?.string, Self.isAddress(id) {
            resources[0].address = URIReference(id).address(from: "")
        }
        byAddress[ByteKey("")] = 0
        byAddress[ByteKey(resources[0].address)] = 0
        try visit(document, resource: 0, pointer: "", depth: 0, isRoot: true)
    }

    /// The resource with that address.
    func resource(at address: String) -> Int? {
        byAddress[ByteKey(address)]
    }

    /// The resource that a schema begins, if it begins one.
    func resource(begunBy schema: JSONObject, in resource: Int) -> Int? {
        guard let id = schema["$id"]?.string, Self.isAddress(id) else { return nil }
        // In draft-07 nothing beside a reference counts.
        if resources[resource].dialect == .draft07, schema["$ref"] != nil { return nil }
        return self.resource(at: URIReference(id).address(from: resources[resource].address))
    }

    private static func isAddress(_ id: String) -> Bool { !id.isEmpty && id.utf8.first != 0x23 }

    /// The dialect that a schema says it is in.
    static func dialect(of schema: JSONValue, at pointer: String) throws(JSONSchemaError) -> SchemaDialect? {
        guard let identifier = schema["$schema"] else { return nil }
        guard let dialect = identifier.string.flatMap(SchemaDialect.init(identifier:)) else {
            throw JSONSchemaError(
                at: pointer + "/$schema", "names a dialect that is not supported; use 2020-12 or draft-07")
        }
        return dialect
    }

    private mutating func visit(
        _ schema: JSONValue, resource: Int, pointer: String, depth: Int, isRoot: Bool = false
    ) throws(JSONSchemaError) {
        guard let object = schema.object else { return }
        guard depth < JSONSchema.maximumDepth else {
            throw JSONSchemaError(at: pointer, "is nested too deep: over \(JSONSchema.maximumDepth) levels")
        }
        size += 1
        guard size <= JSONSchema.maximumSize else {
            throw JSONSchemaError(at: pointer, "is one subschema too many: over \(JSONSchema.maximumSize)")
        }
        var (resource, pointer) = (resource, pointer)
        if !isRoot, let begun = try begin(schema, object, in: resource, at: pointer) {
            (resource, pointer) = (begun, "")
        }
        note(object, resource: resource, pointer: pointer)
        for member in object.members {
            let place = JSONPointer.appending(member.name, to: pointer)
            switch SubschemaKeyword(rawValue: member.name)?.shape {
            case .one where member.value.object != nil:
                try visit(member.value, resource: resource, pointer: place, depth: depth + 1)
            case .one, .several:
                for (index, element) in (member.value.array ?? []).enumerated() {
                    try visit(element, resource: resource, pointer: "\(place)/\(index)", depth: depth + 1)
                }
            case .named:
                for entry in member.value.object?.members ?? [] {
                    let place = JSONPointer.appending(entry.name, to: place)
                    try visit(entry.value, resource: resource, pointer: place, depth: depth + 1)
                }
            case nil: break
            }
        }
    }

    private mutating func begin(
        _ schema: JSONValue, _ object: JSONObject, in resource: Int, at pointer: String
    ) throws(JSONSchemaError) -> Int? {
        guard let id = object["$id"]?.string, Self.isAddress(id) else { return nil }
        let dialect = try Self.dialect(of: schema, at: pointer) ?? resources[resource].dialect
        if dialect == .draft07, object["$ref"] != nil { return nil }
        let address = URIReference(id).address(from: resources[resource].address)
        guard byAddress[ByteKey(address)] == nil else {
            throw JSONSchemaError(at: pointer, "has an $id that another part has already")
        }
        resources.append(Resource(address: address, value: schema, dialect: dialect))
        byAddress[ByteKey(address)] = resources.count - 1
        return resources.count - 1
    }

    /// Notes the names that the schema itself has.
    private mutating func note(_ object: JSONObject, resource: Int, pointer: String) {
        if object["unevaluatedProperties"] != nil || object["unevaluatedItems"] != nil { tracksEvaluation = true }
        if resources[resource].dialect == .draft07 {
            guard let id = object["$id"]?.string, id.utf8.first == 0x23 else { return }
            resources[resource].anchors[ByteKey(String(id.dropFirst()))] = pointer
            return
        }
        if let name = object["$anchor"]?.string { resources[resource].anchors[ByteKey(name)] = pointer }
        if let name = object["$dynamicAnchor"]?.string {
            resources[resource].anchors[ByteKey(name)] = pointer
            resources[resource].dynamicAnchors[ByteKey(name)] = pointer
        }
    }
}
