internal import HTTPTypes
internal import VestibuleProtocol

/// What a client has to say to a server, in the words of no era yet.
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

    enum Content: Sendable {
        case request(method: String, params: JSONObject?)
        case notification(method: String, params: JSONObject?)
        /// The answer to a request of the server (legacy era).
        case answer(RPCMessage)
        /// A stream of the server's messages: the session's own, or a broken one from its last event on.
        case stream(lastEventID: String?)
        /// The end of the session.
        case delete
    }

    var content: Content
    var phase: Phase
    /// The tool, the prompt or the resource that the request is about.
    var subject: String?
    /// Whether it does no harm twice, so that it may be sent again when nobody knows whether it arrived.
    var isRepeatable = false
    /// Whether it opens the session (`initialize`).
    var opensSession = false
    /// Whether it asks which era the server speaks, so that a refusal is an answer.
    var isProbe = false
    /// Whether the server is asked to report progress.
    var wantsProgress = false
    /// The least log level that is wanted with the answer (modern era).
    var logLevel: LogLevel?
    /// The arguments that the tool's schema wants mirrored in header fields (modern era, HTTP).
    var mirrors: ParameterHeaders?

    /// Empty for answers, streams and the end of the session.
    var method: String {
        switch content {
        case .request(let method, _), .notification(let method, _): method
        case .answer, .stream, .delete: ""
        }
    }

    var params: JSONObject? {
        switch content {
        case .request(_, let params), .notification(_, let params): params
        case .answer, .stream, .delete: nil
        }
    }

    var isRequest: Bool {
        if case .request = content { true } else { false }
    }

    var httpMethod: HTTPRequest.Method {
        switch content {
        case .request, .notification, .answer: .post
        case .stream: .get
        case .delete: .delete
        }
    }

    var tool: String? { method == MCPMethod.callTool ? subject : nil }

    /// `tools/call of echo`, for messages.
    var inWords: String {
        if let subject { return "\(method) of \(subject.onOneLine(limit: 128))" }
        return method.isEmpty ? httpMethod.rawValue : method
    }

    static func request(
        _ method: String, params: JSONObject? = nil, subject: String? = nil, phase: Phase
    ) -> Outgoing {
        Outgoing(
            content: .request(method: method, params: params), phase: phase, subject: subject,
            isRepeatable: phase != .operation)
    }

    static func initialize(_ params: JSONObject?) -> Outgoing {
        var outgoing = request(MCPMethod.initialize, params: params, phase: .handshake)
        outgoing.opensSession = true
        return outgoing
    }

    static func probe() -> Outgoing {
        var outgoing = request(MCPMethod.discover, phase: .handshake)
        outgoing.isProbe = true
        return outgoing
    }

    static func notification(_ method: String, params: JSONObject? = nil) -> Outgoing {
        Outgoing(content: .notification(method: method, params: params), phase: .handshake, isRepeatable: true)
    }

    static func answer(_ message: RPCMessage) -> Outgoing {
        Outgoing(content: .answer(message), phase: .closing)
    }

    static func stream(after lastEventID: String? = nil) -> Outgoing {
        Outgoing(content: .stream(lastEventID: lastEventID), phase: .listing, isRepeatable: true)
    }

    static let delete = Outgoing(content: .delete, phase: .closing)
}
