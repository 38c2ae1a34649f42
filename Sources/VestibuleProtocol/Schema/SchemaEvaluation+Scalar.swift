extension SchemaEvaluation {
    func judge(_ number: JSONNumber, by rules: NumberRules) -> SchemaFailure? {
        if let minimum = rules.minimum, number.isLess(than: minimum) {
            return SchemaFailure("has to be at least \(minimum)")
        }
        if let maximum = rules.maximum, maximum.isLess(than: number) {
            return SchemaFailure("has to be at most \(maximum)")
        }
        if let minimum = rules.exclusiveMinimum, !minimum.isLess(than: number) {
            return SchemaFailure("has to be more than \(minimum)")
        }
        if let maximum = rules.exclusiveMaximum, !number.isLess(than: maximum) {
            return SchemaFailure("has to be less than \(maximum)")
        }
        if let divisor = rules.multipleOf, !number.isMultiple(of: divisor) {
            return SchemaFailure("has to be a multiple of \(divisor)")
        }
        return nil
    }

    mutating func judge(_ text: String, by rules: TextRules) -> SchemaFailure? {
        if rules.minimum != nil || rules.maximum != nil {
            let length = text.unicodeScalars.count
            if let minimum = rules.minimum, length < minimum {
                return SchemaFailure("needs at least \(minimum) characters, and has \(length)")
            }
            if let maximum = rules.maximum, length > maximum {
                return SchemaFailure("may have at most \(maximum) characters, and has \(length)")
            }
        }
        if let pattern = rules.pattern, !matches(pattern, text) {
            return exhaustion ?? SchemaFailure("has to match the pattern \(pattern.source.cut(toBytes: 128))")
        }
        return nil
    }

    /// Whether the pattern occurs in the text. Where the steps do not suffice to know, the judgement ends.
    mutating func matches(_ pattern: Pattern, _ text: String) -> Bool {
        guard exhaustion == nil else { return false }
        let matches = pattern.occurs(in: text, steps: &steps)
        if steps < 0 { _ = spend(0) }
        return matches
    }
}
