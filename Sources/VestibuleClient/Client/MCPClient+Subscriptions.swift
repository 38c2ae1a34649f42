internal import Synchronization
public import VestibuleProtocol

/// What a server says about what somebody subscribed to, until the subscription is cancelled or lost for good.
///
/// To be read by one reader. One that is slow misses the oldest of more than 1,000 notifications.
public struct Subscription: AsyncSequence, Sendable {
    public typealias Element = ServerNotification

    /// What the server agreed to tell, which may be less than was asked for.
    public let honoured: SubscriptionFilter
    let stream: AsyncThrowingStream<ServerNotification, any Error>
    let task: Task<Void, Never>

    public func makeAsyncIterator() -> AsyncThrowingStream<ServerNotification, any Error>.Iterator {
        stream.makeAsyncIterator()
    }

    /// Ends it. The server is told; the notifications end.
    public func cancel() async {
        task.cancel()
        await task.value
    }
}

extension MCPClient {
    /// Subscribes to changes of lists and of resources, in either era.
    ///
    /// In the modern era this is a stream of its own (`subscriptions/listen`), opened again where it breaks. In the legacy
    /// era each resource is subscribed to (`resources/subscribe`), again in each new session, and what is told comes
    /// through the session's own stream.
    ///
    /// - Throws: ``MCPClientError`` where the server does not agree; the subscription itself throws where it is lost, and
    ///   five tries in a row do not bring it back.
    public func subscribe(to filter: SubscriptionFilter) async throws -> Subscription {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: ServerNotification.self, bufferingPolicy: .bufferingNewest(1_000))
        let (acknowledged, acknowledge) = AsyncThrowingStream.makeStream(
            of: SubscriptionFilter.self, bufferingPolicy: .bufferingNewest(1))
        let isModern = try await standing().codec.isModern
        let task = state.withLock { state in
            let number = state.nextSubscription
            state.nextSubscription += 1
            let task = Task { [self] in
                // Begins when the lock is free again, so what it takes out here has been put in.
                defer { _ = self.state.withLock { $0.subscriptions.removeValue(forKey: number) } }
                do {
                    if isModern {
                        try await listen(to: filter, acknowledge, continuation)
                    } else {
                        try await follow(filter, acknowledge, continuation)
                    }
                    acknowledge.finish()
                    continuation.finish()
                } catch {
                    acknowledge.finish(throwing: error)
                    continuation.finish(throwing: error is CancellationError ? nil : error)
                }
            }
            if state.isClosed { task.cancel() } else { state.subscriptions[number] = task }
            return task
        }
        continuation.onTermination = { _ in task.cancel() }
        let patience = Patience(
            clock: clock, timeout: configuration.handshakeTimeout, maximum: configuration.handshakeTimeout)
        do {
            let honoured = try await patience.limit("subscriptions/listen") {
                for try await filter in acknowledged { return filter }
                throw MCPClientError(.protocolViolation, "subscriptions/listen: the server ended it at once")
            }
            return Subscription(honoured: honoured, stream: stream, task: task)
        } catch {
            task.cancel()
            throw error
        }
    }

    /// Keeps a stream of the modern era open.
    private func listen(
        to filter: SubscriptionFilter, _ acknowledge: AsyncThrowingStream<SubscriptionFilter, any Error>.Continuation,
        _ continuation: AsyncThrowingStream<ServerNotification, any Error>.Continuation
    ) async throws {
        var resumption = Resumption(maximum: configuration.maximumResumptions)
        let hasAgreed = Flag()
        var outgoing = Outgoing.request(
            MCPMethod.listen, params: SubscriptionParams(notifications: filter).json.object, phase: .operation)
        outgoing.isRepeatable = true
        while true {
            let agreed = Flag()
            let call = Call(onSubscribed: { method, params in
                if method == MCPMethod.subscriptionAcknowledged {
                    agreed.set()
                    let honoured = params?["notifications"].flatMap(SubscriptionFilter.init)
                    acknowledge.yield(honoured ?? filter)
                    return
                }
                continuation.yield(ServerNotification(method: method, params: params))
            })
            var problem: (any Error)?
            do {
                _ = try await deliver(outgoing, call: call).result(of: outgoing.inWords)
            } catch let error as CancellationError {
                throw error
            } catch {
                problem = error
            }
            if agreed.isSet {
                hasAgreed.set()
                resumption.noteConnection()
            } else if let problem, !hasAgreed.isSet {
                throw problem
            }
            guard let wait = resumption.next() else {
                throw problem
                    ?? MCPClientError(.connection, "subscriptions/listen: the server ends it again and again")
            }
            try await clock.sleep(for: wait)
        }
    }

    /// Follows what comes through the streams of the legacy era.
    private func follow(
        _ filter: SubscriptionFilter, _ acknowledge: AsyncThrowingStream<SubscriptionFilter, any Error>.Continuation,
        _ continuation: AsyncThrowingStream<ServerNotification, any Error>.Continuation
    ) async throws {
        let heard = notifications
        let uris = filter.resourceSubscriptions
        do {
            for uri in uris { try await subscribe(to: uri) }
            acknowledge.yield(filter)
            for await notification in heard where filter.wants(notification) { continuation.yield(notification) }
            await unsubscribe(from: uris)
            try Task.checkCancellation()
        } catch {
            await unsubscribe(from: uris)
            throw error
        }
    }

    private func subscribe(to uri: String) async throws {
        state.withLock { $0.subscribed[ByteKey(uri), default: 0] += 1 }
        _ = try await exchange(.subscription(MCPMethod.subscribe, uri))
    }

    /// A new session knows nothing of what was subscribed to in the old one.
    func subscribeAgain(in standing: Standing) async {
        for uri in state.withLock({ Array($0.subscribed.keys) }) {
            _ = try? await deliver(.subscription(MCPMethod.subscribe, uri.text), in: standing)
        }
    }

    /// What nobody else is subscribed to any more, the server need not watch.
    private func unsubscribe(from uris: [String]) async {
        let last = state.withLock { state in
            uris.filter { uri in
                let count = (state.subscribed[ByteKey(uri)] ?? 0) - 1
                state.subscribed[ByteKey(uri)] = count > 0 ? count : nil
                return count == 0
            }
        }
        guard !last.isEmpty, (try? checkOpen()) != nil else { return }
        // A task of its own, waited for: this one may be cancelled already.
        await Task { [self] in
            for uri in last {
                _ = try? await exchange(.subscription(MCPMethod.unsubscribe, uri), timeout: Self.noticeTime)
            }
        }
        .value
    }
}

extension Outgoing {
    fileprivate static func subscription(_ method: String, _ uri: String) -> Outgoing {
        var outgoing = request(method, params: ["uri": .string(uri)], subject: uri, phase: .operation)
        outgoing.isRepeatable = true
        return outgoing
    }
}

/// Something that happened, once.
private final class Flag: Sendable {
    private let state = Mutex(false)
    func set() { state.withLock { $0 = true } }
    var isSet: Bool { state.withLock { $0 } }
}

extension SubscriptionFilter {
    fileprivate func wants(_ notification: ServerNotification) -> Bool {
        switch notification {
        case .toolsChanged: toolsListChanged
        case .promptsChanged: promptsListChanged
        case .resourcesChanged: resourcesListChanged
        // It may name what lies below the resource.
        case .resourceUpdated(let uri): resourceSubscriptions.contains { uri.utf8.starts(with: $0.utf8) }
        default: false
        }
    }
}
