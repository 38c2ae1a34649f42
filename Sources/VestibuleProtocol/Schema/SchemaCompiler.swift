/// Turns a schema document into nodes. Each place becomes one node, however often it is referred to.
struct SchemaCompiler {
    /// Where a schema stands: the resource, and the JSON Pointer within it.
    struct Place: Hashable {
        var resource: Int
        var pointer: String

        func member(_ name: String) -> Place {
            Place(resource: resource, pointer: JSONPointer.appending(name, to: pointer))
        }
    }

    let index: SchemaIndex
    let foreignReferences: JSONSchema.ForeignReferences
    private var nodes: [SchemaNode?] = []
    private var numbers: [Place: Int] = [:]
    private var depth = 0

    init(_ index: SchemaIndex, foreignReferences: JSONSchema.ForeignReferences) {
        self.index = index
        self.foreignReferences = foreignReferences
    }

    mutating func compiled(from pointer: String) throws(JSONSchemaError) -> JSONSchema {
        // Judging begins with the first node, which is the one that is made first.
        _ = try follow(pointer, in: 0, from: Place(resource: 0, pointer: ""))
        var dynamicAnchors: [[ByteKey: Int]] = []
        if index.resources.contains(where: { !$0.dynamicAnchors.isEmpty }) {
            for (number, resource) in index.resources.enumerated() {
                var anchors: [ByteKey: Int] = [:]
                for (name, pointer) in resource.dynamicAnchors {
                    let place = Place(resource: number, pointer: pointer)
                    anchors[name] = try follow(pointer, in: number, from: place)
                }
                dynamicAnchors.append(anchors)
            }
        }
        return JSONSchema(
            nodes: nodes.compactMap { $0 }, dynamicAnchors: dynamicAnchors, tracksEvaluation: index.tracksEvaluation)
    }

    /// The node of a schema, which is made where it is met for the first time.
    mutating func node(of schema: JSONValue, at place: Place) throws(JSONSchemaError) -> Int {
        var place = place
        if let object = schema.object, !place.pointer.isEmpty,
            let begun = index.resource(begunBy: object, in: place.resource)
        {
            place = Place(resource: begun, pointer: "")
        }
        if let number = numbers[place] { return number }
        guard depth < JSONSchema.maximumDepth else {
            throw JSONSchemaError(at: place.pointer, "is nested too deep: over \(JSONSchema.maximumDepth) levels")
        }
        guard nodes.count < JSONSchema.maximumSize else {
            throw JSONSchemaError(at: place.pointer, "is one subschema too many: over \(JSONSchema.maximumSize)")
        }
        let number = nodes.count
        numbers[place] = number
        nodes.append(nil)
        depth += 1
        defer { depth -= 1 }
        switch schema {
        case .bool(let verdict): nodes[number] = SchemaNode(verdict: verdict, resource: place.resource)
        case .object(let object): nodes[number] = try build(object, at: place)
        default: throw JSONSchemaError(at: place.pointer, "has to be an object or a boolean, not \(schema.kind)")
        }
        return number
    }

    /// The node at a JSON Pointer within a resource.
    private mutating func follow(
        _ pointer: String, in resource: Int, from place: Place
    ) throws(JSONSchemaError) -> Int {
        var target = Place(resource: resource, pointer: "")
        var value = index.resources[resource].value
        for name in JSONPointer.names(of: pointer) ?? [] {
            let next: JSONValue? =
                if let object = value.object {
                    object[name]
                } else if let elements = value.array, let position = Int(name), elements.indices.contains(position) {
                    elements[position]
                } else {
                    nil
                }
            guard let next else {
                throw JSONSchemaError(at: place.pointer, "refers to a place that the schema does not have")
            }
            value = next
            target = target.member(name)
            if let object = value.object, let begun = index.resource(begunBy: object, in: target.resource) {
                target = Place(resource: begun, pointer: "")
            }
        }
        return try node(of: value, at: target)
    }

    /// The node that a `$ref` or `$dynamicRef` leads to, and the name of the dynamic anchor that it names, if it does;
    /// `nil` where it leads out of the schema and that is allowed.
    mutating func target(
        of reference: JSONValue, at place: Place
    ) throws(JSONSchemaError) -> (name: ByteKey?, node: Int)? {
        guard let text = reference.string else { throw JSONSchemaError(at: place.pointer, "has to be a string") }
        let uri = URIReference(text)
        let address = uri.address(from: index.resources[place.resource].address)
        guard let resource = index.resource(at: address) else {
            guard foreignReferences == .refuse else { return nil }
            throw JSONSchemaError(
                at: place.pointer, "leads out of the schema, and nothing is fetched; put what it names into $defs")
        }
        guard let fragment = uri.fragment, !fragment.isEmpty else {
            return (nil, try follow("", in: resource, from: place))
        }
        if fragment.utf8.first == 0x2F { return (nil, try follow(fragment, in: resource, from: place)) }
        let name = ByteKey(fragment)
        guard let pointer = index.resources[resource].anchors[name] else {
            throw JSONSchemaError(at: place.pointer, "names an anchor that the schema does not have")
        }
        let isDynamic = index.resources[resource].dynamicAnchors[name] != nil
        return (isDynamic ? name : nil, try follow(pointer, in: resource, from: place))
    }
}

extension Combination {
    static func reference(to node: Int) -> Combination {
        Combination(
            reference: node, dynamicReference: nil, all: [], any: nil, one: nil, not: nil, condition: nil,
            consequence: nil, alternative: nil)
    }
}
