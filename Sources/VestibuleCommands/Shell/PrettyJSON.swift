internal import VestibuleProtocol

/// JSON for people: two spaces a level, short values on one line.
enum PrettyJSON {
    static func text(of value: JSONValue, width: Int = 100) -> String {
        text(of: value, indent: 0, width: width)
    }

    private static func text(of value: JSONValue, indent: Int, width: Int) -> String {
        let compact = spaced(value)
        if indent + compact.count <= width, !value.holdsObjects || indent > 0 && compact.count <= 60 { return compact }
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch value {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + text(of: $0, indent: indent + 2, width: width) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let object) where !object.isEmpty:
            let lines = object.members.map { member in
                "\(inner)\(JSONValue.string(member.name)): \(text(of: member.value, indent: indent + 2, width: width))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        default:
            return compact
        }
    }

    /// On one line, with spaces behind commas and colons.
    private static func spaced(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements): "[\(elements.map(spaced).joined(separator: ", "))]"
        case .object(let object):
            object.isEmpty
                ? "{}"
                : "{ "
                    + object.members.map { "\(JSONValue.string($0.name)): \(spaced($0.value))" }
                    .joined(separator: ", ") + " }"
        default: value.description
        }
    }
}

extension JSONValue {
    fileprivate var holdsObjects: Bool {
        switch self {
        case .object: true
        case .array(let elements): elements.contains { $0.holdsObjects }
        default: false
        }
    }
}
