internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// A refusal over HTTP: the status, the challenge, and the reason as the data of a JSON-RPC error.
    func refusal(_ rejection: Rejection, in exchange: Exchange) -> Answer {
        let status = rejection.reason.status
        let error = RPCError(
            RPCError.Code(rawValue: status), rejection.detail,
            data: .object(rejection.data(requestID: exchange.requestID)))
        var answer = Answer.error(exchange.rpcID, error, status: status)
        answer.verdict = .refused
        answer.reason = rejection.reason
        if let challenge = challenge(for: rejection, tool: exchange.tool) {
            answer.fields[.wwwAuthenticate] = challenge.headerValue
        }
        if let wait = rejection.retryAfter { answer.fields[.retryAfter] = "\(max(1, wait.components.seconds))" }
        return answer
    }

    /// A refusal that the model may read: a failed tool result, or a JSON-RPC error for what is no tool.
    func refusalInBand(_ rejection: Rejection, in exchange: Exchange) -> Answer {
        guard let id = exchange.rpcID else { return refusal(rejection, in: exchange) }
        let data = rejection.data(requestID: exchange.requestID)
        var answer: Answer
        if exchange.tool != nil {
            let failure = ToolResult.failure(rejection.detail, structured: data)
            if case .modern(let version) = exchange.era {
                let reply = ServerReply.result(.object(failure.json(for: version).object ?? [:]))
                answer = .json(200, codec.message(reply, to: id))
            } else {
                answer = .result(id) { $0.write(failure.json) }
            }
        } else {
            let code = RPCError.Code(rawValue: rejection.reason.status)
            answer = .error(id, RPCError(code, rejection.detail, data: .object(data)))
        }
        answer.verdict = .refused
        answer.reason = rejection.reason
        answer.detail = rejection.detail
        return answer
    }

    /// The challenge of a 401, and of a 403 that a token with a wider scope would change (RFC 6750 §3): with the scope
    /// that the call needs, or else the basic ones.
    private func challenge(for rejection: Rejection, tool: String?) -> BearerChallenge? {
        guard rejection.reason.status == 401 || rejection.reason == .scopeInsufficient else { return nil }
        let error = rejection.reason.oauthError
        let needed = rejection.requiredScope.isEmpty ? tool.map(gate.rules.scope) ?? [] : rejection.requiredScope
        return BearerChallenge(
            error: error, errorDescription: error == nil ? nil : rejection.detail,
            scope: needed.isEmpty ? configuration.scopesSupported : needed,
            resourceMetadata: metadataURL)
    }
}

extension Rejection {
    static let forbiddenHost = Rejection(
        .hostForbidden, "this server does not answer to that Host; add it to allowedHosts if it should")
    static let forbiddenOrigin = Rejection(
        .originForbidden, "pages of that origin may not use this server; add it to allowedOrigins if they should")

    static func tooManyTokens(wait: Duration) -> Rejection {
        Rejection(
            .rateLimited,
            "too many different refused tokens came from this address; a valid token is served at once, "
                + "others again in \(max(1, wait.components.seconds)) s",
            retryAfter: wait)
    }
}
