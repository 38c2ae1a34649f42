internal import Synchronization
public import VestibuleClient

/// A token source that delivers what it was told to, in turn, and remembers what it was asked.
public final class ScriptedTokenSource: TokenSource {
    /// What one question brings.
    public typealias Delivery = @Sendable (TokenRequest) async throws -> IssuedToken

    private struct State {
        var deliveries: [Delivery]
        var requests: [TokenRequest] = []
    }

    public let canRefresh: Bool
    public let canWidenScope: Bool
    private let state: Mutex<State>

    /// - Parameter deliveries: One for each question; the last is repeated.
    public init(canRefresh: Bool = true, canWidenScope: Bool = false, deliveries: [Delivery]) {
        self.canRefresh = canRefresh
        self.canWidenScope = canWidenScope
        self.state = Mutex(State(deliveries: deliveries))
    }

    /// - Parameter tokens: One for each question; the last is repeated.
    public convenience init(canRefresh: Bool = true, canWidenScope: Bool = false, _ tokens: String...) {
        self.init(
            canRefresh: canRefresh, canWidenScope: canWidenScope,
            deliveries: tokens.map { token in { _ in IssuedToken(token) } })
    }

    /// What was asked until now.
    public var requests: [TokenRequest] { state.withLock { $0.requests } }

    public func token(_ request: TokenRequest) async throws -> String { try await issue(request).text }

    public func issue(_ request: TokenRequest) async throws -> IssuedToken {
        let delivery = state.withLock { state -> Delivery? in
            state.requests.append(request)
            return state.deliveries.count > 1 ? state.deliveries.removeFirst() : state.deliveries.first
        }
        guard let delivery else { throw NothingScripted() }
        return try await delivery(request)
    }

    private struct NothingScripted: Error, CustomStringConvertible {
        var description: String { "no delivery was scripted" }
    }
}
