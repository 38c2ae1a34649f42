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
        case MCPMethod.initialize: return initialize(id, &exchange, envelope)
        case MCPMethod.ping: return .result(id) { $0.write(raw: "{}") }
        case MCPMethod.listTools: return listTools(id, exchange, envelope)
        case MCPMethod.callTool: return await callTool(id, exchange, envelope)
        default:
            let error = RPCError(.methodNotFound, "this server has no method \(envelope.method.cut(toBytes: 128))")
            return .error(id, error)
        }
    }

    /// Notifications, and responses to requests that this server never sends.
    private func serveWithoutAnswer(_ exchange: Exchange, _ envelope: Envelope) -> Answer {
        if let problem = problemOfNotification(exchange, envelope) { return problem }
        if envelope.method == MCPMethod.cancelled { cancelCall(exchange, envelope) }
        return Answer(202)
    }

    func problemOfNotification(_ exchange: Exchange, _ envelope: Envelope) -> Answer? {
        guard case .notification = envelope.kind, !envelope.method.utf8.starts(with: "notifications/".utf8) else {
            return nil
        }
        let message = "\(envelope.method.cut(toBytes: 128)) is a request and needs an id"
        return .error(nil, invalidRequest(message, exchange), status: 400)
    }

    private func initialize(_ id: RequestID, _ exchange: inout Exchange, _ envelope: Envelope) -> Answer {
        let params: InitializeParams
        do {
            params = try envelope.initializeParams(in: exchange.request.body)
        } catch {
            return .error(id, error.rpcError, status: 400)
        }
        let version = ProtocolVersion.negotiated(with: params.protocolVersion)
        let state = server.session(for: params, version: version)
        let session = sessions.open(
            state, principal: exchange.credential.principal, authorization: exchange.fields.first(.authorization))
        exchange.session = session
        let result = InitializeResult(
            protocolVersion: version, capabilities: ["tools": [:]], serverInfo: server.info,
            instructions: server.instructions)
        var answer = Answer.result(id) { $0.write(result.json) }
        answer.fields[.mcpSessionID] = session.id
        return answer
    }

    /// DELETE ends a session: an unbound one for anybody who knows it, a bound one for its subject.
    func answerDelete(_ exchange: inout Exchange) async -> Answer {
        exchange.phase = .handshake
        exchange.credential = await verifier.credential(authorization: exchange.fields[values: .authorization])
        let state = await findSession(&exchange)
        let admission = gate.admit(
            AdmissionRequest(
                phase: .handshake, method: "DELETE", credential: exchange.credential, session: state,
                client: exchange.client, actsOnSession: true))
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
