internal import Synchronization
internal import VestibuleProtocol

/// Something about the server changed that clients may want to hear of.
package enum ServerChange: Sendable, Hashable {
    case tools
    case prompts
    /// The list of resources, not the contents of one.
    case resources
    /// The contents of the resource with that URI.
    case resource(String)
    /// The state of the task with that id.
    case task(String)

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.tools, .tools), (.prompts, .prompts), (.resources, .resources): true
        case (.resource(let left), .resource(let right)), (.task(let left), .task(let right)):
            left.hasSameBytes(as: right)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .tools: hasher.combine(0)
        case .prompts: hasher.combine(1)
        case .resources: hasher.combine(2)
        case .resource(let uri):
            hasher.combine(3)
            uri.hashBytes(into: &hasher)
        case .task(let id):
            hasher.combine(4)
            id.hashBytes(into: &hasher)
        }
    }
}

/// Spreads changes among those who listen: streams of sessions, subscriptions, pipes.
///
/// Whoever announces a change waits for nobody.
package final class ChangeHub: Sendable {
    private struct State {
        var subscriptions: [UInt64: ChangeSubscription] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ change: ServerChange) {
        let subscriptions = state.withLock { Array($0.subscriptions.values) }
        for subscription in subscriptions { subscription.offer(change) }
    }

    /// Listens until the subscription is ended, or nobody holds it any more.
    ///
    /// - Parameters:
    ///   - limit: how many changes wait at most to be heard.
    ///   - isWanted: asked for each change where it is announced; must not block.
    package func subscribe(
        limit: Int = ChangeSubscription.defaultLimit, isWanted: @escaping @Sendable (ServerChange) -> Bool
    ) -> ChangeSubscription {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let subscription = ChangeSubscription(limit: limit, isWanted: isWanted) { [weak self] in
                _ = self?.state.withLock { $0.subscriptions.removeValue(forKey: number) }
            }
            state.subscriptions[number] = subscription
            return subscription
        }
    }

    package var count: Int { state.withLock { $0.subscriptions.count } }
}

/// The changes that one listener has not heard of yet, each once, in the order in which they came.
///
/// At the bound the oldest is given up: a listener that is so far behind reads anew what it cares for when it hears
/// of the rest.
package final class ChangeSubscription: Sendable {
    package static let defaultLimit = 1000

    private struct State {
        var waiting: [ServerChange] = []
        var known: Set<ServerChange> = []
        var listener: CheckedContinuation<ServerChange?, Never>?
        var isEnded = false
    }

    private let limit: Int
    private let isWanted: @Sendable (ServerChange) -> Bool
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())

    fileprivate init(
        limit: Int, isWanted: @escaping @Sendable (ServerChange) -> Bool, onEnd: @escaping @Sendable () -> Void
    ) {
        self.limit = max(1, limit)
        self.isWanted = isWanted
        self.onEnd = onEnd
    }

    fileprivate func offer(_ change: ServerChange) {
        guard isWanted(change) else { return }
        let listener: CheckedContinuation<ServerChange?, Never>? = state.withLock { state in
            guard !state.isEnded else { return nil }
            if let listener = state.listener {
                state.listener = nil
                return listener
            }
            guard state.known.insert(change).inserted else { return nil }
            if state.waiting.count == limit { state.known.remove(state.waiting.removeFirst()) }
            state.waiting.append(change)
            return nil
        }
        listener?.resume(returning: change)
    }

    /// The next change; `nil` once the subscription has ended, or where this task is cancelled. For one task only.
    package func next() async -> ServerChange? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: ServerChange?? = state.withLock { state in
                    if let change = state.waiting.first {
                        state.waiting.removeFirst()
                        state.known.remove(change)
                        return .some(change)
                    }
                    if state.isEnded { return .some(nil) }
                    state.listener = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            end()
        }
    }

    /// Ends the subscription: nothing more is heard.
    package func end() {
        let listener = state.withLock { state in
            state.isEnded = true
            state.waiting = []
            state.known = []
            defer { state.listener = nil }
            return state.listener
        }
        listener?.resume(returning: nil)
        onEnd()
    }
}
