public import VestibuleProtocol

/// What a request's `Authorization` header amounts to.
public enum Credential: Sendable, Hashable {
    /// No token came.
    case absent
    /// A token came and was verified.
    case verified(Principal)
    /// A token, or something in its place, came and was not accepted.
    case rejected(Rejection)

    public var principal: Principal? {
        if case .verified(let principal) = self { principal } else { nil }
    }
}
