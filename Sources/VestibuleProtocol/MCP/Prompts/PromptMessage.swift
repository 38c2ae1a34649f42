/// One message of a prompt (MCP, Prompts).
public struct PromptMessage: Sendable, Hashable {
    public var role: Role
    public var content: ContentBlock

    public init(_ role: Role, _ content: ContentBlock) {
        self.role = role
        self.content = content
    }

    public static func user(_ text: String) -> PromptMessage { PromptMessage(.user, .text(text)) }
    public static func assistant(_ text: String) -> PromptMessage { PromptMessage(.assistant, .text(text)) }
}

extension PromptMessage: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        ["role": .string(role.rawValue), "content": content.json(for: version)]
    }

    /// Reads a message; `nil` where its role or content is missing.
    public init?(json: JSONValue) {
        guard let role = json["role"]?.string.flatMap(Role.init), let content = json["content"] else { return nil }
        self.init(role, ContentBlock(json: content))
    }
}
