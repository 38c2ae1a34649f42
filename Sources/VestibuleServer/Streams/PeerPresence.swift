internal import Synchronization

/// Whether whoever sent a request is still there, as the carrier sees it: for calls that end when their client goes
/// (MCP 2026-07-28). One for each connection.
public final class PeerPresence: Sendable {
    private struct State {
        var isGone = false
        var handlers: [UInt64: @Sendable () -> Void] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// The carrier says that the peer has gone, or will read nothing more.
    public func leave() {
        let handlers = state.withLock { state in
            state.isGone = true
            defer { state.handlers = [:] }
            return Array(state.handlers.values)
        }
        for handler in handlers { handler() }
    }

    /// Has the handler called when the peer goes, or at once where it has gone, until ``forget(_:)``.
    func whenGone(_ handler: @escaping @Sendable () -> Void) -> UInt64? {
        let place: UInt64? = state.withLock { state in
            guard !state.isGone else { return nil }
            state.last += 1
            state.handlers[state.last] = handler
            return state.last
        }
        if place == nil { handler() }
        return place
    }

    func forget(_ place: UInt64) {
        state.withLock { $0.handlers[place] = nil }
    }
}
