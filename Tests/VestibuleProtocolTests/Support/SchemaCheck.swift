import VestibuleProtocol

/// As much of JSON Schema as the schema of MCP needs to judge messages: `$ref`, `type`, `properties`, `required`,
/// `items`, `const`, `enum`, `anyOf`.
struct SchemaCheck {
    let definitions: JSONObject

    init(schema: JSONValue) {
        definitions = (schema["$defs"] ?? schema["definitions"])?.object ?? [:]
    }

    /// What is wrong with the value, each with its path; nothing where it fits the definition.
    func problems(_ value: JSONValue, _ definition: String) -> [String] {
        guard let schema = definitions[definition] else { return ["no definition of \(definition)"] }
        return problems(value, schema, at: definition)
    }

    private func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
        if let reference = schema["$ref"]?.string {
            return problems(value, String(reference.split(separator: "/").last ?? ""))
        }
        var problems: [String] = []
        if let types = schema["type"]?.array ?? schema["type"].map({ [$0] }) {
            let fits = types.contains { type in
                type == "integer" ? value.integer != nil : type == .string(value.kind)
            }
            if !fits { problems.append("\(path): \(value.kind) is not \(types)") }
        }
        if let constant = schema["const"], constant != value { problems.append("\(path): not \(constant)") }
        if let values = schema["enum"]?.array, !values.contains(value) { problems.append("\(path): not in \(values)") }
        if let branches = schema["anyOf"]?.array,
            !branches.contains(where: { self.problems(value, $0, at: path).isEmpty })
        {
            problems.append("\(path): fits none of anyOf")
        }
        for name in schema["required"]?.array ?? [] where value[name.string ?? ""] == nil {
            problems.append("\(path): lacks \(name)")
        }
        for property in schema["properties"]?.object?.members ?? [] {
            guard let member = value[property.name] else { continue }
            problems += self.problems(member, property.value, at: "\(path).\(property.name)")
        }
        if let items = schema["items"] {
            for (index, element) in (value.array ?? []).enumerated() {
                problems += self.problems(element, items, at: "\(path)[\(index)]")
            }
        }
        return problems
    }
}
