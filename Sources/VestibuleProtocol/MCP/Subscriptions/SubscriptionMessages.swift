/// The parameters of `subscriptions/listen` and of `notifications/subscriptions/acknowledged` (MCP 2026-07-28,
/// Subscriptions).
public struct SubscriptionParams: Sendable, Hashable {
    /// What is asked for, or what of it is honoured.
    public var notifications: SubscriptionFilter
    public var meta: JSONObject?

    public init(notifications: SubscriptionFilter, meta: JSONObject? = nil) {
        self.notifications = notifications
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["notifications": notifications.json]
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            notifications: try reader.required(
                "notifications", "an object of booleans and arrays of strings", SubscriptionFilter.init),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The result of `subscriptions/listen`: the subscription is over, and was ended on purpose.
public struct SubscriptionResult: Sendable, Hashable {
    /// The id of the listen request.
    public var subscriptionID: RequestID

    public init(subscriptionID: RequestID) {
        self.subscriptionID = subscriptionID
    }

    public var json: JSONValue {
        [
            "resultType": .string(ResultType.complete.rawValue),
            "_meta": [MetaKey.subscriptionID: subscriptionID.json],
        ]
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let id = json?["_meta"]?[MetaKey.subscriptionID].flatMap(RequestID.init)
        guard let id else { throw MalformedMessage("the result of subscriptions/listen names no subscription") }
        self.init(subscriptionID: id)
    }
}
