/// A value of MCP that holds what every revision knows of it, and writes what one revision may carry.
public protocol VersionedJSON: Sendable {
    /// The value as a revision writes it: members that it does not know are left out or said in its own terms.
    ///
    /// - Parameter version: The revision, or `nil` for all that the value holds.
    func json(for version: ProtocolVersion?) -> JSONValue
}

extension VersionedJSON {
    /// All that the value holds.
    public var json: JSONValue { json(for: nil) }
}

extension ProtocolVersion? {
    /// Whether that revision or a later one is written; `nil` is all of them.
    func isSince(_ version: ProtocolVersion) -> Bool {
        guard let self else { return true }
        return self >= version
    }

    /// Whether the modern era is written: never where no revision is named.
    var isModernEra: Bool { self?.isModern ?? false }
}

extension JSONObject {
    /// Appends the member where there is a value. The name is taken to be a new one.
    mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { append(name, value) }
    }

    mutating func add(_ name: String, _ value: String?) {
        if let value { append(name, .string(value)) }
    }

    mutating func add(_ name: String, _ value: Bool?) {
        if let value { append(name, .bool(value)) }
    }

    mutating func add(_ name: String, _ value: Int?) {
        if let value { append(name, .integer(value)) }
    }

    /// A number that JSON cannot express is left out.
    mutating func add(_ name: String, _ value: Double?) {
        guard let value else { return }
        if let integer = Int(exactly: value) { return append(name, .integer(integer)) }
        if let number = JSONNumber(value) { append(name, .number(number)) }
    }

    mutating func add(_ name: String, _ value: JSONObject?) {
        if let value { append(name, .object(value)) }
    }

    /// `_meta`, where there is any and the revision has it at this place.
    mutating func add(meta: JSONObject?, if isKnown: Bool = true) {
        if let meta, isKnown { append("_meta", .object(meta)) }
    }
}
