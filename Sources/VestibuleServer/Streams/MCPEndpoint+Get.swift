internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// GET opens a stream of a legacy session for messages that belong to no request, or resumes one (MCP 2025-11-25,
    /// Streamable HTTP: Listening for Messages). A bound session's needs a token of its owner.
    func answerGet(_ exchange: inout Exchange) async -> Answer {
        exchange.phase = .handshake
        let named = exchange.fields.first(.mcpProtocolVersion).map(ProtocolVersion.init(rawValue:))
        if let named, named.isModern {
            var answer = Answer.failure(
                405, "MCP \(named.rawValue.onShownLine) has no streams by GET; send subscriptions/listen by POST",
                requestID: exchange.requestID)
            answer.fields[.allow] = "POST, OPTIONS"
            return answer
        }
        guard MediaRange.acceptsEvents(exchange.fields[values: .accept]) else {
            return .failure(
                406, "what GET opens is a text/event-stream; Accept has to allow it", requestID: exchange.requestID)
        }
        exchange.credential = await verifier.credential(authorization: exchange.fields[values: .authorization])
        let state = await findSession(&exchange)
        let admission = gate.admit(
            AdmissionRequest(
                phase: .handshake, method: "GET", credential: exchange.credential, session: state,
                client: exchange.client, actsOnSession: true))
        switch admission {
        case .refuse(let rejection, _):
            if case .rejected = exchange.credential, rejection.reason.status == 401 {
                return refusalOfToken(rejection, in: exchange)
            }
            return refusal(rejection, in: exchange)
        case .admit(let principal, let rejectedToken):
            exchange.ignoredToken = rejectedToken
            if let named, !named.isLegacy {
                let versions = ProtocolVersion.legacy.map(\.rawValue).joined(separator: ", ")
                let line = "\(MCPHeader.protocolVersion) has to be one of \(versions)"
                return .error(nil, invalidRequest(line, exchange), status: 400)
            }
            guard exchange.session != nil else {
                let line = "GET opens a stream of a session, and no \(MCPHeader.sessionID) names one; initialize first"
                return .error(nil, invalidRequest(line, exchange), status: 400)
            }
            if let principal, let answer = bind(&exchange, to: principal) { return answer }
            return openStream(exchange, principal)
        }
    }

    private func openStream(_ exchange: Exchange, _ principal: Principal?) -> Answer {
        guard let session = exchange.session else { return Answer(400) }
        guard longStreams.admits else { return shuttingDown(exchange) }
        var terms = EventStream.Terms(expiry: principal?.expiration)
        terms.problem = problem(of: exchange)
        longStreams.keep(session.streams)
        if let last = exchange.fields.first(.lastEventID), !last.isEmpty {
            switch session.streams.resume(after: last, terms: terms) {
            case .stream(let pieces): return .events(pieces)
            case .unknown:
                let line =
                    "nothing is kept of the event that Last-Event-ID names: it is too old, or not of this session; open a "
                    + "stream without it, and send again what was not answered"
                return .error(nil, invalidRequest(line, exchange), status: 400)
            }
        }
        // Where nobody has to sign in for anything, an unbound session is its client's own.
        let isOwners = principal != nil || session.owner == nil && hidesNothing(from: exchange)
        let pieces = session.streams.stand(
            isOwners: isOwners, primes: session.version == .v2025_11_25, terms: terms)
        guard let pieces else {
            let wait = configuration.streams.keepAlive
            let line = "the session has \(configuration.streams.maximumPerSession) streams already; close one"
            return refusal(Rejection(.rateLimited, line, retryAfter: wait), in: exchange)
        }
        return .events(pieces)
    }

    /// Whether anybody may read resources here: then there is nothing to keep from a stream without a token.
    private func hidesNothing(from exchange: Exchange) -> Bool {
        let reading = AdmissionRequest(
            phase: .operation, method: MCPMethod.readResource, credential: .absent, session: .unbound,
            client: exchange.client)
        if case .admit = gate.admit(reading) { return true }
        return false
    }

    /// What ends a long stream beside its token's end: the session's end, and a token that counts no more.
    func problem(of exchange: Exchange) -> @Sendable () async -> String? {
        let (sessions, verifier) = (sessions, verifier)
        let authorization =
            exchange.tokenSent && exchange.credential.principal != nil
            ? exchange.fields[values: .authorization] : []
        return {
            sessions.expire()
            guard !authorization.isEmpty,
                case .rejected(let rejection) = await verifier.credential(
                    authorization: authorization)
            else { return nil }
            return "closed (\(rejection.reason.rawValue)): \(rejection.detail)"
        }
    }

    func shuttingDown(_ exchange: Exchange) -> Answer {
        var answer = Answer.failure(
            503, "the server is shutting down and opens no streams any more", id: exchange.rpcID,
            requestID: exchange.requestID)
        answer.fields[.retryAfter] = "1"
        return answer
    }
}
