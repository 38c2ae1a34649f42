/// The `id` of a JSON-RPC request as MCP allows it: a string or an integer, never null.
public enum RequestID: Sendable, Hashable, CustomStringConvertible {
    case string(String)
    case integer(Int)

    public init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .number:
            guard let integer = value.integer else { return nil }
            self = .integer(integer)
        default: return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .integer(let value): .integer(value)
        }
    }

    public var description: String { json.description }

    public static func == (left: RequestID, right: RequestID) -> Bool { left.json == right.json }

    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}
