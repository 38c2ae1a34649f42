/// Hints about content and resources for whoever shows them (MCP, Resources: Annotations).
public struct Annotations: Sendable, Hashable {
    /// For whom it is meant; `nil` where that is not said.
    public var audience: [Role]?
    /// From 0 (may be left out) to 1 (is needed).
    public var priority: Double?
    /// When it last changed, as ISO 8601; from 2025-06-18 on.
    public var lastModified: String?

    public init(audience: [Role]? = nil, priority: Double? = nil, lastModified: String? = nil) {
        self.audience = audience
        self.priority = priority
        self.lastModified = lastModified
    }
}

extension Annotations: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object = JSONObject()
        object.add("audience", audience.map { JSONValue.strings($0.map(\.rawValue)) })
        object.add("priority", priority)
        if version.isSince(.v2025_06_18) { object.add("lastModified", lastModified) }
        return .object(object)
    }

    /// Reads what is understood of the hints; `nil` where the value is not an object.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        self.init(
            audience: object["audience"]?.array?.compactMap { $0.string.flatMap(Role.init) },
            priority: object["priority"]?.number?.double, lastModified: object["lastModified"]?.string)
    }
}
