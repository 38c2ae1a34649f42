internal import VestibuleProtocol

extension SettingsTable {
    /// The JSON Schema (2020-12) of a configuration file, made from the table that the reader uses.
    static var schema: JSONObject {
        var schema: JSONObject = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Vestibule configuration",
        ]
        for member in SettingShape.section(root).schema.members { schema[member.name] = member.value }
        return schema
    }
}

extension SettingShape {
    var schema: JSONObject {
        switch self {
        case .text(let form): return form.schema
        case .choice(let words): return ["type": "string", "enum": .strings(words)]
        case .integer(let range):
            return [
                "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            ]
        case .boolean: return ["type": "boolean"]
        case .duration: return ["type": "string", "pattern": .string(DurationText.pattern)]
        case .size:
            return ["type": ["integer", "string"], "minimum": 0, "pattern": .string(SizeText.pattern)]
        case .date: return ["type": "string", "format": "date-time", "pattern": .string(DateText.pattern)]
        case .list(let element, let minimum):
            var schema: JSONObject = ["type": "array", "items": .object(element.schema)]
            if minimum > 0 { schema["minItems"] = .integer(minimum) }
            return schema
        case .textOrList(let text, let element):
            let list = SettingShape.list(of: .text(element), atLeast: 1)
            return ["anyOf": [.object(text.schema), .object(list.schema)]]
        case .mapping(let element):
            return ["type": "object", "additionalProperties": .object(element.schema)]
        case .section(let settings):
            var properties = JSONObject()
            for setting in settings { properties[setting.name] = .object(setting.schema) }
            var schema: JSONObject = [
                "type": "object", "properties": .object(properties), "additionalProperties": false,
            ]
            let required = settings.filter(\.isRequired).map(\.name)
            if !required.isEmpty { schema["required"] = .strings(required) }
            return schema
        case .later:
            return ["type": ["array", "object", "null"], "maxItems": 0, "maxProperties": 0]
        }
    }
}

extension TextForm {
    var schema: JSONObject {
        var schema: JSONObject = ["type": "string"]
        if let pattern { schema["pattern"] = .string(pattern) } else { schema["minLength"] = 1 }
        return schema
    }
}

extension Setting {
    var isRequired: Bool {
        if case .refused = absence { true } else { false }
    }

    var schema: JSONObject {
        var schema: JSONObject = ["description": .string(summary)]
        for member in shape.schema.members { schema[member.name] = member.value }
        if case .value(let value) = absence { schema["default"] = value.json }
        return schema
    }
}

extension SettingValue {
    /// The value as it is written in a configuration file.
    var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .integer(let number): .integer(number)
        case .boolean(let value): .bool(value)
        case .duration(let duration): .string(DurationText.format(duration))
        case .size(let bytes): .string(SizeText.format(bytes))
        case .date(let date): .string(date.description)
        case .list(let values): .array(values.map(\.value.json))
        case .section(let section): .object(JSONObject(section.entries.map { ($0.name, $0.value.value.json) }))
        }
    }
}
