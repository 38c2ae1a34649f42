internal import HTTPTypes
internal import VestibuleProtocol

/// A message on its way to the server, or the end of a session.
struct Outgoing: Sendable {
    /// How the message stands to tokens.
    enum Phase: Sendable {
        /// Goes without, unless the server asks or the configuration says so.
        case handshake
        /// Goes with one where one can be had: what is listed may depend on who asks.
        case listing
        /// Goes with one.
        case operation
        /// Goes with one that is at hand; nobody is asked for it.
        case closing
    }

    var message: RPCMessage?
    var httpMethod: HTTPRequest.Method = .post
    /// Empty for answers and for `DELETE`.
    var method = ""
    var tool: String?
    var phase: Phase
    /// Whether it does no harm twice, so that it may be sent again when nobody knows whether it arrived.
    var isRepeatable = false
    /// Whether it opens the session, and so goes without one.
    var opensSession = false

    /// The id of the request, whose answer is waited for.
    var requestID: RequestID? {
        if case .request(let id, _, _) = message { id } else { nil }
    }

    /// `tools/call of echo`, for messages.
    var inWords: String {
        if let tool { return "\(method) of \(tool.prefix(128))" }
        return method.isEmpty ? httpMethod.rawValue : method
    }

    static func request(
        _ method: String, id: RequestID, params: JSONObject? = nil, tool: String? = nil, phase: Phase
    ) -> Outgoing {
        Outgoing(
            message: .request(id: id, method: method, params: params), method: method, tool: tool, phase: phase,
            isRepeatable: phase != .operation)
    }

    static func initialize(id: RequestID, params: JSONObject?) -> Outgoing {
        var outgoing = request(MCPMethod.initialize, id: id, params: params, phase: .handshake)
        outgoing.opensSession = true
        return outgoing
    }

    static func notification(_ method: String, params: JSONObject? = nil) -> Outgoing {
        Outgoing(
            message: .notification(method: method, params: params), method: method, phase: .handshake,
            isRepeatable: true)
    }

    static func answer(_ message: RPCMessage) -> Outgoing {
        Outgoing(message: message, phase: .closing)
    }

    static let delete = Outgoing(httpMethod: .delete, phase: .closing)
}
