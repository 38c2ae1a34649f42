/// What does not fit, and where. The path grows from the inside out, so that a value that fits costs nothing.
struct SchemaFailure {
    enum Step {
        case member(String)
        case element(Int)
    }

    /// The predicate of a sentence about the part: `has to be at least 1`.
    var predicate: String
    /// From the part outwards.
    var steps: [Step] = []

    init(_ predicate: String) {
        self.predicate = predicate
    }

    func within(_ step: Step) -> SchemaFailure {
        var failure = self
        failure.steps.append(step)
        return failure
    }

    func line(_ wording: JSONSchema.Wording) -> String {
        var path = ""
        for step in steps.reversed() {
            switch step {
            case .member(let name): path += (path.isEmpty ? "" : ".") + name.cut(toBytes: 64)
            case .element(let index): path += "[\(index)]"
            }
        }
        let subject = path.isEmpty ? wording.whole : "\(wording.part)\(path)"
        return "\(subject) \(predicate)".onOneLine()
    }
}
