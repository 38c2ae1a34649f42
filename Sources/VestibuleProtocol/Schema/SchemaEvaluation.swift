/// One judgement of one value.
struct SchemaEvaluation {
    let schema: JSONSchema
    /// What is left of ``JSONSchema/maximumSteps``.
    var steps = JSONSchema.maximumSteps
    private var depth = 0
    /// Why the judgement could not be brought to its end. It then counts for nothing else what any part said.
    var exhaustion: SchemaFailure?
    /// The resources on the way, for dynamic references.
    private var scope: [Int] = []

    init(_ schema: JSONSchema) {
        self.schema = schema
    }

    mutating func failure(of value: JSONValue) -> SchemaFailure? {
        var seen = Set<Int>()
        let failure = apply(0, to: value, &seen)
        return exhaustion ?? failure
    }

    /// Applies a subschema.
    ///
    /// - Parameter seen: Receives the places of the members or elements that it has looked at, where that is kept track of.
    mutating func apply(_ index: Int, to value: JSONValue, _ seen: inout Set<Int>) -> SchemaFailure? {
        let node = schema.nodes[index]
        guard spend(1) else { return exhaustion }
        if let verdict = node.verdict { return verdict ? nil : SchemaFailure("is not allowed") }
        guard depth < JSONSchema.maximumDepth else {
            let failure = SchemaFailure("is nested too deep for its schema: over \(JSONSchema.maximumDepth) levels")
            exhaustion = failure
            return failure
        }
        depth += 1
        defer { depth -= 1 }
        let isDynamic = !schema.dynamicAnchors.isEmpty && scope.last != node.resource
        if isDynamic { scope.append(node.resource) }
        defer { if isDynamic { scope.removeLast() } }

        if let types = node.types, !types.allows(value) {
            return SchemaFailure("has to be of type \(types.description), not \(value.kind)")
        }
        if let failure = choose(node, value) { return failure }
        if let combination = node.combination, let failure = combine(combination, value, &seen) { return failure }
        switch value {
        case .object(let object): return node.object.flatMap { judge(object, by: $0, &seen) }
        case .array(let elements): return node.array.flatMap { judge(elements, by: $0, &seen) }
        case .number(let number): return node.number.flatMap { judge(number, by: $0) }
        case .string(let text): return node.text.flatMap { judge(text, by: $0) }
        case .null, .bool: return nil
        }
    }

    /// Whether there are that many steps left; they are then gone.
    mutating func spend(_ count: Int) -> Bool {
        steps -= count
        guard steps < 0 else { return true }
        if exhaustion == nil {
            exhaustion = SchemaFailure(
                "is too large to be checked against its schema: over \(JSONSchema.maximumSteps) steps")
        }
        return false
    }

    private mutating func choose(_ node: SchemaNode, _ value: JSONValue) -> SchemaFailure? {
        if let choices = node.choices {
            guard spend(choices.count / 16) else { return exhaustion }
            for choice in choices {
                guard spend(choice.comparisonCost(with: value)) else { return exhaustion }
                if choice.isSameData(as: value) { return choose(constant: node.constant, value) }
            }
            let list = choices.prefix(20).map { $0.description.cut(toBytes: 64) }.joined(separator: ", ")
            return SchemaFailure("has to be one of \(list)")
        }
        return choose(constant: node.constant, value)
    }

    private mutating func choose(constant: JSONValue?, _ value: JSONValue) -> SchemaFailure? {
        guard let constant else { return nil }
        guard spend(constant.comparisonCost(with: value)) else { return exhaustion }
        return constant.isSameData(as: value)
            ? nil : SchemaFailure("has to be \(constant.description.cut(toBytes: 64))")
    }

    /// The node that a dynamic reference leads to: that of the outermost resource on the way which has the anchor.
    func target(of reference: (name: ByteKey?, node: Int)) -> Int {
        guard let name = reference.name else { return reference.node }
        for resource in scope {
            if let node = schema.dynamicAnchors[resource][name] { return node }
        }
        return reference.node
    }
}
