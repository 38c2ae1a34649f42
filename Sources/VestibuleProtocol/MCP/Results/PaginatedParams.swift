/// The parameters of every list, which may be absent altogether in the legacy era (MCP, Pagination).
public struct PaginatedParams: Sendable, Hashable {
    /// Where the last page ended, in the server's own words. Opaque; the empty string is one too.
    public var cursor: String?
    public var meta: JSONObject?

    public init(cursor: String? = nil, meta: JSONObject? = nil) {
        self.cursor = cursor
        self.meta = meta
    }

    public var json: JSONValue {
        var object = JSONObject()
        object.add("cursor", cursor)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        guard let json else {
            self.init()
            return
        }
        let reader = try MessageReader(json, "`params`")
        self.init(
            cursor: try reader.optionalString("cursor"), meta: try reader.optional("_meta", "an object", \.object))
    }
}
