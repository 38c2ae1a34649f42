package import HTTPTypes
package import VestibuleProtocol

/// One message for the router, free of its carrier: whoever sent it was let in already.
package struct ServerCall: Sendable {
    package var envelope: Envelope
    /// The message as it came; the envelope's ranges lie in it.
    package var body: [UInt8]
    package var context: RequestContext
    /// The session of the message, in the legacy era.
    package var session: SessionState?
    /// Within what the message's id is one request's alone, and a cancellation is heeded: a session, a pipe.
    package var scope: ByteKey?
    /// Which tools lists show to whoever asks; `nil` for all.
    package var shows: (@Sendable (_ tool: String) -> Bool)?
    /// Whether what is answered is nobody else's, whatever the offered thing's own hint says: it took authorization.
    package var isForCallerOnly = false
    /// Where notifications of a modern request go before its answer; `nil` where the client takes nothing but the answer.
    /// A legacy request has its link in ``RequestContext/link``.
    package var sink: (any MessageSink)?
    /// The header fields of a modern request over HTTP, which repeat some of its arguments.
    package var fields: HTTPFields?

    package init(
        envelope: Envelope, body: [UInt8], context: RequestContext, session: SessionState? = nil,
        scope: ByteKey? = nil, shows: (@Sendable (_ tool: String) -> Bool)? = nil
    ) {
        self.envelope = envelope
        self.body = body
        self.context = context
        self.session = session
        self.scope = scope
        self.shows = shows
    }

    var version: ProtocolVersion { context.protocolVersion }
}

/// What became of a message, for a codec to write.
package struct ServerReply: Sendable {
    package enum Outcome: Sendable {
        case result(ServerResult)
        case error(RPCError)
        /// Questions first (2026-07-28).
        case inputRequired(InputRequiredResult)
    }

    package var outcome: Outcome
    /// Whether the server itself is at fault, or the call was cut short.
    package var isFault = false
    /// One line for the record, where there is something to say. Not for the client.
    package var detail: String?

    package init(_ outcome: Outcome, isFault: Bool = false, detail: String? = nil) {
        self.outcome = outcome
        self.isFault = isFault
        self.detail = detail
    }

    package static func result(_ result: ServerResult) -> ServerReply { ServerReply(.result(result)) }

    package static func error(_ code: RPCError.Code, _ message: String, data: JSONValue? = nil) -> ServerReply {
        ServerReply(.error(RPCError(code, message, data: data)), detail: message)
    }
}

/// The result of a request, as the revision of its caller writes it; what every result of an era carries, its codec adds.
package enum ServerResult: Sendable {
    case object(JSONObject)
    /// One page of a list, its entries written already.
    case page(ListPage)

    package struct ListPage: Sendable {
        package var name: StaticString
        package var entries: [[UInt8]]
        package var next: String?
        package var cache: CacheHint
    }
}
