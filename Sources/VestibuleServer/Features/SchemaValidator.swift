internal import VestibuleProtocol

/// Checks a call's arguments against the tool's input schema, before the handler sees them.
///
/// Understands the part of JSON Schema 2020-12 that tools are described with: `type`, `enum`, `const`, `required`,
/// `properties`, `additionalProperties`, `items`, `minimum`, `maximum`, `minLength`, `maxLength`, `minItems`,
/// `maxItems`, `anyOf` and `oneOf`. Other keywords are not checked; the handler is still there.
struct SchemaValidator: Sendable {
    /// How deep schemas are followed. Deeper, nothing is checked.
    static let maximumDepth = 32

    /// The first thing that is wrong with the value, in one line that names the argument; `nil` where nothing is.
    static func problem(with arguments: JSONObject, schema: JSONObject) -> String? {
        problem(with: .object(arguments), schema: schema, at: Place(), depth: 0)
    }

    /// Where in the arguments a value stands: `items[2].key`.
    private struct Place {
        var path = ""

        func member(_ name: String) -> Place {
            let name = name.cut(toBytes: 64)
            return Place(path: path.isEmpty ? name : "\(path).\(name)")
        }

        func element(_ index: Int) -> Place { Place(path: "\(path)[\(index)]") }

        var subject: String { path.isEmpty ? "the arguments" : "argument \(path)" }
    }

    private static func problem(with value: JSONValue, schema: JSONObject, at place: Place, depth: Int) -> String? {
        guard depth < maximumDepth else { return nil }
        if let problem = problemOfKind(value, schema, place) { return problem }
        if let problem = problemOfChoice(value, schema, place, depth) { return problem }
        switch value {
        case .object(let object): return problem(in: object, schema, place, depth)
        case .array(let elements): return problem(in: elements, schema, place, depth)
        case .number(let number): return problem(of: number, schema, place)
        case .string(let text): return problem(of: text, schema, place)
        case .null, .bool: return nil
        }
    }

    private static func problemOfKind(_ value: JSONValue, _ schema: JSONObject, _ place: Place) -> String? {
        let kinds = schema["type"].map { $0.string.map { [$0] } ?? ($0.array ?? []).compactMap(\.string) } ?? []
        guard !kinds.isEmpty else { return nil }
        let fits = kinds.contains { kind in
            kind.hasSameBytes(as: value.kind) || kind.hasSameBytes(as: "integer") && value.number?.isWhole == true
        }
        return fits ? nil : "\(place.subject) has to be of type \(kinds.joined(separator: " or ")), not \(value.kind)"
    }

    private static func problemOfChoice(
        _ value: JSONValue, _ schema: JSONObject, _ place: Place, _ depth: Int
    ) -> String? {
        if let choices = schema["enum"]?.array, !choices.contains(where: { $0.equals(value) }) {
            let list = choices.prefix(20).map(\.description).joined(separator: ", ")
            return "\(place.subject) has to be one of \(list)"
        }
        if let constant = schema["const"], !constant.equals(value) {
            return "\(place.subject) has to be \(constant.description.cut(toBytes: 64))"
        }
        if let alternatives = schema["anyOf"]?.array?.compactMap(\.object), !alternatives.isEmpty {
            let problems = alternatives.map { problem(with: value, schema: $0, at: place, depth: depth + 1) }
            if problems.allSatisfy({ $0 != nil }) { return problems.first ?? nil }
        }
        if let alternatives = schema["oneOf"]?.array?.compactMap(\.object), !alternatives.isEmpty {
            let problems = alternatives.map { problem(with: value, schema: $0, at: place, depth: depth + 1) }
            let fitting = problems.count { $0 == nil }
            if fitting == 0 { return problems.first ?? nil }
            if fitting > 1 { return "\(place.subject) has to fit exactly one of its forms, and fits \(fitting)" }
        }
        return nil
    }

    private static func problem(
        in object: JSONObject, _ schema: JSONObject, _ place: Place, _ depth: Int
    ) -> String? {
        if let missing = (schema["required"]?.array ?? []).compactMap(\.string).first(where: { object[$0] == nil }) {
            return "\(place.member(missing).subject) is required"
        }
        let properties = schema["properties"]?.object ?? JSONObject()
        for member in object.members {
            if let property = properties[member.name] {
                guard let property = property.object else { continue }
                let place = place.member(member.name)
                if let problem = problem(with: member.value, schema: property, at: place, depth: depth + 1) {
                    return problem
                }
            } else if schema["additionalProperties"]?.bool == false {
                let known = properties.names.prefix(20).joined(separator: ", ")
                return "\(place.member(member.name).subject) is not known; known are: \(known.isEmpty ? "none" : known)"
            } else if let additional = schema["additionalProperties"]?.object {
                let place = place.member(member.name)
                if let problem = problem(with: member.value, schema: additional, at: place, depth: depth + 1) {
                    return problem
                }
            }
        }
        return nil
    }

    private static func problem(
        in elements: [JSONValue], _ schema: JSONObject, _ place: Place, _ depth: Int
    ) -> String? {
        if let minimum = schema["minItems"]?.integer, elements.count < minimum {
            return "\(place.subject) needs at least \(minimum) elements, and has \(elements.count)"
        }
        if let maximum = schema["maxItems"]?.integer, elements.count > maximum {
            return "\(place.subject) may have at most \(maximum) elements, and has \(elements.count)"
        }
        guard let items = schema["items"]?.object else { return nil }
        for (index, element) in elements.enumerated() {
            if let problem = problem(with: element, schema: items, at: place.element(index), depth: depth + 1) {
                return problem
            }
        }
        return nil
    }

    private static func problem(of number: JSONNumber, _ schema: JSONObject, _ place: Place) -> String? {
        if let minimum = schema["minimum"]?.number, number < minimum {
            return "\(place.subject) has to be at least \(minimum)"
        }
        if let maximum = schema["maximum"]?.number, maximum < number {
            return "\(place.subject) has to be at most \(maximum)"
        }
        return nil
    }

    private static func problem(of text: String, _ schema: JSONObject, _ place: Place) -> String? {
        let length = text.unicodeScalars.count
        if let minimum = schema["minLength"]?.integer, length < minimum {
            return "\(place.subject) needs at least \(minimum) characters, and has \(length)"
        }
        if let maximum = schema["maxLength"]?.integer, length > maximum {
            return "\(place.subject) may have at most \(maximum) characters, and has \(length)"
        }
        return nil
    }
}

extension JSONNumber {
    /// Whether the quantity is an integer, of any size: `1`, `1.0` and `1e99` are, `1.5` is not.
    fileprivate var isWhole: Bool {
        if integer != nil { return true }
        if literal.utf8.allSatisfy({ $0 == 0x2D || $0 >= 0x30 && $0 <= 0x39 }) { return true }
        return double.map { $0 == $0.rounded(.towardZero) } ?? false
    }

    /// By quantity: exactly where both are integers, else as floating point. What is beyond its range is larger or
    /// smaller than everything by its sign.
    fileprivate static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let left = left.integer, let right = right.integer { return left < right }
        return (Double(left.literal) ?? .nan) < (Double(right.literal) ?? .nan)
    }
}

extension JSONValue {
    /// Equality as JSON Schema has it: numbers by quantity, everything else by bytes.
    fileprivate func equals(_ other: JSONValue) -> Bool {
        if let left = number, let right = other.number {
            return left == right || left.double.map { $0 == right.double } ?? false
        }
        return self == other
    }
}
