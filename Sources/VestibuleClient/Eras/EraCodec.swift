internal import HTTPTypes
internal import VestibuleProtocol

/// All that differs between the eras of MCP, for the one client that speaks both.
protocol EraCodec: Sendable {
    var isModern: Bool { get }
    /// The revision; `nil` while none is negotiated.
    var version: ProtocolVersion? { get }
    /// Whether a stream that breaks may be read on from its last event.
    var resumesStreams: Bool { get }
    /// Whether the server may ask the client by requests of its own.
    var answersServer: Bool { get }
    /// Whether breaking off an HTTP request tells the server that nobody wants its answer any more.
    var cancelsByDisconnecting: Bool { get }

    /// One try of a message.
    ///
    /// - Parameter id: The request's id, new for each try; `nil` for what is no request.
    func encode(_ outgoing: Outgoing, id: RequestID?) -> Dispatch

    /// - Throws: ``MCPClientError`` of code `protocolViolation` where the result is of no kind that this era knows.
    func read(_ result: JSONValue, of outgoing: Outgoing) throws(MCPClientError) -> ReplyForm
}

/// A message as it goes over the wire.
struct Dispatch: Sendable {
    /// The id whose answer is waited for.
    var id: RequestID?
    /// `nil` for what has no body.
    var message: RPCMessage?
    /// Header fields over HTTP.
    var fields = HTTPFields()
}

/// What a result is.
enum ReplyForm: Sendable {
    case complete(JSONValue)
    /// The server needs something of the client before it goes on.
    case inputRequired(InputRequiredResult)
    /// The server goes on by itself, and is asked from time to time.
    case task(MCPTask)
}
