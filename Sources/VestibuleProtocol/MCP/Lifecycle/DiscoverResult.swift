/// The result of `server/discover` (MCP 2026-07-28, Discovery).
public struct DiscoverResult: Sendable, Hashable, VersionedJSON {
    /// The revisions that requests may name in `_meta`: modern ones only.
    public var supportedVersions: [ProtocolVersion]
    public var capabilities: ServerCapabilities
    /// How to use the server, for the model.
    public var instructions: String?
    public var cache: CacheHint
    public var meta: JSONObject?

    public init(
        supportedVersions: [ProtocolVersion] = ProtocolVersion.modern, capabilities: ServerCapabilities,
        instructions: String? = nil, cache: CacheHint = .uncached, serverInfo: Implementation? = nil,
        meta: JSONObject? = nil
    ) {
        self.supportedVersions = supportedVersions
        self.capabilities = capabilities
        self.instructions = instructions
        self.cache = cache
        self.meta = meta
        if let serverInfo {
            self.meta = meta ?? [:]
            self.meta?[MetaKey.serverInfo] = serverInfo.json(for: .v2026_07_28)
        }
    }

    /// Who answers, where the server says so.
    public var serverInfo: Implementation? { meta?[MetaKey.serverInfo].flatMap(Implementation.init) }

    /// The result as the modern era writes it; there is no other.
    public func json(for version: ProtocolVersion?) -> JSONValue {
        let version = version ?? .v2026_07_28
        var object: JSONObject = [
            "supportedVersions": .strings(supportedVersions.map(\.rawValue)),
            "capabilities": capabilities.json(for: version),
        ]
        object.add("instructions", instructions)
        object.finishResult(cache: cache, meta: meta, for: version)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of server/discover")
        self.init(
            supportedVersions: try reader.list("supportedVersions", "a string") {
                $0.string.map(ProtocolVersion.init(rawValue:))
            },
            capabilities: try reader.required("capabilities", "an object", ServerCapabilities.init),
            instructions: try reader.optionalString("instructions"),
            cache: CacheHint(result: reader.object) ?? .uncached,
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
