/// What a prompt can be given (MCP, Prompts).
public struct PromptArgument: Sendable, Hashable {
    public var name: String
    /// For people; from 2025-06-18 on.
    public var title: String?
    public var description: String?
    /// Whether the prompt cannot do without.
    public var isRequired: Bool

    public init(_ name: String, title: String? = nil, description: String? = nil, isRequired: Bool = false) {
        self.name = name
        self.title = title
        self.description = description
        self.isRequired = isRequired
    }
}

extension PromptArgument: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["name": .string(name)]
        if version.isSince(.v2025_06_18) { object.add("title", title) }
        object.add("description", description)
        if isRequired { object.append("required", true) }
        return .object(object)
    }

    /// Reads an argument; `nil` where its name is missing.
    public init?(json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        self.init(
            name, title: json["title"]?.string, description: json["description"]?.string,
            isRequired: json["required"]?.bool ?? false)
    }
}
