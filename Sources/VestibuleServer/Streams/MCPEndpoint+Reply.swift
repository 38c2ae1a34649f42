internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// Answers a request by work that may send messages before its answer: as JSON where it does not, else as a stream.
    ///
    /// In a legacy session the call goes on when its client goes, and what it sends is kept for one that comes back; in
    /// the modern era it is cancelled.
    ///
    /// - Parameter work: gets `nil` where the client takes no stream.
    func reply(
        to id: RequestID, _ exchange: Exchange, _ work: @escaping @Sendable (ReplyStream?) async -> Answer
    ) async -> Answer {
        guard MediaRange.acceptsEvents(exchange.fields[values: .accept]) else { return await work(nil) }
        let carrier =
            exchange.session.map { sessionCarrier(for: id, exchange, $0) } ?? modernCarrier(exchange)
        let reply = ReplyStream(carrier)
        let peer = carrier.endsWithReader ? exchange.request.peer : nil
        let place = peer?.whenGone { [weak reply] in reply?.cancel() }
        return await reply.answer(replies) {
            let answer = await work(reply)
            if let place { peer?.forget(place) }
            return answer
        }
    }

    /// The link of a call of that session, or one that can tell the client nothing.
    func legacyLink(_ reply: ReplyStream?, _ exchange: Exchange) -> any RequestLink {
        guard let reply, let session = exchange.session else { return SilentLink() }
        return LegacyLink(reply: reply, streams: session.streams, asker: exchange.credential.principal?.identity)
    }

    /// A stream of a session: numbered, kept, and closed when the token expires.
    private func sessionCarrier(
        for id: RequestID, _ exchange: Exchange, _ session: Session
    ) -> ReplyStream.Carrier {
        let principal = exchange.credential.principal
        return ReplyStream.Carrier(
            open: { _ in session.streams.open(for: id, isOwners: principal != nil) },
            attach: { stream, _ in stream.attach(terms: EventStream.Terms(expiry: principal?.expiration)) },
            primes: session.version == .v2025_11_25,
            onAnswer: observation(of: exchange))
    }

    /// A stream of the modern era, which nobody can come back to. When the token expires the call ends with an error
    /// that says so.
    private func modernCarrier(_ exchange: Exchange) -> ReplyStream.Carrier {
        let (traits, clock) = (EventStream.Traits(configuration.streams), clock)
        let expiration = exchange.credential.principal?.expiration
        return ReplyStream.Carrier(
            open: { reply in
                EventStream(traits, clock: clock) { [weak reply] _ in reply?.cancel() }
            },
            attach: { stream, reply in
                var terms = EventStream.Terms(expiry: expiration)
                terms.end = { [weak reply, self] _, _ in
                    guard let reply, let expiration else { return }
                    reply.finish(refusal(Rejection(.tokenExpired, EventStream.line(expiration)), in: exchange))
                    reply.cancel()
                }
                return stream.attach(terms: terms)
            },
            endsWithReader: true,
            onAnswer: observation(of: exchange))
    }

    private func observation(of exchange: Exchange) -> @Sendable (Answer) -> Void {
        guard !exchange.isRecorded else { return { _ in } }
        return { [self] answer in observe(answer, of: exchange) }
    }

    // MARK: - Answers of the client

    /// Takes the answer to a question of ours: from whoever it was asked, and nobody else.
    func takeResponse(_ id: RequestID, _ exchange: Exchange) -> Answer {
        guard let session = exchange.session else { return Answer(202) }
        let limits = JSONLimits(maximumSize: configuration.maximumBodySize)
        let message = (try? JSONParser(limits: limits).parse(exchange.request.body)).flatMap(RPCMessage.init(json:))
        let response: Result<JSONValue, any Error>
        switch message {
        case .result(_, let result): response = .success(result)
        case .error(_, let error): response = .failure(ToolError.refused(error))
        case .request, .notification, nil:
            let line = "this is no JSON-RPC response; it needs a result or an error, and not both"
            return .error(nil, invalidRequest(line, exchange), status: 400)
        }
        switch session.streams.questions.receive(id, response, from: exchange.credential.principal?.identity) {
        // Late answers cross the word that they are not needed any more (MCP, Cancellation).
        case .taken, .late: return Answer(202)
        case .foreign:
            let line = "this server asked nothing of that id on this session, or asked somebody else"
            return .error(nil, invalidRequest(line, exchange), status: 400)
        }
    }
}

extension ToolError {
    /// The client's own refusal of a question, such as of a person who does not want it asked.
    fileprivate static func refused(_ error: RPCError) -> ToolError {
        ToolError(
            "the client refused the question with error \(error.code.rawValue): \(error.message.onShownLine)",
            structured: ["code": .integer(error.code.rawValue), "message": .string(error.message.cut(toBytes: 512))])
    }
}
