public import VestibuleProtocol

/// Why a call, a handshake or a token could not be had.
///
/// The message is one line that says what happened, with what, and what to do next. It never holds a token.
public struct MCPClientError: Error, Sendable {
    /// What kind of failure it is. New codes may be added; always have a default branch.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }

        /// No connection could be made, or the URL is none. Nothing was sent.
        public static let connection = Code("connection")
        /// The connection broke after the request was sent: nobody knows whether the call ran. It was not repeated.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// No answer within the configured time.
        public static let timeout = Code("timeout")
        /// The server wants a token that this client does not have, or refused the one it has (HTTP 401).
        public static let unauthorized = Code("unauthorized")
        /// The server refuses for good, or for want of a scope that the token source cannot ask for (HTTP 403).
        public static let forbidden = Code("forbidden")
        /// The session was lost, and so was the one opened in its place (HTTP 404, twice).
        public static let sessionLost = Code("sessionLost")
        /// The server asks for more patience than is configured, or is still busy after the last try (429, 503).
        public static let busy = Code("busy")
        /// The answer is not MCP: another program answered, or the server broke the protocol.
        public static let protocolViolation = Code("protocolViolation")
        /// The token source failed, or delivered something that is not a token.
        public static let tokenSource = Code("tokenSource")
        /// The token source delivered a token that must not be sent: expired, too old, not yet valid.
        public static let staleToken = Code("staleToken")
        /// The server denied the call in band to a verified principal, as a JSON-RPC error.
        public static let toolDenied = Code("toolDenied")
        /// The server answered with a JSON-RPC error of another kind; see ``MCPClientError/rpcError``.
        public static let serverError = Code("serverError")
        /// A handler of this client failed at what the server wanted before it completed the request.
        public static let handler = Code("handler")
        /// A tool's `structuredContent` is not what the tool's output schema says.
        public static let invalidOutput = Code("invalidOutput")
        /// The era that the server speaks has no such request.
        public static let unsupported = Code("unsupported")
        /// The reply is larger than is configured.
        public static let replyTooLarge = Code("replyTooLarge")
        /// There is no token, and the source gets one only when the server asks. A client sends its request without.
        public static let signInRequired = Code("signInRequired")
        /// Signing in with an authorization server did not work: its documents, its registration, or its answers.
        public static let signInFailed = Code("signInFailed")
        /// The client or its token manager was closed.
        public static let closed = Code("closed")
    }

    public var code: Code
    /// One line for a person.
    public var message: String
    /// The server's refusal, or the client's own of a token by the same words.
    public var rejection: Rejection?
    /// The JSON-RPC error, where the server sent one.
    public var rpcError: RPCError?
    /// The HTTP status, where one came.
    public var status: Int?
    /// What lies underneath, where something does.
    public var cause: (any Error)?

    public init(
        _ code: Code, _ message: String, rejection: Rejection? = nil, rpcError: RPCError? = nil, status: Int? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.rejection = rejection
        self.rpcError = rpcError
        self.status = status
        self.cause = cause
    }

    /// Why, in the words that server, logs and every client share.
    public var reason: Reason? { rejection?.reason }
    /// What to do about it.
    public var remedy: Remedy? { rejection?.remedy }
}

extension MCPClientError: CustomStringConvertible {
    public var description: String {
        reason.map { "\(message) [\($0.rawValue)]" } ?? message
    }
}

extension MCPClientError {
    static let clientClosed = MCPClientError(.closed, "the client is closed; make a new one to go on")
    static let managerClosed = MCPClientError(.closed, "the token manager is closed; make a new one to go on")
}
