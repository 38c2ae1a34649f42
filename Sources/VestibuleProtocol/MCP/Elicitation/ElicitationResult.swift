/// What the user answered to `elicitation/create` (MCP, Elicitation: Response Actions).
public struct ElicitationResult: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable {
        /// Answered, or for a page: agreed to open it.
        case accept
        /// Said no.
        case decline
        /// Closed without an answer.
        case cancel
    }

    public var action: Action
    /// The answers to a form that was accepted.
    public var content: JSONObject?
    public var meta: JSONObject?

    public init(_ action: Action, content: JSONObject? = nil, meta: JSONObject? = nil) {
        self.action = action
        self.content = content
        self.meta = meta
    }

    public static func accept(_ content: JSONObject? = nil) -> ElicitationResult {
        ElicitationResult(.accept, content: content)
    }

    public static let decline = ElicitationResult(.decline)
    public static let cancel = ElicitationResult(.cancel)

    public var json: JSONValue {
        var object: JSONObject = ["action": .string(action.rawValue)]
        object.add("content", content)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result of elicitation/create")
        self.init(
            try reader.required("action", "accept, decline or cancel") { $0.string.flatMap(Action.init) },
            content: try reader.optional("content", "an object", \.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `notifications/elicitation/complete` (2025-11-25 alone): the page has been dealt with.
public struct ElicitationCompleteParams: Sendable, Hashable {
    public var elicitationID: String

    public init(elicitationID: String) {
        self.elicitationID = elicitationID
    }

    public var json: JSONValue { ["elicitationId": .string(elicitationID)] }

    public init(json: JSONValue?) throws(MalformedMessage) {
        self.init(elicitationID: try MessageReader(json, "`params`").string("elicitationId"))
    }
}
