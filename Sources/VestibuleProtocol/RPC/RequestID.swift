/// The `id` of a JSON-RPC request as MCP allows it: a string or an integer, never null.
public enum RequestID: Sendable, Hashable, CustomStringConvertible {
    case string(String)
    case integer(Int)

    public init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .number(let number):
            // Only the plain form: an answer must carry the id as it came, and `1.0` would go back as `1`.
            guard let integer = Int(number.literal) else { return nil }
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

    public static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.integer(let left), .integer(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): text.hashBytes(into: &hasher)
        case .integer(let value): hasher.combine(value)
        }
    }
}
