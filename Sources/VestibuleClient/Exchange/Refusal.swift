internal import HTTPTypes
internal import VestibuleProtocol

/// What an HTTP status of 400 or more means for a client.
struct Refusal: Sendable {
    var status: Int
    /// The server's refusal: in its own words where it is one of ours, else by the challenge and the status.
    var rejection: Rejection?
    var rpcError: RPCError?
    var retryAfter: RetryAfter?
    /// The first line of what came, for a person.
    var excerpt: String
    /// The server's challenge; without parameters where it sent none that can be read.
    var challenge: BearerChallenge
    /// Whether nothing but the proof that went with the token was wrong, and a new one is at hand.
    var proofIsStale = false
    /// Whether the body or the challenge looks like an MCP server's.
    var isFromMCP: Bool

    enum RetryAfter: Sendable, Hashable {
        case seconds(Double)
        case date(NumericDate)
    }

    init(status: Int, fields: HTTPFields, body: [UInt8], tokenSent: Bool) {
        let json = try? JSONParser().parse(body)
        let error = json?["error"].flatMap(RPCError.init(json:))
        let challenge = BearerChallenge.parse(fields: fields[values: .wwwAuthenticate]).first
        self.status = status
        self.challenge = challenge ?? BearerChallenge()
        self.rpcError = error
        self.isFromMCP = error != nil || json?["jsonrpc"] != nil || challenge != nil
        self.excerpt = Self.excerpt(body, fields: fields, error: error)
        self.retryAfter = fields[.retryAfter].flatMap(RetryAfter.init)
        var rejection = error?.data?.object.flatMap(Rejection.init(data:))
        if rejection == nil { rejection = Self.inferred(status: status, challenge, tokenSent: tokenSent) }
        if let challenge, !challenge.scope.isEmpty { rejection?.requiredScope = challenge.scope }
        self.rejection = rejection
    }

    /// Whether the server said why in the words of ours, as opposed to what can be read from the status.
    var isInOurWords: Bool { rpcError?.data?.object.flatMap(Rejection.init(data:)) != nil }

    /// Whether a busy server turned the request away before anything came of it: it says when to come again, or why. A
    /// bare 503 may be a gateway's that lost the server in the middle of the work.
    var showsThatNothingRan: Bool {
        status == 429 || retryAfter != nil || rejection?.reason == .rateLimited
            || rejection?.reason == .issuerUnavailable
    }

    /// Whether it says something of the era that the server speaks: it is no want of a token, and no outage.
    var isAnswerToProbe: Bool {
        (400..<500).contains(status) && ![401, 403, 429].contains(status)
    }

    /// Whether a server of the modern era may have said so. `-32602` is said in both.
    var isOfModernEra: Bool {
        guard let rpcError else { return false }
        switch (status, rpcError.code) {
        case (404, .methodNotFound), (400, .invalidParams): return true
        default: return rpcError.isModern || isInOurWords
        }
    }

    /// A server that is not ours says less. A 401 calls for a refresh where the challenge says `invalid_token` or a
    /// token was sent, else for a token.
    private static func inferred(status: Int, _ challenge: BearerChallenge?, tokenSent: Bool) -> Rejection? {
        let said = challenge?.errorDescription.map { ": \($0.firstLine)" } ?? ""
        switch (status, challenge?.error) {
        case (401, "insufficient_scope"?), (403, "insufficient_scope"?):
            return Rejection(.scopeInsufficient, "the server wants a wider scope\(said)")
        case (401, "invalid_token"?):
            return Rejection(.tokenMalformed, "the server refused the token (invalid_token)\(said)")
        case (401, _) where tokenSent:
            return Rejection(.tokenMalformed, "the server refused the token without saying why\(said)")
        case (401, _):
            return Rejection(.tokenMissing, "the server wants a token\(said)")
        case (404, _):
            return Rejection(.sessionUnknown, "the server does not know the session")
        case (429, _):
            return Rejection(.rateLimited, "the server has had too many requests")
        default:
            return nil
        }
    }

    private static func excerpt(_ body: [UInt8], fields: HTTPFields, error: RPCError?) -> String {
        if let error { return error.message.firstLine }
        let type = fields[.contentType]?.firstLine ?? "no content type"
        return body.isEmpty ? "no body" : "\(body.count) bytes of \(type)"
    }
}

extension Refusal.RetryAfter {
    /// `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
    init?(_ text: String) {
        if let seconds = Int(text.trimmingSpaces), seconds >= 0 {
            self = .seconds(Double(seconds))
        } else if let date = HTTPDate.parse(text) {
            self = .date(date)
        } else {
            return nil
        }
    }

    /// How long that is from now on, by the server's clock.
    func wait(serverTime now: NumericDate) -> Duration {
        switch self {
        case .seconds(let seconds): .seconds(min(seconds, 1e9))
        case .date(let date): .seconds(min(max(0, date - now), 1e9))
        }
    }
}

extension String {
    var trimmingSpaces: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start[start.endIndex...] }
        return start[...end]
    }
}
