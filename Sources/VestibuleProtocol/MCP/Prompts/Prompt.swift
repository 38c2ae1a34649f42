/// A prompt as `prompts/list` shows it (MCP, Prompts).
public struct Prompt: Sendable, Hashable {
    public var name: String
    /// For people; from 2025-06-18 on.
    public var title: String?
    public var description: String?
    public var arguments: [PromptArgument]
    /// From 2025-11-25 on.
    public var icons: [Icon]
    public var meta: JSONObject?

    public init(
        name: String, title: String? = nil, description: String? = nil, arguments: [PromptArgument] = [],
        icons: [Icon] = [], meta: JSONObject? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.arguments = arguments
        self.icons = icons
        self.meta = meta
    }
}

extension Prompt: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["name": .string(name)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        object.add("description", description)
        if !arguments.isEmpty { object.append("arguments", .array(arguments.map { $0.json(for: version) })) }
        object.add(icons: icons, for: version)
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads a prompt; `nil` where its name is missing or an argument has none.
    public init?(json: JSONValue) {
        guard let object = json.object, let name = object["name"]?.string else { return nil }
        let elements = object["arguments"]?.array ?? []
        let arguments = elements.compactMap(PromptArgument.init)
        guard arguments.count == elements.count else { return nil }
        self.init(
            name: name, title: object["title"]?.string, description: object["description"]?.string,
            arguments: arguments, icons: object.icons, meta: object["_meta"]?.object)
    }
}
