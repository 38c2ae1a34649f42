extension SchemaEvaluation {
    mutating func judge(
        _ elements: [JSONValue], by rules: ArrayRules, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        if let minimum = rules.minimum, elements.count < minimum {
            return SchemaFailure("needs at least \(minimum) elements, and has \(elements.count)")
        }
        if let maximum = rules.maximum, elements.count > maximum {
            return SchemaFailure("may have at most \(maximum) elements, and has \(elements.count)")
        }
        var unused = Set<Int>()
        for (position, element) in elements.enumerated() {
            guard let node = position < rules.first.count ? rules.first[position] : rules.others else { break }
            if let failure = apply(node, to: element, &unused) { return failure.within(.element(position)) }
            if schema.tracksEvaluation { seen.insert(position) }
        }
        if rules.isUnique, let failure = judgeUniqueness(of: elements) { return failure }
        if let failure = judgeContents(of: elements, by: rules, &seen) { return failure }
        guard let unevaluated = rules.unevaluated else { return nil }
        for (position, element) in elements.enumerated() where !seen.contains(position) {
            if let failure = apply(unevaluated, to: element, &unused) { return failure.within(.element(position)) }
            seen.insert(position)
        }
        return nil
    }

    private mutating func judgeContents(
        of elements: [JSONValue], by rules: ArrayRules, _ seen: inout Set<Int>
    ) -> SchemaFailure? {
        guard let contains = rules.contains else { return nil }
        var count = 0
        var unused = Set<Int>()
        for (position, element) in elements.enumerated() where apply(contains, to: element, &unused) == nil {
            count += 1
            if schema.tracksEvaluation { seen.insert(position) }
        }
        if count < rules.minimumContained {
            return SchemaFailure(
                "needs at least \(rules.minimumContained) elements of a certain form, and has \(count)")
        }
        if let maximum = rules.maximumContained, count > maximum {
            return SchemaFailure("may have at most \(maximum) elements of a certain form, and has \(count)")
        }
        return nil
    }

    /// In time linear in the size of the elements: equal ones have equal keys.
    private mutating func judgeUniqueness(of elements: [JSONValue]) -> SchemaFailure? {
        guard elements.count > 1 else { return nil }
        var places: [DataKey: Int] = [:]
        for (position, element) in elements.enumerated() {
            guard spend(element.partCount) else { return exhaustion }
            if let other = places.updateValue(position, forKey: DataKey(element)) {
                return SchemaFailure("may not have an element twice, as [\(other)] and [\(position)] are")
            }
        }
        return nil
    }
}
