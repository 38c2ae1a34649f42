extension SchemaEvaluation {
    /// Applies the subschemas that judge the same value.
    mutating func combine(
        _ rules: Combination, _ value: JSONValue, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        if let reference = rules.reference, let failure = apply(within: reference, value, &seen) { return failure }
        if let reference = rules.dynamicReference,
            let failure = apply(within: target(of: reference), value, &seen)
        {
            return failure
        }
        for index in rules.all {
            if let failure = apply(within: index, value, &seen) { return failure }
        }
        if let branches = rules.any, let failure = any(of: branches, value, &seen) { return failure }
        if let branches = rules.one, let failure = one(of: branches, value, &seen) { return failure }
        if let not = rules.not {
            var unused = Set<Int>()
            if apply(not, to: value, &unused) == nil { return SchemaFailure("is what its schema rules out") }
        }
        if let condition = rules.condition {
            let holds = apply(within: condition, value, &seen) == nil
            if let next = holds ? rules.consequence : rules.alternative {
                return apply(within: next, value, &seen)
            }
        }
        return nil
    }

    /// What a subschema that does not fit has looked at does not count.
    mutating func apply(within index: Int, _ value: JSONValue, _ seen: inout Set<Int>) -> SchemaFailure? {
        guard schema.tracksEvaluation else { return apply(index, to: value, &seen) }
        var own = Set<Int>()
        let failure = apply(index, to: value, &own)
        if failure == nil { seen.formUnion(own) }
        return failure
    }

    private mutating func any(
        of branches: [Int], _ value: JSONValue, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        var first: SchemaFailure?
        var fits = false
        for index in branches {
            if let failure = apply(within: index, value, &seen) {
                first = first ?? failure
            } else {
                fits = true
                // The others matter only for what they look at.
                if !schema.tracksEvaluation { return nil }
            }
        }
        return fits ? nil : first
    }

    private mutating func one(
        of branches: [Int], _ value: JSONValue, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        var first: SchemaFailure?
        var fitting = 0
        for index in branches {
            if let failure = apply(within: index, value, &seen) { first = first ?? failure } else { fitting += 1 }
        }
        switch fitting {
        case 0: return first
        case 1: return nil
        default: return SchemaFailure("has to fit exactly one of its forms, and fits \(fitting)")
        }
    }
}
