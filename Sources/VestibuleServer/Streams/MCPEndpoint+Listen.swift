internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// `subscriptions/listen` (MCP 2026-07-28): a stream of what the client opted into, until it goes, its token expires
    /// or the server shuts down. In the last two cases the response to the request ends it.
    func listen(_ id: RequestID, _ exchange: Exchange, _ call: ServerCall) -> Answer {
        guard MediaRange.acceptsEvents(exchange.fields[values: .accept]) else {
            let line = "subscriptions/listen is answered by a text/event-stream; Accept has to allow it"
            return .failure(406, line, id: id, requestID: exchange.requestID)
        }
        let requested: SubscriptionFilter
        do {
            requested = try SubscriptionParams(json: try call.envelope.parsedParams(in: exchange.request.body))
                .notifications
        } catch {
            return .error(id, error.rpcError, status: 400)
        }
        if !requested.taskIDs.isEmpty, !call.context.clientCapabilities.has(extension: MetaKey.tasksExtension) {
            return .error(id, TasksExtension.undeclared, status: 400)
        }
        let principal = exchange.credential.principal
        let task: @Sendable (String) -> JSONObject? = { [server] in
            server.taskNotification(of: $0, for: principal?.identity)
        }
        let subscription = Subscription(
            id, requested: requested, capabilities: server.capabilities,
            maximum: configuration.streams.maximumSubscriptions
        ) { task($0) != nil }
        let holder: LongStreams.Holder =
            principal.map { .subject($0.identity) } ?? .address(exchange.request.remoteAddress ?? "")
        let changes = server.changes.subscribe { subscription.wants($0) }
        let stream = EventStream(EventStream.Traits(configuration.streams), clock: clock) { _ in changes.end() }
        let response = codec.message(.result(.object(subscription.result)), to: id)
        let close: @Sendable () -> Void = {
            stream.finish(response)
            changes.end()
        }
        let place: UInt64
        switch longStreams.enter(holder, close: close) {
        case .number(let number): place = number
        case .draining:
            changes.end()
            return shuttingDown(exchange)
        case .tooMany:
            changes.end()
            let line = "\(configuration.streams.maximumPerSubject) subscriptions are open already; close one first"
            return refusal(Rejection(.rateLimited, line, retryAfter: configuration.streams.keepAlive), in: exchange)
        }
        stream.offer(subscription.acknowledgement.json.serialized)
        var terms = EventStream.Terms(expiry: principal?.expiration)
        terms.problem = problem(of: exchange)
        terms.end = { stream, line in
            stream.note(line)
            close()
        }
        let pieces = stream.attach(terms: terms)
        Task { [longStreams] in
            while let change = await changes.next() {
                guard let message = subscription.message(for: change, task: task) else { continue }
                await stream.send(message.json.serialized)
            }
            longStreams.release(place, of: holder)
        }
        return .events(pieces)
    }
}
