internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// Does what an admitted message of the legacy era asks.
    func serveLegacy(_ exchange: inout Exchange, _ envelope: Envelope) async -> Answer {
        guard case .request(let id) = envelope.kind else { return serveWithoutAnswer(exchange, envelope) }
        if envelope.method == MCPMethod.initialize { return initialize(id, &exchange, envelope) }
        guard server.runsHandler(envelope) else { return await perform(id, exchange, envelope, on: nil) }
        let settled = exchange
        return await reply(to: id, settled) { reply in
            await self.perform(id, settled, envelope, on: reply)
        }
    }

    /// Does what a request asks; what it tells its client before the answer goes out on that stream.
    func perform(_ id: RequestID, _ exchange: Exchange, _ envelope: Envelope, on reply: ReplyStream?) async -> Answer {
        var call = legacyCall(exchange, envelope)
        call.context.link = legacyLink(reply, exchange)
        let outcome = await server.perform(call)
        return .reply(LegacyCodec.message(outcome, to: id), outcome)
    }

    /// The message for the router.
    func legacyCall(_ exchange: Exchange, _ envelope: Envelope) -> ServerCall {
        let session = exchange.session?.state
        let body = exchange.request.body
        let context = RequestContext(
            principal: exchange.credential.principal, requestID: exchange.requestID,
            protocolVersion: session?.version ?? .v2025_03_26, party: session.map(ClientParty.session) ?? .unknown,
            metaBytes: envelope.meta.map { body[$0] }, logging: logging(of: session))
        return ServerCall(
            envelope: envelope, body: body, context: context, session: session,
            scope: exchange.session.map { ByteKey($0.id) }, shows: shownTools(exchange, envelope))
    }

    private func logging(of session: SessionState?) -> LogThreshold {
        guard server.configuration.offersLogging, let session else { return .off }
        return .session(session, initially: server.configuration.initialLogLevel)
    }

    /// Which tools a list shows: everything to somebody anonymous, who may still sign in; to a principal what it may call.
    func shownTools(_ exchange: Exchange, _ envelope: Envelope) -> (@Sendable (String) -> Bool)? {
        guard envelope.method == MCPMethod.listTools, !gate.rules.rules.isEmpty,
            let principal = exchange.credential.principal
        else { return nil }
        return { [gate] in gate.shows($0, to: principal) }
    }

    /// Notifications, and responses to the server's own requests.
    func serveWithoutAnswer(_ exchange: Exchange, _ envelope: Envelope) -> Answer {
        if case .response(let id) = envelope.kind { return takeResponse(id, exchange) }
        if let problem = problemOfNotification(exchange, envelope) { return problem }
        server.receive(envelope, body: exchange.request.body, scope: exchange.session.map { ByteKey($0.id) })
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
        let (result, state) = server.initialize(params)
        let session = sessions.open(
            state, principal: exchange.credential.principal, authorization: exchange.fields.first(.authorization))
        exchange.session = session
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
