internal import VestibuleAuth
internal import VestibuleProtocol

extension ChannelPeer {
    func takeLegacy(
        _ id: RequestID, _ envelope: Envelope, _ message: [UInt8], in group: inout DiscardingTaskGroup
    ) async {
        if envelope.method.hasSameBytes(as: MCPMethod.initialize) {
            return await send(LegacyCodec.message(initialize(envelope, message), to: id))
        }
        guard let session else {
            let reply =
                envelope.method.hasSameBytes(as: MCPMethod.ping)
                ? ServerReply.result(.object([:]))
                : .error(
                    .invalidRequest,
                    "there is no session; initialize first, or name the revision in params._meta (2026-07-28)")
            return await send(LegacyCodec.message(reply, to: id))
        }
        await start(id, in: &group) { await self.serveLegacy(id, envelope, message, session) }
    }

    private func initialize(_ envelope: Envelope, _ message: [UInt8]) -> ServerReply {
        do {
            let (result, session) = server.initialize(try envelope.initializeParams(in: message))
            guard open(session) else {
                return .error(.invalidRequest, "this connection is initialized already; go on with its session")
            }
            return .result(.object(result.json.object ?? [:]))
        } catch {
            return ServerReply(.error(error.rpcError), detail: error.description)
        }
    }

    private func serveLegacy(
        _ id: RequestID, _ envelope: Envelope, _ message: [UInt8], _ session: SessionState
    ) async {
        let context = RequestContext(
            principal: principal, requestID: RandomID.makeForRequest(), protocolVersion: session.version,
            party: .session(session), metaBytes: envelope.meta.map { message[$0] },
            logging: server.configuration.offersLogging
                ? .session(session, initially: server.configuration.initialLogLevel) : .off,
            link: LegacyChannelLink(peer: self))
        let call = ServerCall(envelope: envelope, body: message, context: context, session: session, scope: scope)
        let reply = await server.perform(call)
        // Whoever cancelled it waits for no answer.
        guard !reply.isCancellation else { return }
        await send(LegacyCodec.message(reply, to: id))
    }

    /// Tells a session what changes, as long as it lasts.
    func tellChanges(to session: SessionState) async {
        let subscription = server.changes.subscribe { change in
            switch change {
            case .tools, .prompts, .resources: true
            case .resource(let uri): session.isSubscribed(to: uri)
            case .task: false
            }
        }
        let id = RequestID.string("changes of \(RandomID.make())")
        guard keep(subscription, id) == nil else { return subscription.end() }
        while let change = await subscription.next() {
            guard let (method, params) = change.notification else { continue }
            await notify(method, params)
        }
        _ = drop(id)
    }
}

extension ServerReply {
    /// Whether the peer itself ended the call.
    var isCancellation: Bool {
        if case .error(let error) = outcome { error.code == .cancelled } else { false }
    }
}

extension ServerChange {
    /// How both eras tell of the change; `nil` for that of a task.
    var notification: (method: String, params: JSONObject)? {
        switch self {
        case .tools: (MCPMethod.toolsChanged, [:])
        case .prompts: (MCPMethod.promptsChanged, [:])
        case .resources: (MCPMethod.resourcesChanged, [:])
        case .resource(let uri): (MCPMethod.resourceUpdated, ["uri": .string(uri)])
        case .task: nil
        }
    }
}

/// The link of a legacy request on a channel: notifications and questions travel among all other messages.
struct LegacyChannelLink: RequestLink {
    let peer: ChannelPeer

    func notify(_ method: String, _ params: JSONObject) async { await peer.notify(method, params) }

    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        guard let session = peer.session else { throw CannotAsk() }
        return try await withThrowingTaskGroup(of: (String, JSONValue).self) { group in
            for (key, question) in questions {
                group.addTask { (key, try await peer.questions.ask(question, for: session.version)) }
            }
            var answers: [String: JSONValue] = [:]
            for try await (key, answer) in group { answers[key] = answer }
            return answers
        }
    }
}
