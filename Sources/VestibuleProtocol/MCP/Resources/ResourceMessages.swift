/// The parameters of `resources/list` (MCP, Resources).
public typealias ListResourcesParams = PaginatedParams
/// The parameters of `resources/templates/list`.
public typealias ListResourceTemplatesParams = PaginatedParams

/// The result of `resources/list`: one page.
public struct ListResourcesResult: Sendable, Hashable, VersionedJSON {
    public var resources: [Resource]
    /// Present where there is another page; the empty string is a cursor like any other.
    public var nextCursor: String?
    /// For how long and for whom the answer may be kept (2026-07-28).
    public var cache: CacheHint?
    public var meta: JSONObject?

    public init(
        resources: [Resource], nextCursor: String? = nil, cache: CacheHint? = nil, meta: JSONObject? = nil
    ) {
        self.resources = resources
        self.nextCursor = nextCursor
        self.cache = cache
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["resources": .array(resources.map { $0.json(for: version) })]
        object.add("nextCursor", nextCursor)
        object.finishResult(cache: cache ?? .uncached, meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of resources/list")
        self.init(
            resources: try reader.list("resources", "an object with `uri` and `name`", Resource.init),
            nextCursor: try reader.optionalString("nextCursor"), cache: CacheHint(result: reader.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The result of `resources/templates/list`: one page.
public struct ListResourceTemplatesResult: Sendable, Hashable, VersionedJSON {
    public var resourceTemplates: [ResourceTemplate]
    /// Present where there is another page; the empty string is a cursor like any other.
    public var nextCursor: String?
    /// For how long and for whom the answer may be kept (2026-07-28).
    public var cache: CacheHint?
    public var meta: JSONObject?

    public init(
        resourceTemplates: [ResourceTemplate], nextCursor: String? = nil, cache: CacheHint? = nil,
        meta: JSONObject? = nil
    ) {
        self.resourceTemplates = resourceTemplates
        self.nextCursor = nextCursor
        self.cache = cache
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["resourceTemplates": .array(resourceTemplates.map { $0.json(for: version) })]
        object.add("nextCursor", nextCursor)
        object.finishResult(cache: cache ?? .uncached, meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of resources/templates/list")
        self.init(
            resourceTemplates: try reader.list(
                "resourceTemplates", "an object with `uriTemplate` and `name`", ResourceTemplate.init),
            nextCursor: try reader.optionalString("nextCursor"), cache: CacheHint(result: reader.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `resources/read`, `resources/subscribe`, `resources/unsubscribe` and
/// `notifications/resources/updated`: a resource by its URI.
public struct ResourceParams: Sendable, Hashable {
    public var uri: String
    public var meta: JSONObject?

    public init(uri: String, meta: JSONObject? = nil) {
        self.uri = uri
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["uri": .string(uri)]
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(uri: try reader.string("uri"), meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The result of `resources/read`.
public struct ReadResourceResult: Sendable, Hashable, VersionedJSON {
    /// One or more: a resource that is not there is an error, never an empty list.
    public var contents: [ResourceContents]
    /// For how long and for whom the answer may be kept (2026-07-28).
    public var cache: CacheHint?
    public var meta: JSONObject?

    public init(contents: [ResourceContents], cache: CacheHint? = nil, meta: JSONObject? = nil) {
        self.contents = contents
        self.cache = cache
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["contents": .array(contents.map { $0.json(for: version) })]
        object.finishResult(cache: cache ?? .uncached, meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of resources/read")
        self.init(
            contents: try reader.list(
                "contents", "an object with `uri` and `text` or `blob`", ResourceContents.init),
            cache: CacheHint(result: reader.object), meta: try reader.optional("_meta", "an object", \.object))
    }
}
