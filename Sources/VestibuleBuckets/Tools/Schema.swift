internal import VestibuleProtocol

/// The JSON Schemas (2020-12) of the tools' arguments and results, in the few forms that they need.
enum Schema {
    static func root(_ properties: [(String, JSONObject)], required: [String]) -> JSONObject {
        var schema: JSONObject = ["$schema": "https://json-schema.org/draft/2020-12/schema"]
        for member in object(properties, required: required).members { schema[member.name] = member.value }
        return schema
    }

    static func object(_ properties: [(String, JSONObject)], required: [String]) -> JSONObject {
        [
            "type": "object",
            "properties": .object(JSONObject(properties.map { ($0.0, .object($0.1)) })),
            "required": .strings(required),
            "additionalProperties": false,
        ]
    }

    static func string(
        _ description: String, default standard: String? = nil, minimumLength: Int? = nil,
        maximumLength: Int? = nil
    ) -> JSONObject {
        var schema: JSONObject = ["type": "string", "description": .string(description)]
        schema["default"] = standard.map(JSONValue.string)
        schema["minLength"] = minimumLength.map(JSONValue.integer)
        schema["maxLength"] = maximumLength.map(JSONValue.integer)
        return schema
    }

    static func optionalString(_ description: String) -> JSONObject {
        ["type": ["string", "null"], "description": .string(description)]
    }

    /// An integer without bounds in the schema: what is out of range is brought into it, so it is not refused either.
    static func integer(_ description: String, default standard: Int? = nil) -> JSONObject {
        var schema: JSONObject = ["type": "integer", "description": .string(description)]
        schema["default"] = standard.map(JSONValue.integer)
        return schema
    }

    static func boolean(_ description: String, default standard: Bool? = nil) -> JSONObject {
        var schema: JSONObject = ["type": "boolean", "description": .string(description)]
        schema["default"] = standard.map(JSONValue.bool)
        return schema
    }

    static func array(_ description: String, of items: JSONObject, maximum: Int? = nil) -> JSONObject {
        var schema: JSONObject = [
            "type": "array", "description": .string(description), "items": .object(items),
        ]
        schema["minItems"] = maximum == nil ? nil : 1
        schema["maxItems"] = maximum.map(JSONValue.integer)
        return schema
    }

    static func strings(_ description: String) -> JSONObject {
        [
            "type": "object", "description": .string(description),
            "additionalProperties": ["type": "string"],
        ]
    }
}

extension Schema {
    static let bucket = string("The bucket, as name, s3://name or s3://name/… (only its bucket counts).")
    static let objectURI = string(
        "The object, as s3://bucket/key or s3://bucket/key?versionId=…, with the key percent-encoded as in listings.")

    static let summary = [
        ("key", string("The object's key.")), ("s3_uri", string("The object for the other tools.")),
        ("size", integer("Bytes.")), ("last_modified", string("When it was last changed (RFC 3339).")),
        ("etag", string("Changes whenever the object does.")),
        ("storage_class", string("STANDARD, or how else the store keeps it.")),
    ]
    static let summaryNames = summary.map(\.0)
}

extension ObjectSummary {
    func json(in bucket: String) -> JSONObject {
        [
            "key": .string(key), "s3_uri": .string(ObjectURI(bucket: bucket, key: key).description),
            "size": .integer(size), "last_modified": .string(lastModified.description), "etag": .string(etag),
            "storage_class": .string(storageClass),
        ]
    }
}
