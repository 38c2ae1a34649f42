/// Who speaks: `clientInfo` and `serverInfo`. For display only; nothing is decided by it but what `clients:` says.
public struct Implementation: Sendable, Hashable {
    public var name: String
    public var version: String
    public var title: String?

    public init(name: String, version: String, title: String? = nil) {
        self.name = name
        self.version = version
        self.title = title
    }

    public var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "version": .string(version)]
        object["title"] = title.map(JSONValue.string)
        return .object(object)
    }

    public init?(json: JSONValue) {
        guard let name = json["name"]?.string, let version = json["version"]?.string else { return nil }
        self.init(name: name, version: version, title: json["title"]?.string)
    }
}
