/// A server's answer that it needs to know more first (MCP 2026-07-28, Multi Round-Trip Requests).
public struct InputRequiredResult: Sendable, Hashable {
    /// The questions, by keys under which the answers come back.
    public var inputRequests: [String: InputRequest]
    /// Comes back with the answers as it was sent. The client does not look into it.
    public var requestState: String?
    public var meta: JSONObject?

    public init(inputRequests: [String: InputRequest] = [:], requestState: String? = nil, meta: JSONObject? = nil) {
        self.inputRequests = inputRequests
        self.requestState = requestState
        self.meta = meta
    }

    /// What the client must have declared to be asked all of this.
    public var neededCapabilities: [ClientCapabilities] { inputRequests.values.map(\.neededCapability) }
}

extension InputRequiredResult: VersionedJSON {
    /// The result as the modern era writes it; the legacy era has none.
    public func json(for version: ProtocolVersion?) -> JSONValue {
        let version = version ?? .v2026_07_28
        var object: JSONObject = ["resultType": .string(ResultType.inputRequired.rawValue)]
        if !inputRequests.isEmpty {
            object.append("inputRequests", .object(JSONObject(inputRequests: inputRequests, for: version)))
        }
        object.add("requestState", requestState)
        object.add(meta: meta)
        return .object(object)
    }

    /// Reads the result. It has to ask something or carry a state.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the input_required result")
        self.init(
            inputRequests: try reader.inputRequests(), requestState: try reader.optionalString("requestState"),
            meta: try reader.optional("_meta", "an object", \.object))
        guard !inputRequests.isEmpty || requestState != nil else {
            throw MalformedMessage("the input_required result has neither `inputRequests` nor `requestState`")
        }
    }
}

/// What a client adds to a request that it sends again with the answers (MCP 2026-07-28, Multi Round-Trip Requests).
public struct InputRetry: Sendable, Hashable {
    /// The answers by the keys of the questions, as they came.
    public var responses: JSONObject
    /// As the server sent it.
    public var requestState: String?

    public init(responses: JSONObject = [:], requestState: String? = nil) {
        self.responses = responses
        self.requestState = requestState
    }

    /// Reads `inputResponses` and `requestState` of a request's parameters; `nil` where it has neither.
    init?(_ reader: MessageReader) throws(MalformedMessage) {
        let responses = try reader.optional("inputResponses", "an object", \.object)
        let state = try reader.optionalString("requestState")
        guard responses != nil || state != nil else { return nil }
        self.init(responses: responses ?? [:], requestState: state)
    }

    /// Reads `inputResponses` and `requestState` of a request's parameters.
    ///
    /// - Returns: `nil` where it has neither.
    public static func read(params: JSONValue?) throws(MalformedMessage) -> InputRetry? {
        guard let params else { return nil }
        return try InputRetry(MessageReader(params, "`params`"))
    }
}

extension JSONObject {
    /// Writes `inputResponses` and `requestState`, where there are any.
    public mutating func add(_ retry: InputRetry?) {
        guard let retry else { return }
        if !retry.responses.isEmpty { append("inputResponses", .object(retry.responses)) }
        add("requestState", retry.requestState)
    }

    /// Questions by key, in the order of their keys.
    init(inputRequests: [String: InputRequest], for version: ProtocolVersion?) {
        self.init(inputRequests.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json(for: version)) })
    }
}

extension MessageReader {
    /// `inputRequests`, where there are any.
    func inputRequests() throws(MalformedMessage) -> [String: InputRequest] {
        var requests: [String: InputRequest] = [:]
        for member in try optional("inputRequests", "an object", \.object)?.members ?? [] {
            requests[member.name] = try InputRequest(json: member.value)
        }
        return requests
    }
}
