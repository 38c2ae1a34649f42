extension SchemaEvaluation {
    mutating func judge(
        _ object: JSONObject, by rules: ObjectRules, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        for name in rules.required {
            guard spendLookup(in: object) else { return exhaustion }
            if object[name] == nil { return SchemaFailure("is required").within(.member(name)) }
        }
        if let minimum = rules.minimum, object.count < minimum {
            return SchemaFailure("needs at least \(minimum) members, and has \(object.count)")
        }
        if let maximum = rules.maximum, object.count > maximum {
            return SchemaFailure("may have at most \(maximum) members, and has \(object.count)")
        }
        for (position, member) in object.members.enumerated() {
            if let failure = judge(member, at: position, by: rules, &seen) {
                return failure.within(.member(member.name))
            }
        }
        if let failure = judgeDependencies(of: object, by: rules, &seen) { return failure }
        guard let unevaluated = rules.unevaluated else { return nil }
        for (position, member) in object.members.enumerated() where !seen.contains(position) {
            var unused = Set<Int>()
            if let failure = apply(unevaluated, to: member.value, &unused) {
                let isForbidden = schema.nodes[unevaluated].verdict == false
                return (isForbidden ? SchemaFailure("is not known") : failure).within(.member(member.name))
            }
            seen.insert(position)
        }
        return nil
    }

    /// A member is looked for one after the other.
    private mutating func spendLookup(in object: JSONObject) -> Bool { spend(1 + object.count / 64) }

    private mutating func judge(
        _ member: JSONObject.Member, at position: Int, by rules: ObjectRules, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        var unused = Set<Int>()
        var isKnown = false
        if let property = rules.property(member.name) {
            isKnown = true
            if let failure = apply(property, to: member.value, &unused) { return failure }
        }
        for (pattern, node) in rules.patterns where matches(pattern, member.name) {
            isKnown = true
            if let failure = apply(node, to: member.value, &unused) { return failure }
        }
        if !isKnown, let additional = rules.additional {
            isKnown = true
            if let failure = apply(additional, to: member.value, &unused) {
                guard schema.nodes[additional].verdict == false else { return failure }
                let known = rules.names.prefix(20).map { $0.cut(toBytes: 64) }.joined(separator: ", ")
                return SchemaFailure("is not known; known are: \(known.isEmpty ? "none" : known)")
            }
        }
        if isKnown, schema.tracksEvaluation { seen.insert(position) }
        if let names = rules.propertyNames, let failure = apply(names, to: .string(member.name), &unused) {
            return SchemaFailure("has a name that \(failure.predicate)")
        }
        return nil
    }

    private mutating func judgeDependencies(
        of object: JSONObject, by rules: ObjectRules, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        for (name, needed) in rules.dependentRequired {
            guard spendLookup(in: object) else { return exhaustion }
            guard object[name] != nil else { continue }
            for missing in needed {
                guard spendLookup(in: object) else { return exhaustion }
                guard object[missing] == nil else { continue }
                let reason = SchemaFailure("is required where \(name.cut(toBytes: 64)) is given")
                return reason.within(.member(missing))
            }
        }
        for (name, node) in rules.dependentSchemas {
            guard spendLookup(in: object) else { return exhaustion }
            guard object[name] != nil else { continue }
            if let failure = apply(within: node, .object(object), &seen) { return failure }
        }
        return nil
    }
}
