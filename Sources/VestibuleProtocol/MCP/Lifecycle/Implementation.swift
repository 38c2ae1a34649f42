/// Who speaks: `clientInfo` and `serverInfo`. For display only; nothing is decided by it but what `clients:` says.
public struct Implementation: Sendable, Hashable {
    public var name: String
    public var version: String
    /// For people; from 2025-06-18 on.
    public var title: String?
    /// From 2025-11-25 on, like the two that follow.
    public var description: String?
    public var websiteURL: String?
    public var icons: [Icon]

    public init(
        name: String, version: String, title: String? = nil, description: String? = nil, websiteURL: String? = nil,
        icons: [Icon] = []
    ) {
        self.name = name
        self.version = version
        self.title = title
        self.description = description
        self.websiteURL = websiteURL
        self.icons = icons
    }
}

extension Implementation: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["name": .string(name), "version": .string(self.version)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        if version.isSince(.v2025_11_25) {
            object.add("description", description)
            object.add("websiteUrl", websiteURL)
        }
        object.add(icons: icons, for: version)
        return .object(object)
    }

    /// Reads who speaks; `nil` where the name or version is missing.
    public init?(json: JSONValue) {
        guard let object = json.object, let name = object["name"]?.string, let version = object["version"]?.string
        else { return nil }
        self.init(
            name: name, version: version, title: object["title"]?.string, description: object["description"]?.string,
            websiteURL: object["websiteUrl"]?.string, icons: object.icons)
    }
}
