/// A family of resources as `resources/templates/list` shows it (MCP, Resources: Resource Templates).
public struct ResourceTemplate: Sendable, Hashable {
    /// RFC 6570; see ``URITemplate``.
    public var uriTemplate: String
    public var name: String
    /// For people; from 2025-06-18 on.
    public var title: String?
    public var description: String?
    /// Where all resources of the family have the same.
    public var mimeType: String?
    public var annotations: Annotations?
    /// From 2025-11-25 on.
    public var icons: [Icon]
    public var meta: JSONObject?

    public init(
        uriTemplate: String, name: String, title: String? = nil, description: String? = nil, mimeType: String? = nil,
        annotations: Annotations? = nil, icons: [Icon] = [], meta: JSONObject? = nil
    ) {
        self.uriTemplate = uriTemplate
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        self.annotations = annotations
        self.icons = icons
        self.meta = meta
    }
}

extension ResourceTemplate: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["uriTemplate": .string(uriTemplate), "name": .string(name)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        object.add("description", description)
        object.add("mimeType", mimeType)
        object.add("annotations", annotations?.json(for: version))
        object.add(icons: icons, for: version)
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads a template; `nil` where its URI template or name is missing.
    public init?(json: JSONValue) {
        guard let object = json.object, let template = object["uriTemplate"]?.string, let name = object["name"]?.string
        else { return nil }
        self.init(
            uriTemplate: template, name: name, title: object["title"]?.string,
            description: object["description"]?.string, mimeType: object["mimeType"]?.string,
            annotations: object["annotations"].flatMap(Annotations.init), icons: object.icons,
            meta: object["_meta"]?.object)
    }
}
