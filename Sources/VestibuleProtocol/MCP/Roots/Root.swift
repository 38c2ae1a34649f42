/// A folder or file that a client lets a server work in (MCP, Roots; deprecated in 2026-07-28).
public struct Root: Sendable, Hashable {
    /// A `file://` URI.
    public var uri: String
    public var name: String?
    /// From 2025-06-18 on.
    public var meta: JSONObject?

    public init(uri: String, name: String? = nil, meta: JSONObject? = nil) {
        self.uri = uri
        self.name = name
        self.meta = meta
    }
}

extension Root: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["uri": .string(uri)]
        object.add("name", name)
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads a root; `nil` where its URI is missing or not a `file:` URI.
    public init?(json: JSONValue) {
        guard let uri = json["uri"]?.string, uri.utf8.starts(with: "file://".utf8) else { return nil }
        self.init(uri: uri, name: json["name"]?.string, meta: json["_meta"]?.object)
    }
}

/// A client's answer to `roots/list`.
public struct ListRootsResult: Sendable, Hashable, VersionedJSON {
    public var roots: [Root]
    public var meta: JSONObject?

    public init(_ roots: [Root], meta: JSONObject? = nil) {
        self.roots = roots
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["roots": .array(roots.map { $0.json(for: version) })]
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of roots/list")
        self.init(
            try reader.list("roots", "an object with a `file:` URI", Root.init),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
