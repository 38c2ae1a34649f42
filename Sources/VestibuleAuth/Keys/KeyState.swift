public import VestibuleProtocol

/// Where a key stands in its life.
///
/// The legal transitions are `next → active` (``KeyRing/rotate(to:overlap:now:)``), `active → verifying` (a rotation
/// with overlap), `active → retired` (a rotation without), `verifying → retired` (its time is up, or
/// ``KeyRing/retire(kid:now:)``) and `next → retired` (given up before it was used). Nothing leaves `retired`.
public enum KeyState: Sendable, Hashable {
    /// Published so that verifiers know it in time; verifies, does not sign yet.
    case next
    /// Signs and verifies. A ring has at most one such key.
    case active
    /// Does not sign any more; verifies until the date.
    case verifying(until: NumericDate)
    /// Kept only to be recognised: never verifies a token.
    case retired(at: NumericDate)

    /// The state's name in files and listings: `next`, `active`, `verifying`, `retired`.
    public var name: String {
        switch self {
        case .next: "next"
        case .active: "active"
        case .verifying: "verifying"
        case .retired: "retired"
        }
    }

    /// The state at a time: a verifying key whose date has come is retired, whether or not anybody wrote it down.
    public func settled(at now: NumericDate) -> KeyState {
        if case .verifying(let until) = self, now >= until { .retired(at: until) } else { self }
    }

    public var isRetired: Bool {
        if case .retired = self { true } else { false }
    }
}
