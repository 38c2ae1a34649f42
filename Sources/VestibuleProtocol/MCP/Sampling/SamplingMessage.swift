/// One message of a conversation with the client's model (MCP, Sampling).
public struct SamplingMessage: Sendable, Hashable {
    public var role: Role
    /// One block; several from 2025-11-25 on.
    public var content: [ContentBlock]
    public var meta: JSONObject?

    public init(_ role: Role, _ content: [ContentBlock], meta: JSONObject? = nil) {
        self.role = role
        self.content = content
        self.meta = meta
    }

    public static func user(_ text: String) -> SamplingMessage { SamplingMessage(.user, [.text(text)]) }
    public static func assistant(_ text: String) -> SamplingMessage { SamplingMessage(.assistant, [.text(text)]) }
}

extension SamplingMessage: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["role": .string(role.rawValue), "content": content.samplingJSON(for: version)]
        object.add(meta: meta, if: version.isSince(.v2025_11_25))
        return .object(object)
    }

    /// Reads a message; `nil` where its role or content is missing.
    public init?(json: JSONValue) {
        guard let role = json["role"]?.string.flatMap(Role.init), let content = json["content"] else { return nil }
        self.init(role, [ContentBlock](sampling: content), meta: json["_meta"]?.object)
    }
}

extension [ContentBlock] {
    /// One block as itself, several as an array. Revisions before 2025-11-25 know one only: the texts are then joined.
    func samplingJSON(for version: ProtocolVersion?) -> JSONValue {
        if let only = first, count == 1 { return only.json(for: version) }
        guard version.isSince(.v2025_11_25) else {
            return ContentBlock.text(compactMap(\.text).joined(separator: "\n")).json(for: version)
        }
        return .array(map { $0.json(for: version) })
    }

    init(sampling json: JSONValue) {
        self = (json.array ?? [json]).map(ContentBlock.init(json:))
    }
}
