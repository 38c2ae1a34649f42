/// The parameters of `tools/list`, which may be absent altogether in the legacy era (MCP, Tools).
public typealias ListToolsParams = PaginatedParams

/// The result of `tools/list`: one page of the catalogue.
public struct ListToolsResult: Sendable, Hashable, VersionedJSON {
    public var tools: [Tool]
    /// Present where there is another page; the empty string is a cursor like any other.
    public var nextCursor: String?
    /// For how long and for whom the answer may be kept (2026-07-28).
    public var cache: CacheHint?
    public var meta: JSONObject?

    public init(tools: [Tool], nextCursor: String? = nil, cache: CacheHint? = nil, meta: JSONObject? = nil) {
        self.tools = tools
        self.nextCursor = nextCursor
        self.cache = cache
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["tools": .array(tools.map { $0.json(for: version) })]
        object.add("nextCursor", nextCursor)
        object.finishResult(cache: cache ?? .uncached, meta: meta, for: version)
        return .object(object)
    }

    /// Reads a page. One tool that cannot be read spoils it: a catalogue with holes would hide the fault.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of tools/list")
        self.init(
            tools: try reader.list("tools", "an object with `name` and `inputSchema`", Tool.init),
            nextCursor: try reader.optionalString("nextCursor"), cache: CacheHint(result: reader.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `tools/call`.
public struct CallToolParams: Sendable, Hashable {
    public var name: String
    public var arguments: JSONObject
    /// On the second and later rounds (2026-07-28).
    public var retry: InputRetry?
    /// Asks for a task in place of the result (2025-11-25 alone), as it came.
    public var task: JSONObject?
    public var meta: JSONObject?

    public init(
        name: String, arguments: JSONObject = [:], progressToken: ProgressToken? = nil, retry: InputRetry? = nil,
        task: JSONObject? = nil, meta: JSONObject? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.retry = retry
        self.task = task
        self.meta = meta
        if let progressToken {
            self.meta = meta ?? [:]
            self.meta?[MetaKey.progressToken] = progressToken.json
        }
    }

    /// Under which the caller wants to hear of progress.
    public var progressToken: ProgressToken? { meta?[MetaKey.progressToken].flatMap(ProgressToken.init) }

    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "arguments": .object(arguments)]
        object.add("task", task)
        object.add(retry)
        object.add(meta: meta)
        return .object(object)
    }

    /// Reads the parameters. Absent arguments are none.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            name: try reader.string("name"),
            arguments: try reader.optional("arguments", "an object", \.object) ?? [:], retry: try InputRetry(reader),
            task: try reader.optional("task", "an object", \.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
