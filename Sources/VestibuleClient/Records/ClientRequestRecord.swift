public import VestibuleProtocol

/// What became of one HTTP request of a client. Logs, panels, `vestibule demo` and tests read this one record.
///
/// It names the token by a fingerprint, never by itself.
public struct ClientRequestRecord: Sendable, Hashable {
    /// Why the request was sent at all. The raw values are stable.
    public enum Occasion: String, Sendable, Hashable, CaseIterable {
        case first
        /// The server asked for a token.
        case challenged
        /// The token was refused and replaced.
        case refreshed = "retry_after_refresh"
        /// The server's clock was learnt from a refusal.
        case clockAdopted = "retry_after_clock"
        /// The token is the same, the proof that goes with it is new (RFC 9449 §9).
        case proofRenewed = "retry_after_new_proof"
        /// A token of wider scope was fetched.
        case steppedUp = "retry_after_step_up"
        /// The session was lost and a new one opened, or the server speaks another era or revision than was believed.
        case newSession = "replay_after_new_session"
        /// The arguments' header fields were made anew from the tool's schema.
        case mirrorsCorrected = "retry_with_headers"
        /// A stream that broke is taken up after its last event.
        case resumed = "resumed"
        /// The server was busy and asked for patience.
        case waited = "retry_after_wait"
        /// The connection broke, and the request does no harm twice.
        case reconnected = "retry_after_broken_connection"
    }

    /// What is known of the token that was sent.
    public struct Token: Sendable, Hashable {
        /// `kid`, where the token is a JWT that names one.
        public var keyID: String?
        /// How old it was by its `iat` and the server's clock; `nil` where it names none.
        public var age: Duration?
        /// The first eight hexadecimal digits of its SHA-256.
        public var fingerprint: String
    }

    /// 1 for the client's first request, without gaps.
    public var sequence: Int
    public var httpMethod: String
    /// The JSON-RPC method; empty for `DELETE` and answers.
    public var method: String
    /// The tool, for `tools/call`.
    public var tool: String?
    /// The token that went with it; `nil` where none did.
    public var token: Token?
    /// Whether the request named a session.
    public var sessionSent: Bool
    public var occasion: Occasion
    /// 1 for the first try of a call, 2 for the next.
    public var attempt: Int
    /// By this machine's clock.
    public var startedAt: NumericDate
    public var duration: Duration
    /// The HTTP status; `nil` where no answer came.
    public var status: Int?
    /// Why the server refused, if it did and said so; over HTTP or in band.
    public var reason: Reason?
    /// What went wrong other than by a refusal, in one line.
    public var failure: String?

    public var tokenSent: Bool { token != nil }
}

extension ClientRequestRecord: CustomStringConvertible {
    /// One line: `#3 tools/call echo, token 1a2b3c4d kid k1 age 4 s, 401 key_retired, 12 ms (first)`.
    public var description: String {
        var line = "#\(sequence) \(method.isEmpty ? httpMethod : method)"
        if let tool { line += " \(tool)" }
        if let token {
            line += ", token \(token.fingerprint)"
            if let keyID = token.keyID { line += " kid \(keyID)" }
            if let age = token.age { line += " age \(TokenJudge.inWords(age.inSeconds))" }
        } else {
            line += ", no token"
        }
        line += ", \(status.map(String.init) ?? "no answer")"
        if let reason { line += " \(reason.rawValue)" }
        if let failure { line += " (\(failure))" }
        return line + " \(occasion.rawValue)"
    }
}
