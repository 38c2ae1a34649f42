/// Why a value is not the message that was due.
public struct MalformedMessage: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line that names the member and what it must be. Quotes no value.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// The error with which a server answers parameters that are not what the method needs.
    public var rpcError: RPCError { RPCError(.invalidParams, description) }
}

/// Reads members of a message, with an error that names them.
struct MessageReader {
    private let object: JSONObject

    /// - Parameter name: What the value is called in errors.
    init(_ value: JSONValue?, _ name: String) throws(MalformedMessage) {
        guard let object = value?.object else { throw MalformedMessage("\(name) is missing or not an object") }
        self.object = object
    }

    /// A member that must be there.
    func required<Member>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Member?
    ) throws(MalformedMessage) -> Member {
        guard let value = object[name] else { throw MalformedMessage("`\(name)` is missing; it must be \(kind)") }
        guard let member = read(value) else { throw MalformedMessage("`\(name)` is not \(kind)") }
        return member
    }

    /// A member that may be absent or null, but nothing else than what it is for.
    func optional<Member>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Member?
    ) throws(MalformedMessage) -> Member? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let member = read(value) else { throw MalformedMessage("`\(name)` is not \(kind)") }
        return member
    }

    func string(_ name: String) throws(MalformedMessage) -> String {
        try required(name, "a string", \.string)
    }

    func optionalString(_ name: String) throws(MalformedMessage) -> String? {
        try optional(name, "a string", \.string)
    }
}
