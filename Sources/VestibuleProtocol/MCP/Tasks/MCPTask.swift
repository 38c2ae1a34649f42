/// Work that goes on after its request was answered: of the extension `io.modelcontextprotocol/tasks` (2026-07-28) and of
/// the experimental core tasks of 2025-11-25, which differ in the names of two members.
public struct MCPTask: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable {
        case working
        case inputRequired = "input_required"
        case completed
        case failed
        case cancelled

        /// Whether nothing more will happen.
        public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    public var id: String
    public var status: Status
    /// For people.
    public var statusMessage: String?
    public var createdAt: NumericDate
    public var lastUpdatedAt: NumericDate
    /// For how long it is kept from its creation, in whole milliseconds; `nil` without end.
    public var ttl: Duration?
    /// How long to wait between two questions about it, in whole milliseconds.
    public var pollInterval: Duration?

    public init(
        id: String, status: Status, statusMessage: String? = nil, createdAt: NumericDate,
        lastUpdatedAt: NumericDate, ttl: Duration?, pollInterval: Duration? = nil
    ) {
        self.id = id
        self.status = status
        self.statusMessage = statusMessage
        self.createdAt = createdAt
        self.lastUpdatedAt = lastUpdatedAt
        self.ttl = ttl
        self.pollInterval = pollInterval
    }
}

extension MCPTask: VersionedJSON {
    /// The task as a revision writes it: the extension's form, but for 2025-11-25.
    public func json(for version: ProtocolVersion?) -> JSONValue {
        .object(members(for: version))
    }

    func members(for version: ProtocolVersion?) -> JSONObject {
        let isCore = version?.isLegacy ?? false
        var object: JSONObject = ["taskId": .string(id), "status": .string(status.rawValue)]
        object.add("statusMessage", statusMessage)
        object.append("createdAt", .string(createdAt.description))
        object.append("lastUpdatedAt", .string(lastUpdatedAt.description))
        object.append(isCore ? "ttl" : "ttlMs", ttl.map { JSONValue.integer($0.wholeMilliseconds) } ?? .null)
        object.add(isCore ? "pollInterval" : "pollIntervalMs", pollInterval?.wholeMilliseconds)
        return object
    }

    /// Reads a task in either form.
    public init(json: JSONValue?) throws(MalformedMessage) {
        try self.init(MessageReader(json, "the task"))
    }

    init(_ reader: MessageReader) throws(MalformedMessage) {
        let kind = "a non-negative number of milliseconds"
        let isCore = reader.object["ttl"] != nil
        self.init(
            id: try reader.string("taskId"),
            status: try reader.required("status", "a status of a task") { $0.string.flatMap(Status.init) },
            statusMessage: try reader.optionalString("statusMessage"),
            createdAt: try reader.required("createdAt", "an RFC 3339 time", \.time),
            lastUpdatedAt: try reader.required("lastUpdatedAt", "an RFC 3339 time", \.time),
            ttl: try reader.optional(isCore ? "ttl" : "ttlMs", kind, \.milliseconds),
            pollInterval: try reader.optional(isCore ? "pollInterval" : "pollIntervalMs", kind, \.milliseconds))
    }
}

extension JSONValue {
    fileprivate var milliseconds: Duration? {
        integer.flatMap { (0...(Int.max / 1000)).contains($0) ? .milliseconds($0) : nil }
    }

    fileprivate var time: NumericDate? { string.flatMap(UTCTime.date(rfc3339:)) }
}
