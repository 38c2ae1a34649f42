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
        if !wanted.taskIDs.isEmpty, !context.clientCapabilities.has(extension: MetaKey.tasksExtension) {
            let needed = TasksExtension.needed
            return await send(
                modern.message(
                    .error(
                        .missingRequiredClientCapability, needed.description,
                        data: ["requiredCapabilities": needed.required.json(for: context.protocolVersion)]), to: id))
        }
        let filter = honoured(wanted)
        let subscription = server.changes.subscribe { filter.admits($0) }
        if let problem = keep(subscription, id) {
            subscription.end()
            return await send(modern.message(ServerReply(.error(problem)), to: id))
        }
        await withoutCounting { await tell(filter, id, subscription) }
        // Ended by the peer, it is over; ended by the server, the peer is told so twice, since it is told in two ways.
        guard drop(id) else { return }
        await notify(
            MCPMethod.cancelled, CancelledParams(requestID: id, reason: "the server ends").json.object ?? [:])
        let result = SubscriptionResult(subscriptionID: id).json.object ?? [:]
        await send(modern.message(.result(.object(result)), to: id))
    }

    private func tell(_ filter: SubscriptionFilter, _ id: RequestID, _ subscription: ChangeSubscription) async {
        let meta: JSONValue = [MetaKey.subscriptionID: id.json]
        await notify(MCPMethod.subscriptionAcknowledged, ["_meta": meta, "notifications": filter.json])
        while let change = await subscription.next() {
            guard let (method, told) = notification(of: change) else { continue }
            var params = told
            var members = told["_meta"]?.object ?? [:]
            members[MetaKey.subscriptionID] = id.json
            params["_meta"] = .object(members)
            await notify(method, params)
        }
    }

    private func notification(of change: ServerChange) -> (method: String, params: JSONObject)? {
        guard case .task(let task) = change else { return change.notification }
        return server.taskNotification(of: task, for: principal?.identity).map { (MCPMethod.taskChanged, $0) }
    }

    /// What of it this server tells of.
    private func honoured(_ wanted: SubscriptionFilter) -> SubscriptionFilter {
        let capabilities = server.capabilities
        let resources = wanted.resourceSubscriptions.prefix(server.configuration.maximumSubscriptions)
        let tasks = wanted.taskIDs.prefix(server.configuration.maximumSubscriptions)
        return SubscriptionFilter(
            toolsListChanged: wanted.toolsListChanged && capabilities.tools?.listChanged == true,
            promptsListChanged: wanted.promptsListChanged && capabilities.prompts?.listChanged == true,
            resourcesListChanged: wanted.resourcesListChanged && capabilities.resources?.listChanged == true,
            resourceSubscriptions: capabilities.resources?.subscribe == true ? Array(resources) : [],
            taskIDs: tasks.filter { server.taskNotification(of: $0, for: principal?.identity) != nil })
    }
}

extension SubscriptionFilter {
    /// Whether the change was asked for.
    func admits(_ change: ServerChange) -> Bool {
        switch change {
        case .tools: toolsListChanged
        case .prompts: promptsListChanged
        case .resources: resourcesListChanged
        case .resource(let uri): resourceSubscriptions.contains { $0.hasSameBytes(as: uri) }
        case .task(let id): taskIDs.contains { $0.hasSameBytes(as: id) }
        }
    }
}

/// Where the messages of a modern request go before its answer: among all others.
private struct ChannelSink: MessageSink {
    let peer: ChannelPeer

    func send(_ message: JSONValue) async { await peer.send(message.serialized) }
}
