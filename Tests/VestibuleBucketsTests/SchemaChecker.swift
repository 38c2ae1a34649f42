import VestibuleProtocol

/// As much of JSON Schema 2020-12 as the tools' schemas use; a keyword that it does not know is an error of its own.
enum SchemaChecker {
    /// Where and how the value does not conform; empty where it does.
    static func violations(of schema: JSONValue, in value: JSONValue, at path: String = "$") -> [String] {
        guard let keywords = schema.object else { return ["\(path): the schema is no object"] }
        var found: [String] = []
        for keyword in keywords.members {
            switch keyword.name {
            case "$schema", "description", "default", "title", "properties": break
            case "type":
                let types = keyword.value.array?.compactMap(\.string) ?? [keyword.value.string ?? ""]
                let isInteger = types.contains("integer") && value.integer != nil
                if !isInteger, !types.contains(value.kind) { found.append("\(path): \(value.kind), not \(types)") }
            case "required":
                for name in keyword.value.array?.compactMap(\.string) ?? [] where value[name] == nil {
                    found.append("\(path): lacks \(name)")
                }
            case "additionalProperties":
                for member in value.object?.members ?? [] where schema["properties"]?[member.name] == nil {
                    if keyword.value.bool == false {
                        found.append("\(path): has \(member.name)")
                    } else if keyword.value.object != nil {
                        found += violations(of: keyword.value, in: member.value, at: "\(path).\(member.name)")
                    }
                }
            case "items":
                for (index, element) in (value.array ?? []).enumerated() {
                    found += violations(of: keyword.value, in: element, at: "\(path)[\(index)]")
                }
            case "minItems":
                if let count = value.array?.count, count < keyword.value.integer ?? 0 { found.append(path) }
            case "maxItems":
                if let count = value.array?.count, count > keyword.value.integer ?? 0 { found.append(path) }
            case "minLength": if let text = value.string, text.count < keyword.value.integer ?? 0 { found.append(path) }
            case "maxLength": if let text = value.string, text.count > keyword.value.integer ?? 0 { found.append(path) }
            default: found.append("\(path): unknown keyword \(keyword.name)")
            }
        }
        for property in schema["properties"]?.object?.members ?? [] {
            guard let member = value[property.name] else { continue }
            found += violations(of: property.value, in: member, at: "\(path).\(property.name)")
        }
        return found
    }
}
