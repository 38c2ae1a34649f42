/// The parameters of `sampling/createMessage`: a server asks the client's model (MCP, Sampling; deprecated in 2026-07-28).
public struct CreateMessageParams: Sendable, Hashable {
    /// Whose context the client may add.
    public enum Context: String, Sendable, Hashable { case none, thisServer, allServers }

    /// Whether the model may, must or must not use tools; from 2025-11-25 on.
    public enum ToolChoice: String, Sendable, Hashable { case auto, required, none }

    public var messages: [SamplingMessage]
    /// At most so many tokens; the model may stop sooner.
    public var maxTokens: Int
    public var systemPrompt: String?
    public var modelPreferences: ModelPreferences?
    public var includeContext: Context?
    public var temperature: Double?
    public var stopSequences: [String]
    /// For the provider of the model, as it came.
    public var metadata: JSONObject?
    /// From 2025-11-25 on, with the client's `sampling.tools` only.
    public var tools: [Tool]
    public var toolChoice: ToolChoice?
    public var meta: JSONObject?

    public init(
        _ messages: [SamplingMessage], maxTokens: Int, systemPrompt: String? = nil,
        modelPreferences: ModelPreferences? = nil, includeContext: Context? = nil, temperature: Double? = nil,
        stopSequences: [String] = [], metadata: JSONObject? = nil, tools: [Tool] = [], toolChoice: ToolChoice? = nil,
        meta: JSONObject? = nil
    ) {
        self.messages = messages
        self.maxTokens = maxTokens
        self.systemPrompt = systemPrompt
        self.modelPreferences = modelPreferences
        self.includeContext = includeContext
        self.temperature = temperature
        self.stopSequences = stopSequences
        self.metadata = metadata
        self.tools = tools
        self.toolChoice = toolChoice
        self.meta = meta
    }

    /// What the client must have declared for this.
    public var neededCapability: ClientCapabilities {
        ClientCapabilities(sampling: .init(tools: !tools.isEmpty || toolChoice != nil))
    }
}

extension CreateMessageParams: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = [
            "messages": .array(messages.map { $0.json(for: version) }), "maxTokens": .integer(maxTokens),
        ]
        object.add("systemPrompt", systemPrompt)
        object.add("modelPreferences", modelPreferences?.json)
        object.add("includeContext", includeContext?.rawValue)
        object.add("temperature", temperature)
        if !stopSequences.isEmpty { object.append("stopSequences", .strings(stopSequences)) }
        object.add("metadata", metadata)
        if version.isSince(.v2025_11_25) {
            if !tools.isEmpty { object.append("tools", .array(tools.map { $0.json(for: version) })) }
            object.add("toolChoice", toolChoice.map { ["mode": .string($0.rawValue)] as JSONValue })
        }
        object.add(meta: meta, if: !version.isModernEra)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        let hasTools = reader.object["tools"].map { !$0.isNull } ?? false
        let tools = hasTools ? try reader.list("tools", "an object with `name` and `inputSchema`", Tool.init) : []
        self.init(
            try reader.list("messages", "an object with `role` and `content`", SamplingMessage.init),
            maxTokens: try reader.required("maxTokens", "an integer", \.integer),
            systemPrompt: try reader.optionalString("systemPrompt"),
            modelPreferences: try reader.optional("modelPreferences", "an object", ModelPreferences.init),
            includeContext: try reader.optional("includeContext", "none, thisServer or allServers") {
                $0.string.flatMap(Context.init)
            },
            temperature: try reader.optional("temperature", "a number") { $0.number?.double },
            stopSequences: try reader.optional("stopSequences", "an array", \.array)?.compactMap(\.string) ?? [],
            metadata: try reader.optional("metadata", "an object", \.object), tools: tools,
            toolChoice: try reader.optional("toolChoice", "an object whose `mode` is auto, required or none") {
                $0.object.flatMap { $0["mode"].map { $0.string.flatMap(ToolChoice.init) } ?? .auto }
            },
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// A client's answer to `sampling/createMessage`: what its model said.
public struct CreateMessageResult: Sendable, Hashable, VersionedJSON {
    public var role: Role
    /// One block; several from 2025-11-25 on.
    public var content: [ContentBlock]
    /// The name of the model.
    public var model: String
    /// `endTurn`, `stopSequence`, `maxTokens`, `toolUse` or another.
    public var stopReason: String?
    public var meta: JSONObject?

    public init(
        _ content: [ContentBlock], model: String, role: Role = .assistant, stopReason: String? = "endTurn",
        meta: JSONObject? = nil
    ) {
        self.role = role
        self.content = content
        self.model = model
        self.stopReason = stopReason
        self.meta = meta
    }

    /// All text of the answer.
    public var text: String { content.compactMap(\.text).joined(separator: "\n") }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = [
            "role": .string(role.rawValue), "content": content.samplingJSON(for: version), "model": .string(model),
        ]
        object.add("stopReason", stopReason)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of sampling/createMessage")
        self.init(
            [ContentBlock](sampling: try reader.required("content", "a content block or an array of them") { $0 }),
            model: try reader.string("model"),
            role: try reader.required("role", "user or assistant") { $0.string.flatMap(Role.init) },
            stopReason: try reader.optionalString("stopReason"),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
