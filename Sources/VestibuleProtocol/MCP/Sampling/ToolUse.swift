/// A model's wish to call a tool, in a conversation (MCP 2025-11-25, Sampling: Tool Use).
public struct ToolUse: Sendable, Hashable {
    /// Ties the result to it.
    public var id: String
    public var name: String
    public var input: JSONObject

    public init(id: String, name: String, input: JSONObject) {
        self.id = id
        self.name = name
        self.input = input
    }

    public var json: JSONValue { json(meta: nil) }

    func json(meta: JSONObject?) -> JSONValue {
        var object: JSONObject = [
            "type": "tool_use", "id": .string(id), "name": .string(name), "input": .object(input),
        ]
        object.add(meta: meta)
        return .object(object)
    }

    /// Reads a `tool_use` block; `nil` where a member is missing.
    public init?(json: JSONValue) {
        guard let id = json["id"]?.string, let name = json["name"]?.string, let input = json["input"]?.object else {
            return nil
        }
        self.init(id: id, name: name, input: input)
    }
}

/// What a tool answered that a model had asked for (MCP 2025-11-25, Sampling: Tool Use).
public struct ToolUseResult: Sendable, Hashable {
    /// The ``ToolUse`` that it answers.
    public var toolUseID: String
    public var content: [ContentBlock]
    /// Any JSON value in 2026-07-28, an object before.
    public var structuredContent: JSONValue?
    public var isError: Bool

    public init(
        toolUseID: String, content: [ContentBlock], structuredContent: JSONValue? = nil, isError: Bool = false
    ) {
        self.toolUseID = toolUseID
        self.content = content
        self.structuredContent = structuredContent
        self.isError = isError
    }

    func json(for version: ProtocolVersion?, meta: JSONObject? = nil) -> JSONValue {
        var object: JSONObject = [
            "type": "tool_result", "toolUseId": .string(toolUseID),
            "content": .array(content.map { $0.json(for: version) }),
        ]
        object.add(structured: structuredContent, for: version)
        if isError { object.append("isError", true) }
        object.add(meta: meta)
        return .object(object)
    }

    /// Reads a `tool_result` block; `nil` where a member is missing.
    public init?(json: JSONValue) {
        guard let id = json["toolUseId"]?.string, let content = json["content"]?.array else { return nil }
        self.init(
            toolUseID: id, content: content.map(ContentBlock.init(json:)), structuredContent: json["structuredContent"],
            isError: json["isError"]?.bool ?? false)
    }
}
