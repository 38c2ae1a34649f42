/// The parameters of `notifications/message` (MCP, Logging; deprecated in 2026-07-28).
public struct LoggingMessageParams: Sendable, Hashable {
    public var level: LogLevel
    /// Which part of the server speaks.
    public var logger: String?
    /// A text or any other JSON. Never a credential, nor what belongs to another person.
    public var data: JSONValue
    public var meta: JSONObject?

    public init(level: LogLevel, logger: String? = nil, data: JSONValue, meta: JSONObject? = nil) {
        self.level = level
        self.logger = logger
        self.data = data
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["level": .string(level.rawValue)]
        object.add("logger", logger)
        object.append("data", data)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            level: try reader.logLevel("level"), logger: try reader.optionalString("logger"),
            data: try reader.required("data", "any value") { $0 },
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `logging/setLevel` (legacy era; MCP 2025-11-25, Logging).
public struct SetLevelParams: Sendable, Hashable {
    /// The least grave level that the client wants to hear of.
    public var level: LogLevel

    public init(level: LogLevel) {
        self.level = level
    }

    public var json: JSONValue { ["level": .string(level.rawValue)] }

    public init(json: JSONValue?) throws(MalformedMessage) {
        self.init(level: try MessageReader(json, "`params`").logLevel("level"))
    }
}

extension MessageReader {
    fileprivate func logLevel(_ name: String) throws(MalformedMessage) -> LogLevel {
        try required(name, "one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))") { value in
            value.string.flatMap(LogLevel.init)
        }
    }
}
