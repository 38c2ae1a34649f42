internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    func answerPost(_ exchange: inout Exchange) async -> Answer {
        if let answer = problemOfContent(exchange) { return answer }
        guard exchange.request.body.count <= configuration.maximumBodySize else {
            return .failure(
                413, "the body has more than \(configuration.maximumBodySize) bytes", requestID: exchange.requestID)
        }
        exchange.credential = await verifier.credential(authorization: exchange.fields[values: .authorization])
        if isBatch(exchange) { return await answerBatch(&exchange) }
        let envelope: Envelope
        do {
            envelope = try Envelope.scan(
                exchange.request.body, limits: JSONLimits(maximumSize: configuration.maximumBodySize))
        } catch {
            return problemOfBody(error, exchange)
        }
        exchange.envelope = envelope
        exchange.phase = Phase(method: envelope.method)
        exchange.era = EraClassifier.verdict(
            of: envelope, header: SingleField(.mcpProtocolVersion, of: exchange.fields))
        if envelope.claimedVersion != nil { exchange.introducedAs = envelope.clientName?.cut(toBytes: 256) }
        if let answer = await admit(&exchange, envelope) { return answer }
        switch exchange.era {
        case .modern(let version): return await serveModern(exchange, envelope, version)
        case .legacy: return await serveLegacy(&exchange, envelope)
        case .passedOver, .malformed: return Answer(202)
        }
    }

    /// 415, 406.
    private func problemOfContent(_ exchange: Exchange) -> Answer? {
        let fields = exchange.fields
        guard MediaRange.isJSON(contentType: fields[values: .contentType]) else {
            return .failure(
                415, "the body has to be application/json, and its Content-Type has to say so",
                requestID: exchange.requestID)
        }
        guard MediaRange.acceptsJSON(fields[values: .accept]) else {
            return .failure(406, "answers are application/json; Accept has to allow it", requestID: exchange.requestID)
        }
        return nil
    }

    /// 401 where the token is refused anyway, else 400.
    func problemOfBody(_ error: EnvelopeError, _ exchange: Exchange) -> Answer {
        let policy = gate.policy.applied(to: ClientDescription(userAgent: exchange.userAgent))
        if case .rejected(let rejection) = exchange.credential, policy.rejectedToken == .reject {
            return refusalOfToken(rejection, in: exchange)
        }
        let data: JSONValue = ["detail": .string(error.message), "requestId": .string(exchange.requestID)]
        var rpcError = error.rpcError
        rpcError.data = data
        return .error(error.requestID, rpcError, status: 400)
    }

    /// Asks the gate, after the session was looked up.
    ///
    /// - Returns: the answer, where the request does not go on.
    func admit(_ exchange: inout Exchange, _ envelope: Envelope) async -> Answer? {
        let isLegacy = exchange.era == .legacy
        let opensSession = isLegacy && envelope.method == MCPMethod.initialize
        var session = AdmissionRequest.Session.none
        if isLegacy, !opensSession { session = await findSession(&exchange) }
        if case .response(let id) = envelope.kind, exchange.session?.streams.questions.isForAnybody(id) == true {
            // Whoever was let in without a token may answer what was asked in return.
            exchange.phase = .handshake
        }
        // And whoever made a task without one may follow it; its id is known to nobody else.
        if case .modern = exchange.era, isAboutTaskOfAnybody(envelope),
            gate.policy.applied(to: exchange.client).handshake == .open
        {
            exchange.phase = .handshake
        }
        if opensSession {
            exchange.introducedAs = (try? envelope.initializeParams(in: exchange.request.body))?.clientInfo.name
        }
        let admission = gate.admit(
            AdmissionRequest(
                phase: exchange.phase ?? .operation, method: envelope.method, tool: exchange.tool,
                arguments: envelope.arguments.map { exchange.request.body[$0] }, credential: exchange.credential,
                session: session, client: exchange.client))
        let problem = problemOfProtocol(exchange, envelope)
        switch admission {
        case .refuse(let rejection, let isInBand):
            if isInBand { return problem ?? refusalInBand(rejection, in: exchange) }
            return refusal(of: rejection, exchange)
        case .admit(let principal, let rejectedToken):
            exchange.ignoredToken = rejectedToken
            if let problem { return problem }
            guard let principal else { return nil }
            return bind(&exchange, to: principal)
        }
    }

    private func isAboutTaskOfAnybody(_ envelope: Envelope) -> Bool {
        guard [MCPMethod.getTask, MCPMethod.updateTask, MCPMethod.cancelTask].contains(envelope.method),
            let id = envelope.taskID
        else { return false }
        return server.tasks?.store.find(id, for: nil) != nil
    }

    private func refusal(of rejection: Rejection, _ exchange: Exchange) -> Answer {
        if case .rejected = exchange.credential, rejection.reason.status == 401 {
            return refusalOfToken(rejection, in: exchange)
        }
        return refusal(rejection, in: exchange)
    }

    /// Looks the named session up and, where the configuration says so, lends the request the session's token.
    func findSession(_ exchange: inout Exchange) async -> AdmissionRequest.Session {
        guard let id = exchange.sessionID else { return .none }
        guard let session = sessions.use(id) else { return .unknown }
        exchange.session = session
        if case .absent = exchange.credential, let remembered = session.remembered,
            let principal = await verifier.credential(authorization: [remembered]).principal,
            principal.expiration > exchange.now
        {
            exchange.credential = .verified(principal)
        }
        return session.owner.map(AdmissionRequest.Session.bound) ?? .unbound
    }

    /// The first verified token binds a session.
    func bind(_ exchange: inout Exchange, to principal: Principal) -> Answer? {
        guard let session = exchange.session else { return nil }
        guard session.owner == nil || configuration.session.authority == .session else { return nil }
        guard exchange.tokenSent else { return nil }
        guard let bound = sessions.bind(session.id, to: principal, authorization: exchange.fields.first(.authorization))
        else {
            return refusal(.unknownSession, in: exchange)
        }
        guard bound.owner == principal.identity else { return refusal(.sessionOfAnotherSubject, in: exchange) }
        if session.owner == nil {
            // What was opened while the session was its client's, without a token, is not its owner's.
            bound.streams.dismissOwners("closed: the session belongs to a subject now; open a stream with its token")
        }
        exchange.session = bound
        return nil
    }

    /// 400 for a message that belongs to no era as it stands, headers of a modern one that say other than its body, and
    /// a legacy session that is due and not named.
    private func problemOfProtocol(_ exchange: Exchange, _ envelope: Envelope) -> Answer? {
        switch exchange.era {
        case .passedOver: return nil
        case .malformed(let error, let status): return problem(error, exchange, status: status)
        case .modern:
            guard case .request = envelope.kind else { return nil }
            return MirroredFields.problem(of: envelope, exchange.fields).map { problem($0, exchange) }
        case .legacy:
            guard envelope.method != MCPMethod.initialize, exchange.session == nil, exchange.sessionID == nil else {
                return nil
            }
            let message = "no session is named; initialize first and send its \(MCPHeader.sessionID) with every message"
            return .error(exchange.rpcID, invalidRequest(message, exchange), status: 400)
        }
    }

    private func problem(_ error: RPCError, _ exchange: Exchange, status: Int = 400) -> Answer {
        var error = error
        var data = error.data?.object ?? [:]
        data["detail"] = .string(error.message)
        data["requestId"] = .string(exchange.requestID)
        error.data = .object(data)
        return .error(exchange.rpcID, error, status: status)
    }

    func invalidRequest(_ message: String, _ exchange: Exchange) -> RPCError {
        RPCError(
            .invalidRequest, message, data: ["detail": .string(message), "requestId": .string(exchange.requestID)])
    }
}
