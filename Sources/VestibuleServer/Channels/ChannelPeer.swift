internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// One peer of a channel: its messages in, the server's out, until it closes its side.
final class ChannelPeer: Sendable {
    private struct State {
        var session: SessionState?
        /// Whether the session's client has said that it is ready.
        var isInitialized = false
        /// All requests that are served, subscriptions among them.
        var running = 0
        var listening = 0
        var subscriptions: [RequestID: ChangeSubscription] = [:]
        var isEnding = false
        var idle: CheckedContinuation<Void, Never>?
    }

    let server: MCPServer
    let channel: any MessageChannel
    let principal: Principal?
    let configuration: ChannelConfiguration
    let questions: ChannelQuestions
    let modern: ModernCodec
    /// Within what the ids of the peer's requests are its own.
    let scope = ByteKey(RandomID.make())
    private let state = Mutex(State())

    init(
        _ server: MCPServer, _ channel: any MessageChannel, principal: Principal?, _ configuration: ChannelConfiguration
    ) {
        self.server = server
        self.channel = channel
        self.principal = principal
        self.configuration = configuration
        self.questions = ChannelQuestions(channel, timeout: configuration.questionTimeout, clock: server.clock)
        self.modern = ModernCodec(server)
    }

    func serve() async throws {
        let failure = await withDiscardingTaskGroup { group -> (any Error)? in
            var failure: (any Error)?
            reading: while true {
                do {
                    guard let message = try await channel.receive() else { break reading }
                    await take(message, in: &group)
                } catch let error as MessageTooLong {
                    await answer(
                        nil, RPCError(.invalidRequest, "a message may have at most \(error.limit) bytes; send less"))
                } catch {
                    if !(error is CancellationError) { failure = error }
                    break reading
                }
            }
            await finish(&group)
            return failure
        }
        if let failure { throw failure }
    }

    /// The peer sends nothing more: what waits for it ends at once, what runs soon. Whoever leaves the group waits for it.
    private func finish(_ group: inout DiscardingTaskGroup) async {
        questions.end()
        let subscriptions = state.withLock { state in
            state.isEnding = true
            return Array(state.subscriptions.values)
        }
        for subscription in subscriptions { subscription.end() }
        if !Task.isCancelled {
            let (clock, drain) = (server.clock, configuration.drain)
            await withTaskGroup(of: Void.self) { race in
                race.addTask { await self.untilIdle() }
                race.addTask { try? await clock.sleep(for: drain) }
                await race.next()
                self.wakeWhoeverWaitsForIdleness()
                race.cancelAll()
            }
        }
        await channel.close()
        group.cancelAll()
    }

    // MARK: - What comes

    private func take(_ message: [UInt8], in group: inout DiscardingTaskGroup) async {
        let limits = JSONLimits(maximumSize: configuration.maximumMessageSize)
        if MessageBatch.isBatch(message), session?.version == .v2025_03_26 {
            do {
                for range in try MessageBatch.split(message, limits: limits) {
                    await takeOne(Array(message[range]), limits, in: &group)
                }
            } catch {
                await answer(error.requestID, error.rpcError)
            }
        } else {
            await takeOne(message, limits, in: &group)
        }
    }

    private func takeOne(_ message: [UInt8], _ limits: JSONLimits, in group: inout DiscardingTaskGroup) async {
        let envelope: Envelope
        do {
            envelope = try Envelope.scan(message, limits: limits)
        } catch {
            return await answer(error.requestID, error.rpcError)
        }
        // A channel has no headers; what a message says of itself is all there is.
        let claim = envelope.claimedVersion.map(SingleField.value) ?? .absent
        switch (EraClassifier.verdict(of: envelope, header: claim), envelope.kind) {
        case (.malformed(let error, _), .request(let id)): await answer(id, error)
        case (.malformed, _), (.passedOver, _): break
        case (.modern(let version), .request(let id)):
            await start(id, in: &group) { await self.serveModern(id, envelope, message, version) }
        case (.modern, .notification): receive(envelope, message)
        // Clients of this era send no responses.
        case (.modern, .response): break
        case (.legacy, .request(let id)): await takeLegacy(id, envelope, message, in: &group)
        case (.legacy, .notification):
            if envelope.method.hasSameBytes(as: MCPMethod.initialized), let session, isInitializedFirst() {
                group.addTask { await self.tellChanges(to: session) }
            }
            receive(envelope, message)
        case (.legacy, .response(let id)): questions.answer(id, message)
        }
    }

    private func receive(_ notification: Envelope, _ message: [UInt8]) {
        server.receive(notification, body: message, scope: scope)
        guard notification.method.hasSameBytes(as: MCPMethod.cancelled),
            let params = try? CancelledParams(json: try notification.parsedParams(in: message))
        else { return }
        state.withLock { $0.subscriptions.removeValue(forKey: params.requestID) }?.end()
    }

    /// Has a request served beside others, if there is room.
    func start(
        _ id: RequestID, in group: inout DiscardingTaskGroup, _ serve: @escaping @Sendable () async -> Void
    ) async {
        let isStarted = state.withLock { state in
            guard state.running - state.listening < configuration.maximumRunning else { return false }
            state.running += 1
            return true
        }
        guard isStarted else {
            let message = "\(configuration.maximumRunning) requests of this client run already; wait for an answer"
            return await answer(id, RPCError(429, message))
        }
        group.addTask {
            await serve()
            self.ended()
        }
    }

    private func ended() {
        let idle: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return nil }
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    private func untilIdle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.running == 0 || Task.isCancelled { return true }
                state.idle = continuation
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func wakeWhoeverWaitsForIdleness() {
        let idle = state.withLock { state in
            defer { state.idle = nil }
            return state.idle
        }
        idle?.resume()
    }

    // MARK: - Sessions and subscriptions

    var session: SessionState? { state.withLock { $0.session } }

    /// - Returns: whether the peer had none before.
    func open(_ session: SessionState) -> Bool {
        state.withLock { state in
            guard state.session == nil else { return false }
            state.session = session
            return true
        }
    }

    /// - Returns: whether the client says for the first time that it is ready.
    private func isInitializedFirst() -> Bool {
        state.withLock { state in
            defer { state.isInitialized = true }
            return !state.isInitialized
        }
    }

    /// Keeps a subscription, to be ended by the peer's cancellation or its end.
    ///
    /// - Returns: why it is refused.
    func keep(_ subscription: ChangeSubscription, _ id: RequestID) -> RPCError? {
        state.withLock { state in
            guard !state.isEnding else { return RPCError(.internalError, "the connection ends") }
            guard state.subscriptions[id] == nil else {
                return RPCError(.invalidRequest, "a subscription of that id is open already")
            }
            guard state.subscriptions.count < configuration.maximumSubscriptions else {
                return RPCError(
                    429, "\(configuration.maximumSubscriptions) subscriptions are open already; cancel one first")
            }
            state.subscriptions[id] = subscription
            return nil
        }
    }

    /// - Returns: whether it was still kept, so that its end is the server's and not the peer's.
    func drop(_ id: RequestID) -> Bool {
        state.withLock { $0.subscriptions.removeValue(forKey: id) != nil }
    }

    var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Serves a request that lasts as long as the peer likes, and does not count against the others.
    func withoutCounting(_ body: () async -> Void) async {
        state.withLock { $0.listening += 1 }
        await body()
        state.withLock { $0.listening -= 1 }
    }

    // MARK: - What goes

    func send(_ message: [UInt8]) async {
        // Nobody reads any more: what was to be said is said to nobody.
        try? await channel.send(message)
    }

    func notify(_ method: String, _ params: JSONObject?) async {
        await send(RPCMessage.notification(method: method, params: params).json.serialized)
    }

    private func answer(_ id: RequestID?, _ error: RPCError) async {
        await send(RPCMessage.error(id: id, error).json.serialized)
    }
}
