internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// Does what an admitted message of the modern era asks. Nothing of it outlives the answer.
    func serveModern(_ exchange: Exchange, _ envelope: Envelope, _ version: ProtocolVersion) async -> Answer {
        guard case .request(let id) = envelope.kind else {
            // The era has no notification that means anything to a server over HTTP.
            return problemOfNotification(exchange, envelope) ?? Answer(202)
        }
        let call = modernCall(exchange, envelope, version)
        if envelope.method == MCPMethod.listen, server.capabilities.announcesAnything || server.tasks != nil {
            return listen(id, exchange, call)
        }
        guard server.runsHandler(envelope) else { return await perform(id, call) }
        return await reply(to: id, exchange) { reply in
            var call = call
            call.sink = reply
            return await self.perform(id, call)
        }
    }

    private func perform(_ id: RequestID, _ call: ServerCall) async -> Answer {
        let reply = await server.perform(call)
        return .reply(codec.message(reply, to: id), reply, status: ModernCodec.status(of: reply))
    }

    /// The message for the router.
    func modernCall(_ exchange: Exchange, _ envelope: Envelope, _ version: ProtocolVersion) -> ServerCall {
        let body = exchange.request.body
        let level = server.configuration.offersLogging ? envelope.logLevel.flatMap(LogLevel.init(rawValue:)) : nil
        let context = RequestContext(
            principal: exchange.credential.principal, requestID: exchange.requestID, protocolVersion: version,
            party: .declared(
                info: envelope.clientInfo.map { body[$0] }, capabilities: envelope.clientCapabilities.map { body[$0] }),
            metaBytes: envelope.meta.map { body[$0] }, logging: level.map(LogThreshold.from) ?? .off)
        var call = ServerCall(
            envelope: envelope, body: body, context: context, shows: shownTools(exchange, envelope))
        call.fields = exchange.fields
        call.isForCallerOnly = isForCallerOnly(envelope, exchange.phase ?? .operation)
        return call
    }

    /// Whether not everybody could have got the answer, so that nobody else may be served a copy of it.
    private func isForCallerOnly(_ envelope: Envelope, _ phase: Phase) -> Bool {
        let policy = gate.policy
        guard policy.clients.isEmpty else { return true }
        switch phase {
        case .handshake: return policy.handshake != .open
        case .listing:
            return policy.listing != .open || envelope.method == MCPMethod.listTools && !gate.rules.rules.isEmpty
        case .operation: return policy.operation != .open
        }
    }
}
