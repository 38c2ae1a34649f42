extension ElicitationField: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        if case .other(let json) = kind { return json }
        var object = JSONObject()
        func type(_ name: String) {
            object.append("type", .string(name))
            object.add("title", title)
            object.add("description", description)
        }
        switch kind {
        case .text(let minimum, let maximum, let format, _):
            type("string")
            object.add("minLength", minimum)
            object.add("maxLength", maximum)
            object.add("format", format?.rawValue)
        case .number(let minimum, let maximum, _):
            type("number")
            object.add("minimum", minimum.map(JSONValue.number))
            object.add("maximum", maximum.map(JSONValue.number))
        case .integer(let minimum, let maximum, _):
            type("integer")
            object.add("minimum", minimum)
            object.add("maximum", maximum)
        case .boolean:
            type("boolean")
        case .choice(let choices, let usesEnumNames, _):
            type("string")
            object.add(choices, usesEnumNames: usesEnumNames || !version.isSince(.v2025_11_25))
        case .choices(let choices, let minimum, let maximum, _):
            type("array")
            object.add("minItems", minimum)
            object.add("maxItems", maximum)
            let isTitled = choices.contains { $0.title != nil }
            object.append(
                "items",
                isTitled
                    ? ["anyOf": .array(choices.map(\.json))]
                    : ["type": "string", "enum": .strings(choices.map(\.value))])
        case .other: break
        }
        if case .boolean = kind {
            object.add("default", defaultValue)
        } else if version.isSince(.v2025_11_25) {
            // 2025-06-18 knows a default of booleans only.
            object.add("default", defaultValue)
        }
        return .object(object)
    }

    /// Reads a field. What is not understood is kept as it came.
    public init(json: JSONValue) {
        self.init(
            Self.kind(of: json) ?? .other(json), title: json["title"]?.string,
            description: json["description"]?.string)
    }

    private static func kind(of json: JSONValue) -> Kind? {
        switch json["type"]?.string {
        case "string":
            if let choices = Choice.list(in: json) {
                return .choice(
                    choices, usesEnumNames: json["enumNames"] != nil, default: json["default"]?.string)
            }
            return .text(
                minLength: json["minLength"]?.integer, maxLength: json["maxLength"]?.integer,
                format: json["format"]?.string.flatMap(Format.init), default: json["default"]?.string)
        case "number":
            return .number(
                minimum: json["minimum"]?.number, maximum: json["maximum"]?.number, default: json["default"]?.number)
        case "integer":
            return .integer(
                minimum: json["minimum"]?.integer, maximum: json["maximum"]?.integer,
                default: json["default"]?.integer)
        case "boolean":
            return .boolean(default: json["default"]?.bool)
        case "array":
            return json["items"].flatMap(Choice.list)
                .map { choices in
                    .choices(
                        choices, minimum: json["minItems"]?.integer, maximum: json["maxItems"]?.integer,
                        default: json["default"]?.array?.compactMap(\.string))
                }
        default:
            return nil
        }
    }
}

extension ElicitationField.Choice {
    fileprivate var json: JSONValue { ["const": .string(value), "title": .string(title ?? value)] }

    /// The choices that a schema offers; `nil` where it offers none.
    fileprivate static func list(in json: JSONValue) -> [Self]? {
        if let titled = (json["oneOf"] ?? json["anyOf"])?.array {
            let choices = titled.compactMap { option in
                option["const"]?.string.map { Self($0, title: option["title"]?.string) }
            }
            return choices.count == titled.count ? choices : nil
        }
        guard let values = json["enum"]?.array?.compactMap(\.string) else { return nil }
        let names = json["enumNames"]?.array?.map(\.string) ?? []
        return values.enumerated().map { Self($1, title: $0 < names.count ? names[$0] : nil) }
    }
}

extension JSONObject {
    fileprivate mutating func add(_ choices: [ElicitationField.Choice], usesEnumNames: Bool) {
        guard choices.contains(where: { $0.title != nil }) else {
            append("enum", .strings(choices.map(\.value)))
            return
        }
        guard usesEnumNames else {
            append("oneOf", .array(choices.map(\.json)))
            return
        }
        append("enum", .strings(choices.map(\.value)))
        append("enumNames", .strings(choices.map { $0.title ?? $0.value }))
    }
}
