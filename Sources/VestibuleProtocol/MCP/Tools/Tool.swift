/// A tool as `tools/list` shows it (MCP, Tools).
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

    /// Whether a tool is called as a task (2025-11-25 alone). Absent means forbidden.
    public enum TaskSupport: String, Sendable, Hashable { case forbidden, optional, required }

    /// 1 to 128 characters of `A-Za-z0-9_-.`; compared by bytes.
    public var name: String
    public var title: String?
    public var description: String?
    /// A JSON Schema (2020-12) whose root is `type: object`.
    public var inputSchema: JSONObject
    /// A JSON Schema (2020-12) of `structuredContent`; before 2026-07-28 of an object only.
    public var outputSchema: JSONObject?
    public var annotations: Annotations?
    /// Whether it may or must be called as a task; 2025-11-25 alone.
    public var taskSupport: TaskSupport?
    /// From 2025-11-25 on.
    public var icons: [Icon]
    public var meta: JSONObject?

    public init(
        name: String, title: String? = nil, description: String? = nil, inputSchema: JSONObject,
        outputSchema: JSONObject? = nil, annotations: Annotations? = nil, taskSupport: TaskSupport? = nil,
        icons: [Icon] = [], meta: JSONObject? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
        self.taskSupport = taskSupport
        self.icons = icons
        self.meta = meta
    }
}

extension Tool: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["name": .string(name)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        object.add("description", description)
        object.append("inputSchema", .object(inputSchema))
        if let outputSchema, Self.isOutputSchema(outputSchema, knownIn: version) {
            object.append("outputSchema", .object(outputSchema))
        }
        object.add("annotations", annotations?.json)
        if let taskSupport, version == nil || version == .v2025_11_25 {
            object.append("execution", ["taskSupport": .string(taskSupport.rawValue)])
        }
        object.add(icons: icons, for: version)
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Output schemas came with 2025-06-18; those of anything but an object with 2026-07-28.
    private static func isOutputSchema(_ schema: JSONObject, knownIn version: ProtocolVersion?) -> Bool {
        guard version.isSince(.v2025_06_18) else { return false }
        return version.isSince(.v2026_07_28) || schema["type"] == "object"
    }

    /// Reads a tool; `nil` where its name or input schema is missing.
    public init?(json: JSONValue) {
        guard let object = json.object, let name = object["name"]?.string,
            let schema = object["inputSchema"]?.object
        else { return nil }
        self.init(
            name: name, title: object["title"]?.string, description: object["description"]?.string,
            inputSchema: schema, outputSchema: object["outputSchema"]?.object,
            annotations: object["annotations"]?.object.map { Annotations(json: .object($0)) },
            taskSupport: object["execution"]?["taskSupport"]?.string.flatMap(TaskSupport.init), icons: object.icons,
            meta: object["_meta"]?.object)
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
