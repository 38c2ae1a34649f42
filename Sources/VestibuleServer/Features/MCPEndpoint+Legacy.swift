internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// Does what an admitted message of the legacy era asks.
    func serveLegacy(_ exchange: inout Exchange, _ envelope: Envelope) async -> Answer {
        guard case .request(let id) = envelope.kind else {
            return serveWithoutAnswer(exchange, envelope)
        }
        switch envelope.method {
        case "initialize": return initialize(id, &exchange, envelope)
        case "ping": return .result(id) { $0.write(raw: "{}") }
        case "tools/list": return listTools(id, exchange, envelope)
        case "tools/call": return await callTool(id, exchange, envelope)
        default:
            let error = RPCError(.methodNotFound, "this server has no method \(envelope.method.cut(toBytes: 128))")
            return .error(id, error)
        }
    }

    /// Notifications, and responses to requests that this server never sends.
    private func serveWithoutAnswer(_ exchange: Exchange, _ envelope: Envelope) -> Answer {
        if case .notification = envelope.kind, !envelope.method.utf8.starts(with: "notifications/".utf8) {
            let message = "\(envelope.method.cut(toBytes: 128)) is a request and needs an id"
            return .error(nil, invalidRequest(message, exchange), status: 400)
        }
        if envelope.method == "notifications/cancelled" { cancelCall(exchange, envelope) }
        return Answer(202)
    }

    private func initialize(_ id: RequestID, _ exchange: inout Exchange, _ envelope: Envelope) -> Answer {
        let request: InitializeRequest
        do {
            request = try InitializeRequest(exchange.request.body, envelope)
        } catch {
            return .error(id, error, status: 400)
        }
        let version = request.negotiatedVersion
        let session = sessions.open(
            version: version, clientName: request.clientName, principal: exchange.credential.principal)
        exchange.session = session
        var result: JSONObject = [
            "protocolVersion": .string(version.rawValue), "capabilities": ["tools": [:]],
            "serverInfo": configuration.serverInfo.json,
        ]
        result["instructions"] = configuration.instructions.map(JSONValue.string)
        var answer = Answer.result(id) { $0.write(.object(result)) }
        answer.fields[.mcpSessionID] = session.id
        return answer
    }

    /// DELETE ends a session: an unbound one for anybody who knows it, a bound one for its subject.
    func answerDelete(_ exchange: inout Exchange) -> Answer {
        exchange.phase = .handshake
        exchange.credential = verifier.credential(authorization: exchange.fields[values: .authorization])
        let state = findSession(&exchange)
        let client = ClientDescription(
            userAgent: exchange.fields.first(.userAgent), name: exchange.session?.clientName)
        let admission = gate.admit(
            AdmissionRequest(
                phase: .handshake, method: "DELETE", credential: exchange.credential, session: state, client: client,
                actsOnSession: true))
        switch admission {
        case .refuse(let rejection, _):
            if case .rejected = exchange.credential, rejection.reason.status == 401 {
                return refusalOfToken(rejection, in: exchange)
            }
            return refusal(rejection, in: exchange)
        case .admit(_, let rejectedToken):
            exchange.ignoredToken = rejectedToken
            guard let session = exchange.session else {
                let message = "DELETE ends a session, and no \(MCPHeader.sessionID) names one"
                return .error(nil, invalidRequest(message, exchange), status: 400)
            }
            sessions.end(session.id)
            return Answer(204)
        }
    }
}
