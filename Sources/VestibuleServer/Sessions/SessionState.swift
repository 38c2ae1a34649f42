internal import Synchronization
package import VestibuleProtocol

/// What a legacy session settled at its `initialize` and asked for since, whatever carries it.
package final class SessionState: Sendable {
    private struct State {
        var logLevel: LogLevel?
        var subscriptions: Set<ByteKey> = []
    }

    package let version: ProtocolVersion
    package let clientInfo: Implementation?
    package let capabilities: ClientCapabilities
    private let maximumSubscriptions: Int
    private let state = Mutex(State())

    package init(
        version: ProtocolVersion, clientInfo: Implementation? = nil,
        capabilities: ClientCapabilities = ClientCapabilities(), maximumSubscriptions: Int = 1000
    ) {
        self.version = version
        self.clientInfo = clientInfo
        self.capabilities = capabilities
        self.maximumSubscriptions = maximumSubscriptions
    }

    /// What `logging/setLevel` said last.
    package var logLevel: LogLevel? {
        get { state.withLock { $0.logLevel } }
        set { state.withLock { $0.logLevel = newValue } }
    }

    /// - Returns: Whether there was room; what is subscribed already needs none.
    package func subscribe(to uri: String) -> Bool {
        let key = ByteKey(uri)
        return state.withLock { state in
            guard state.subscriptions.count < maximumSubscriptions || state.subscriptions.contains(key) else {
                return false
            }
            state.subscriptions.insert(key)
            return true
        }
    }

    package func unsubscribe(from uri: String) {
        _ = state.withLock { $0.subscriptions.remove(ByteKey(uri)) }
    }

    /// Whether updates of that resource are wanted.
    package func isSubscribed(to uri: String) -> Bool {
        state.withLock { $0.subscriptions.contains(ByteKey(uri)) }
    }
}
