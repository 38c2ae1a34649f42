/// What an argument belongs to that is being completed (MCP, Completion).
public enum CompletionReference: Sendable, Hashable {
    case prompt(name: String, title: String? = nil)
    /// A resource template, or a resource.
    case resource(uri: String)
}

extension CompletionReference: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        switch self {
        case .prompt(let name, let title):
            var object: JSONObject = ["type": "ref/prompt", "name": .string(name)]
            if version.isSince(.v2025_06_18) { object.add("title", title) }
            return .object(object)
        case .resource(let uri):
            return ["type": "ref/resource", "uri": .string(uri)]
        }
    }

    /// Reads a reference; `nil` where it is neither a prompt's name nor a resource's URI.
    public init?(json: JSONValue) {
        switch (json["type"]?.string, json["name"]?.string, json["uri"]?.string) {
        case ("ref/prompt", let name?, _): self = .prompt(name: name, title: json["title"]?.string)
        case ("ref/resource", _, let uri?): self = .resource(uri: uri)
        default: return nil
        }
    }
}
