public import HTTPTypes
public import VestibuleClient
public import VestibuleProtocol

/// What a ``ScriptedServer`` answers to one request.
public struct ScriptedReply: Sendable {
    enum Content: Sendable {
        case result(JSONValue)
        case error(RPCError)
        case refusal(Rejection, challenge: BearerChallenge?)
        case events([JSONValue], answer: JSONValue?)
        case raw([UInt8])
        case failure(TransportError)
        /// What the server would do if nothing had been scripted.
        case usual
    }

    var content: Content
    var status: Int
    var fields: HTTPFields
    var latch: Latch?

    init(_ content: Content, status: Int, fields: HTTPFields = HTTPFields()) {
        self.content = content
        self.status = status
        self.fields = fields
    }

    /// A JSON-RPC result.
    public static func result(_ result: JSONValue) -> ScriptedReply { ScriptedReply(.result(result), status: 200) }

    /// A JSON-RPC error with status 200.
    public static func error(_ error: RPCError) -> ScriptedReply { ScriptedReply(.error(error), status: 200) }

    /// A refusal as Vestibule sends it: status, challenge, JSON-RPC error with `data`.
    public static func refusal(_ reason: Reason, _ detail: String = "scripted", scope: [String] = []) -> ScriptedReply {
        let challenge =
            reason.status == 401 || reason == .scopeInsufficient
            ? BearerChallenge(error: reason.oauthError, errorDescription: detail, scope: scope) : nil
        let rejection = Rejection(reason, detail, requiredScope: scope)
        return ScriptedReply(.refusal(rejection, challenge: challenge), status: reason.status)
    }

    /// A stream of events: messages, and the answer last; `nil` for a stream that ends without one.
    public static func events(_ messages: [JSONValue], answer: JSONValue?) -> ScriptedReply {
        ScriptedReply(.events(messages, answer: answer), status: 200)
    }

    /// Any HTTP answer.
    public static func raw(
        status: Int, contentType: String? = nil, fields: HTTPFields = HTTPFields(), body: [UInt8] = []
    ) -> ScriptedReply {
        var fields = fields
        fields[.contentType] = contentType
        return ScriptedReply(.raw(body), status: status, fields: fields)
    }

    /// No answer: the connection fails.
    public static func failure(_ error: TransportError) -> ScriptedReply { ScriptedReply(.failure(error), status: 0) }

    /// What the server would do if nothing had been scripted.
    public static let usual = ScriptedReply(.usual, status: 200)

    /// The same with another header field.
    public func with(_ name: HTTPField.Name, _ value: String) -> ScriptedReply {
        var copy = self
        copy.fields[name] = value
        return copy
    }

    /// The same, once the latch is open.
    public func after(_ latch: Latch) -> ScriptedReply {
        var copy = self
        copy.latch = latch
        return copy
    }
}
