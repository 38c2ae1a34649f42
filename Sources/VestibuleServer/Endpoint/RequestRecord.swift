public import VestibuleAuth
public import VestibuleProtocol

/// What happened to one request: what a log line, a metric and an audit entry are made of.
///
/// Holds no token, no session id and nothing of the body but its method, its tool and the client's name. Words of the
/// other party are cut to 128 bytes; those that name the client have no control characters in them.
public struct RequestRecord: Sendable {
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// Passed the gate; the answer is what the method made of it.
        case admitted
        /// Turned away with a reason, over HTTP or in band.
        case refused
        /// Not a request that could be decided about (malformed, unknown path), or the server's own failure.
        case failed
    }

    /// The id that the answer carries in `Vestibule-Request-Id`.
    public var requestID: String
    public var httpMethod: String
    /// The path without its query, where a site beside the MCP endpoint answered.
    public var path: String?
    /// The MCP method, where the body could be read.
    public var method: String?
    public var tool: String?
    public var phase: Phase?
    public var tokenSent: Bool
    /// The `kid` of the token that came: verified, or by the word of a token that was refused.
    public var keyID: String?
    /// The `iss` of the token that came: verified, or by the word of a token that was refused where it names an issuer
    /// that is trusted here.
    public var issuer: String?
    /// How long ago the token was issued, by its `iat` and this server's clock; may be negative.
    public var tokenAge: Duration?
    public var verdict: Verdict
    /// Why it was refused; on an admitted request, why the token that came did not count.
    public var reason: Reason?
    /// One line for a person, where there is something to say.
    public var detail: String?
    /// The HTTP status of the answer.
    public var status: Int
    public var duration: Duration
    /// Eight hexadecimal digits that tell sessions apart; never the id.
    public var sessionFingerprint: String?
    public var remoteAddress: String?
    /// `User-Agent`, on one line.
    public var userAgent: String?
    /// `clientInfo.name` of the session's `initialize`, on one line.
    public var clientName: String?

    public init(
        requestID: String, httpMethod: String, path: String? = nil, method: String? = nil, tool: String? = nil,
        phase: Phase? = nil, tokenSent: Bool = false, keyID: String? = nil, issuer: String? = nil,
        tokenAge: Duration? = nil, verdict: Verdict, reason: Reason? = nil, detail: String? = nil, status: Int,
        duration: Duration, sessionFingerprint: String? = nil, remoteAddress: String? = nil,
        userAgent: String? = nil, clientName: String? = nil
    ) {
        self.requestID = requestID
        self.httpMethod = httpMethod
        self.path = path
        self.method = method
        self.tool = tool
        self.phase = phase
        self.tokenSent = tokenSent
        self.keyID = keyID
        self.issuer = issuer
        self.tokenAge = tokenAge
        self.verdict = verdict
        self.reason = reason
        self.detail = detail
        self.status = status
        self.duration = duration
        self.sessionFingerprint = sessionFingerprint
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.clientName = clientName
    }
}
