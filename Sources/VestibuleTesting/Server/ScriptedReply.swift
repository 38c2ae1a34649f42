public import HTTPTypes
public import VestibuleClient
public import VestibuleProtocol

/// What a ``ScriptedServer`` answers to one request.
public struct ScriptedReply: Sendable {
    /// One event of a stream, as a server of sessions may send it.
    public struct Event: Sendable {
        /// What it carries.
        public enum Content: Sendable {
            /// Nothing: an event that only sets an id or a time, as a priming event does.
            case nothing
            case message(JSONValue)
            /// The result of the newest request of this method; of the one that is answered, where it is `nil`.
            case result(JSONValue, of: String? = nil)
        }

        public var content: Content
        public var id: String?
        public var retry: Duration?
        /// Whether it waits until the client has answered the newest question of the stream.
        public var afterAnswer: Bool

        public init(_ content: Content = .nothing, id: String? = nil, retry: Duration? = nil, afterAnswer: Bool = false)
        {
            self.content = content
            self.id = id
            self.retry = retry
            self.afterAnswer = afterAnswer
        }
    }

    enum Content: Sendable {
        case result(JSONValue)
        case error(RPCError)
        case refusal(Rejection, challenge: BearerChallenge?)
        case events([JSONValue], answer: JSONValue?)
        case stream([Event], then: TransportError?)
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

    /// A stream of events that ends after the last of them, or breaks.
    public static func stream(_ events: Event..., then error: TransportError? = nil) -> ScriptedReply {
        .stream(events, then: error)
    }

    /// A stream of events that ends after the last of them, or breaks.
    public static func stream(_ events: [Event], then error: TransportError? = nil) -> ScriptedReply {
        ScriptedReply(.stream(events, then: error), status: 200)
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

    /// The same with another status.
    public func with(status: Int) -> ScriptedReply {
        var copy = self
        copy.status = status
        return copy
    }

    /// The same, once the latch is open.
    public func after(_ latch: Latch) -> ScriptedReply {
        var copy = self
        copy.latch = latch
        return copy
    }
}
