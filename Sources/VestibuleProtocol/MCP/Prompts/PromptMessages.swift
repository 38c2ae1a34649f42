/// The parameters of `prompts/list` (MCP, Prompts).
public typealias ListPromptsParams = PaginatedParams

/// The result of `prompts/list`: one page.
public struct ListPromptsResult: Sendable, Hashable, VersionedJSON {
    public var prompts: [Prompt]
    /// Present where there is another page; the empty string is a cursor like any other.
    public var nextCursor: String?
    /// For how long and for whom the answer may be kept (2026-07-28).
    public var cache: CacheHint?
    public var meta: JSONObject?

    public init(prompts: [Prompt], nextCursor: String? = nil, cache: CacheHint? = nil, meta: JSONObject? = nil) {
        self.prompts = prompts
        self.nextCursor = nextCursor
        self.cache = cache
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["prompts": .array(prompts.map { $0.json(for: version) })]
        object.add("nextCursor", nextCursor)
        object.finishResult(cache: cache ?? .uncached, meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of prompts/list")
        self.init(
            prompts: try reader.list("prompts", "an object with `name`", Prompt.init),
            nextCursor: try reader.optionalString("nextCursor"), cache: CacheHint(result: reader.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `prompts/get`.
public struct GetPromptParams: Sendable, Hashable {
    public var name: String
    /// Values are strings, whatever they stand for.
    public var arguments: [String: String]
    /// On the second and later rounds (2026-07-28).
    public var retry: InputRetry?
    public var meta: JSONObject?

    public init(
        name: String, arguments: [String: String] = [:], retry: InputRetry? = nil, meta: JSONObject? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.retry = retry
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        if !arguments.isEmpty { object.append("arguments", .object(JSONObject(strings: arguments))) }
        object.add(retry)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            name: try reader.string("name"),
            arguments: try reader.optional("arguments", "an object of strings", \.strings) ?? [:],
            retry: try InputRetry(reader), meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The result of `prompts/get`.
public struct GetPromptResult: Sendable, Hashable, VersionedJSON {
    public var description: String?
    public var messages: [PromptMessage]
    public var meta: JSONObject?

    public init(_ messages: [PromptMessage], description: String? = nil, meta: JSONObject? = nil) {
        self.messages = messages
        self.description = description
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object = JSONObject()
        object.add("description", description)
        object.append("messages", .array(messages.map { $0.json(for: version) }))
        object.finishResult(meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of prompts/get")
        self.init(
            try reader.list("messages", "an object with `role` and `content`", PromptMessage.init),
            description: try reader.optionalString("description"),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

extension JSONObject {
    /// Strings by name, in the order of their names.
    init(strings: [String: String]) {
        self.init(strings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }
}

extension JSONValue {
    /// Strings by name, if this is an object of nothing else.
    var strings: [String: String]? {
        guard let object else { return nil }
        var strings: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.string else { return nil }
            strings[member.name] = text
        }
        return strings
    }
}
