internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

/// What is known of one request while it goes through the pipeline, one stage after the other.
struct Exchange {
    private(set) var request: EndpointRequest
    let requestID = RandomID.makeForRequest()
    let began = ContinuousClock.now
    let now: NumericDate
    let userAgent: String?

    /// Set by the stages that find them out.
    var envelope: Envelope?
    var phase: Phase?
    var era = EraVerdict.legacy
    var credential = Credential.absent
    var session: Session?
    /// `clientInfo.name` of an `initialize`, also of one that opens no session, and of a modern request.
    var introducedAs: String?
    /// Whether a token came and did not count, though the request was served.
    var ignoredToken: Rejection?
    /// Whether the observer was told already: of the messages of a batch, one by one.
    var isRecorded = false

    init(_ request: EndpointRequest, now: NumericDate) {
        self.request = request
        self.now = now
        self.userAgent = request.head.headerFields.first(.userAgent)
    }

    /// The client, as rules choose by it.
    var client: ClientDescription {
        ClientDescription(userAgent: userAgent, name: introducedAs ?? session?.clientName)
    }

    /// The same request with one message of its body.
    func part(_ message: Range<Int>) -> Exchange {
        var part = self
        part.request.body = Array(request.body[message])
        return part
    }

    var fields: HTTPFields { request.head.headerFields }
    var origin: String? { fields.first(.origin) }
    var tokenSent: Bool { fields.contains(.authorization) }
    var rpcID: RequestID? {
        // A response names a request of ours; an answer to it has no id of the client's.
        if case .request(let id) = envelope?.kind { id } else { nil }
    }
    var tool: String? { envelope?.method == MCPMethod.callTool ? envelope?.name : nil }

    /// A field that came twice though it has one value: whatever stands before this server may have read the other one.
    var repeatedField: HTTPField.Name? {
        [.mcpSessionID, .origin].first { fields[values: $0].count > 1 }
    }

    /// The session id that came, cut where it cannot be one of ours.
    var sessionID: String? { fields.first(.mcpSessionID).flatMap { $0.isEmpty ? nil : $0.cut(toBytes: 256) } }
}

extension Exchange {
    /// - Parameter issuers: those that are trusted.
    func record(of answer: Answer, issuers: [TrustedIssuer]) -> RequestRecord {
        let token = describedToken(issuers: issuers)
        let client = client
        return RequestRecord(
            requestID: requestID, httpMethod: request.head.method.rawValue.cut(toBytes: 32),
            method: envelope.flatMap { $0.method.isEmpty ? nil : $0.method.cut(toBytes: 128) },
            tool: tool?.cut(toBytes: 128), phase: phase, tokenSent: tokenSent, keyID: token.keyID,
            issuer: token.issuer,
            tokenAge: token.issuedAt.map { .seconds(max(-1e9, min(1e9, now - $0))) }, verdict: answer.verdict,
            reason: answer.reason ?? ignoredToken?.reason, detail: answer.detail ?? ignoredToken?.detail,
            status: answer.status, duration: ContinuousClock.now - began,
            sessionFingerprint: session?.fingerprint, remoteAddress: request.remoteAddress,
            userAgent: client.userAgent?.onShownLine, clientName: client.name?.onShownLine)
    }

    private func describedToken(
        issuers: [TrustedIssuer]
    ) -> (keyID: String?, issuer: String?, issuedAt: NumericDate?) {
        switch credential {
        case .absent: return (nil, nil, nil)
        case .verified(let principal): return (principal.keyID, principal.issuer, principal.issuedAt)
        case .rejected:
            guard let field = fields.first(.authorization), let space = field.firstIndex(of: " "),
                let token = try? CompactToken(String(field[space...]).trimmingOptionalWhitespace)
            else { return (nil, nil, nil) }
            let named = token.claims["iss"]?.string
            let issuer = named.flatMap { named in issuers.first { $0.issuer.hasSameBytes(as: named) } }
            return (token.keyID?.cut(toBytes: 128), issuer?.issuer, token.issuedAt)
        }
    }
}
