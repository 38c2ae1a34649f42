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
        if let answer = await admit(&exchange, envelope) { return answer }
        return await serveLegacy(&exchange, envelope)
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
        let era = Era(envelope)
        let opensSession = envelope.method == MCPMethod.initialize
        var session = AdmissionRequest.Session.none
        if !opensSession, era == .legacy { session = await findSession(&exchange) }
        if opensSession {
            exchange.introducedAs = (try? envelope.initializeParams(in: exchange.request.body))?.clientInfo.name
        }
        let admission = gate.admit(
            AdmissionRequest(
                phase: exchange.phase ?? .operation, method: envelope.method, tool: exchange.tool,
                arguments: envelope.arguments.map { exchange.request.body[$0] }, credential: exchange.credential,
                session: session, client: exchange.client))
        let problem = problemOfProtocol(exchange, envelope, era)
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
    private func bind(_ exchange: inout Exchange, to principal: Principal) -> Answer? {
        guard let session = exchange.session else { return nil }
        guard session.owner == nil || configuration.session.authority == .session else { return nil }
        guard exchange.tokenSent else { return nil }
        guard let bound = sessions.bind(session.id, to: principal, authorization: exchange.fields.first(.authorization))
        else {
            return refusal(.unknownSession, in: exchange)
        }
        guard bound.owner == principal.identity else { return refusal(.sessionOfAnotherSubject, in: exchange) }
        exchange.session = bound
        return nil
    }

    /// 400 for a version that is not spoken here, and for a session that is due and not named.
    private func problemOfProtocol(_ exchange: Exchange, _ envelope: Envelope, _ era: Era) -> Answer? {
        if era == .modern { return modernIsNotSpoken(exchange, envelope) }
        guard envelope.method != MCPMethod.initialize else { return nil }
        if let named = exchange.fields.first(.mcpProtocolVersion), !ProtocolVersion(rawValue: named).isLegacy {
            return unsupportedVersion(named, exchange)
        }
        guard exchange.session == nil, exchange.sessionID == nil else { return nil }
        let message = "no session is named; initialize first and send its \(MCPHeader.sessionID) with every message"
        return .error(exchange.rpcID, invalidRequest(message, exchange), status: 400)
    }

    /// A client that speaks both eras takes this for a legacy server and initializes: the code is none of those by
    /// which a 2026-07-28 server is recognised.
    private func modernIsNotSpoken(_ exchange: Exchange, _ envelope: Envelope) -> Answer {
        let versions = ProtocolVersion.legacy.map(\.rawValue).joined(separator: ", ")
        let message = "this server speaks MCP \(versions); open a session with initialize"
        var error = invalidRequest(message, exchange)
        if envelope.method == MCPMethod.discover { error.code = .methodNotFound }
        return .error(exchange.rpcID, error, status: 400)
    }

    private func unsupportedVersion(_ named: String, _ exchange: Exchange) -> Answer {
        let supported = ProtocolVersion.legacy.map(\.rawValue)
        let named = named.cut(toBytes: 32)
        var error = invalidRequest(
            "\(MCPHeader.protocolVersion) \(named) is not supported; supported are \(supported.joined(separator: ", "))",
            exchange)
        var data = error.data?.object ?? JSONObject()
        data["supported"] = .strings(supported)
        data["requested"] = .string(named)
        error.data = .object(data)
        return .error(exchange.rpcID, error, status: 400)
    }

    func invalidRequest(_ message: String, _ exchange: Exchange) -> RPCError {
        RPCError(
            .invalidRequest, message, data: ["detail": .string(message), "requestId": .string(exchange.requestID)])
    }
}

/// Which rules a message follows, by its own word.
enum Era: Sendable {
    /// 2025-03-26 to 2025-11-25: sessions that `initialize` opens.
    case legacy
    /// 2026-07-28: every request for itself.
    case modern

    init(_ envelope: Envelope) {
        self = envelope.claimedVersion != nil || envelope.method == MCPMethod.discover ? .modern : .legacy
    }
}
