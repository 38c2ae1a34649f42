/// A tool as `tools/list` shows it.
public struct Tool: Sendable, Hashable {
    /// Hints about what a tool does. Hints: nobody may rely on those of a server that is not trusted.
    public struct Annotations: Sendable, Hashable {
        public var title: String?
        public var readOnlyHint: Bool?
        public var destructiveHint: Bool?
        public var idempotentHint: Bool?
        public var openWorldHint: Bool?

        public init(
            title: String? = nil, readOnlyHint: Bool? = nil, destructiveHint: Bool? = nil,
            idempotentHint: Bool? = nil, openWorldHint: Bool? = nil
        ) {
            self.title = title
            self.readOnlyHint = readOnlyHint
            self.destructiveHint = destructiveHint
            self.idempotentHint = idempotentHint
            self.openWorldHint = openWorldHint
        }
    }

    /// 1 to 128 characters of `A-Za-z0-9_-.`; compared by bytes.
    public var name: String
    public var title: String?
    public var description: String?
    /// A JSON Schema (2020-12) whose root is `type: object`.
    public var inputSchema: JSONObject
    /// A JSON Schema (2020-12) of `structuredContent`.
    public var outputSchema: JSONObject?
    public var annotations: Annotations?

    public init(
        name: String, title: String? = nil, description: String? = nil, inputSchema: JSONObject,
        outputSchema: JSONObject? = nil, annotations: Annotations? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
    }
}

extension Tool {
    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["title"] = title.map(JSONValue.string)
        object["description"] = description.map(JSONValue.string)
        object["inputSchema"] = .object(inputSchema)
        object["outputSchema"] = outputSchema.map(JSONValue.object)
        object["annotations"] = annotations?.json
        return .object(object)
    }

    /// Reads a tool; `nil` where its name or input schema is missing.
    public init?(json: JSONValue) {
        guard let name = json["name"]?.string, let schema = json["inputSchema"]?.object else { return nil }
        self.init(
            name: name, title: json["title"]?.string, description: json["description"]?.string, inputSchema: schema,
            outputSchema: json["outputSchema"]?.object,
            annotations: json["annotations"]?.object.map { Annotations(json: .object($0)) })
    }
}

extension Tool.Annotations {
    public var json: JSONValue {
        var object = JSONObject()
        object["title"] = title.map(JSONValue.string)
        object["readOnlyHint"] = readOnlyHint.map(JSONValue.bool)
        object["destructiveHint"] = destructiveHint.map(JSONValue.bool)
        object["idempotentHint"] = idempotentHint.map(JSONValue.bool)
        object["openWorldHint"] = openWorldHint.map(JSONValue.bool)
        return .object(object)
    }

    public init(json: JSONValue) {
        self.init(
            title: json["title"]?.string, readOnlyHint: json["readOnlyHint"]?.bool,
            destructiveHint: json["destructiveHint"]?.bool, idempotentHint: json["idempotentHint"]?.bool,
            openWorldHint: json["openWorldHint"]?.bool)
    }
}
