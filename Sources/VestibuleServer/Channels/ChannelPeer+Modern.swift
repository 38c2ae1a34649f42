internal import VestibuleAuth
internal import VestibuleProtocol

extension ChannelPeer {
    func serveModern(_ id: RequestID, _ envelope: Envelope, _ message: [UInt8], _ version: ProtocolVersion) async {
        let context = RequestContext(
            principal: principal, requestID: RandomID.makeForRequest(), protocolVersion: version,
            party: .declared(
                info: envelope.clientInfo.map { message[$0] },
                capabilities: envelope.clientCapabilities.map { message[$0] }),
            metaBytes: envelope.meta.map { message[$0] },
            logging: server.configuration.offersLogging
                ? envelope.logLevel.flatMap(LogLevel.init).map(LogThreshold.from) ?? .off : .off)
        if envelope.method.hasSameBytes(as: MCPMethod.listen) {
            return await listen(id, envelope, message, context)
        }
        var call = ServerCall(envelope: envelope, body: message, context: context, scope: scope)
        call.sink = ChannelSink(peer: self)
        let reply = await server.perform(call)
        guard !reply.isCancellation else { return }
        await send(modern.message(reply, to: id))
    }

    // MARK: - subscriptions/listen

    private func listen(_ id: RequestID, _ envelope: Envelope, _ message: [UInt8], _ context: RequestContext) async {
        let wanted: SubscriptionFilter
        do {
            wanted = try SubscriptionParams(json: try envelope.parsedParams(in: message)).notifications
        } catch {
            return await send(modern.message(ServerReply(.error(error.rpcError)), to: id))
        }
        if !wanted.taskIDs.isEmpty, !context.clientCapabilities.has(extension: TasksExtension.identifier) {
            return await send(modern.message(ServerReply(.error(TasksExtension.undeclared)), to: id))
        }
        let subscription = Subscription(
            id, requested: wanted, capabilities: server.capabilities,
            maximum: server.configuration.maximumSubscriptions
        ) { task($0) != nil }
        let changes = server.changes.subscribe { subscription.wants($0) }
        if let problem = keep(changes, id) {
            changes.end()
            return await send(modern.message(ServerReply(.error(problem)), to: id))
        }
        await withoutCounting { await tell(subscription, changes) }
        // Ended by the peer, it is over; ended by the server, the peer is told so twice, since it is told in two ways.
        guard drop(id) else { return }
        let params = CancelledParams(requestID: id, reason: "the server ends").json.object
        await notify(MCPMethod.cancelled, params)
        await send(modern.message(.result(.object(subscription.result)), to: id))
    }

    private func tell(_ subscription: Subscription, _ changes: ChangeSubscription) async {
        await send(subscription.acknowledgement.json.serialized)
        while let change = await changes.next() {
            guard let message = subscription.message(for: change, task: task) else { continue }
            await send(message.json.serialized)
        }
    }

    /// What the peer may know of a task.
    private func task(_ id: String) -> JSONObject? { server.taskNotification(of: id, for: principal?.identity) }
}

/// Where the messages of a modern request go before its answer: among all others.
private struct ChannelSink: MessageSink {
    let peer: ChannelPeer

    func send(_ message: JSONValue) async { await peer.send(message.serialized) }
}
