/// A resource as `resources/list` shows it (MCP, Resources).
public struct Resource: Sendable, Hashable {
    public var uri: String
    public var name: String
    /// For people; from 2025-06-18 on.
    public var title: String?
    public var description: String?
    public var mimeType: String?
    /// In bytes, before any encoding.
    public var size: Int?
    public var annotations: Annotations?
    /// From 2025-11-25 on.
    public var icons: [Icon]
    public var meta: JSONObject?

    public init(
        uri: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
        size: Int? = nil, annotations: Annotations? = nil, icons: [Icon] = [], meta: JSONObject? = nil
    ) {
        self.uri = uri
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        self.size = size
        self.annotations = annotations
        self.icons = icons
        self.meta = meta
    }
}

extension Resource: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["uri": .string(uri), "name": .string(name)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        object.add("description", description)
        object.add("mimeType", mimeType)
        object.add("size", size)
        object.add("annotations", annotations?.json(for: version))
        object.add(icons: icons, for: version)
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads a resource; `nil` where its URI or name is missing.
    public init?(json: JSONValue) {
        guard let object = json.object, let uri = object["uri"]?.string, let name = object["name"]?.string else {
            return nil
        }
        self.init(
            uri: uri, name: name, title: object["title"]?.string, description: object["description"]?.string,
            mimeType: object["mimeType"]?.string, size: object["size"]?.integer,
            annotations: object["annotations"].flatMap(Annotations.init), icons: object.icons,
            meta: object["_meta"]?.object)
    }
}
