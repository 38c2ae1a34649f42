public import VestibuleProtocol

/// Where the token of a ``TokenManager`` stands.
///
/// `idle → initializing → ready → refreshing → ready … → failed | closed`, and back to `idle` where the source gets a
/// token only when the server asks. A failure is not the end: the next caller
/// who wants a token asks the source once more.
public enum TokenState: Sendable, Hashable {
    /// Nobody has asked for a token yet, or the server has not.
    case idle
    /// The first token is being fetched.
    case initializing
    /// A token that is known to be fresh is in memory, or was when it was last looked at.
    case ready
    /// A new token is being fetched.
    case refreshing
    /// The last attempt to get a token failed: why by its stable name, where it has one, and one line for a person.
    case failed(reason: Reason?, message: String)
    /// The manager was closed.
    case closed
}

extension TokenState: CustomStringConvertible {
    /// The state's name, stable: `idle`, `initializing`, `ready`, `refreshing`, `failed`, `closed`.
    public var description: String {
        switch self {
        case .idle: "idle"
        case .initializing: "initializing"
        case .ready: "ready"
        case .refreshing: "refreshing"
        case .failed: "failed"
        case .closed: "closed"
        }
    }
}
