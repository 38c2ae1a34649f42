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
    let object: JSONObject

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

    /// An array whose elements are all readable. One that is not spoils it: a list with holes would hide the fault.
    func list<Element>(
        _ name: String, _ kind: String, _ read: (JSONValue) -> Element?
    ) throws(MalformedMessage) -> [Element] {
        let elements = try required(name, "an array", \.array)
        var list: [Element] = []
        list.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let element = read(element) else {
                throw MalformedMessage("`\(name)[\(index)]` is not \(kind)")
            }
            list.append(element)
        }
        return list
    }
}
