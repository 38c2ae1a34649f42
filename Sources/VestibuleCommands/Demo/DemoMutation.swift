/// A part of the cure, switched off: what tests use to show that `vestibule demo` would notice.
enum DemoMutation: Sendable, Hashable, CaseIterable {
    /// The client sends yesterday's cached token with the handshake.
    case sendsCachedTokenOnHandshake
    /// The client goes on sending a token after it was refused.
    case keepsRefusedToken
    /// The client sends no token with operations.
    case sendsNoToken
    /// The key ring forgets a key when it retires it.
    case forgetsRetiredKeys
    /// The server goes on with the keys that it started with.
    case ignoresRotation
}
