/// Ties progress to the request that asked for it: a string or an integer, like a request's id.
public typealias ProgressToken = RequestID

/// The parameters of `notifications/cancelled`: whoever sent the request no longer wants its answer.
public struct CancelledParams: Sendable, Hashable {
    public var requestID: RequestID
    public var reason: String?
    public var meta: JSONObject?

    public init(requestID: RequestID, reason: String? = nil, meta: JSONObject? = nil) {
        self.requestID = requestID
        self.reason = reason
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["requestId": requestID.json]
        object.add("reason", reason)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            requestID: try reader.required("requestId", "a string or an integer", RequestID.init),
            reason: try reader.optionalString("reason"), meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `notifications/progress`.
public struct ProgressParams: Sendable, Hashable {
    public var progressToken: ProgressToken
    /// How far, in whatever unit; grows with each notification.
    public var progress: JSONNumber
    public var total: JSONNumber?
    public var message: String?

    public init(progressToken: ProgressToken, progress: JSONNumber, total: JSONNumber? = nil, message: String? = nil) {
        self.progressToken = progressToken
        self.progress = progress
        self.total = total
        self.message = message
    }

    public var json: JSONValue {
        var object: JSONObject = ["progressToken": progressToken.json, "progress": .number(progress)]
        object["total"] = total.map(JSONValue.number)
        object["message"] = message.map(JSONValue.string)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            progressToken: try reader.required("progressToken", "a string or an integer", ProgressToken.init),
            progress: try reader.required("progress", "a number", \.number),
            total: try reader.optional("total", "a number", \.number),
            message: try reader.optionalString("message"))
    }
}
