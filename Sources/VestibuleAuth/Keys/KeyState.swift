public import VestibuleProtocol

/// Where a key stands in its life.
///
/// The legal transitions are `next → active` (``KeyRing/rotate(to:overlap:publishedFor:now:)``), `active → verifying` (a
/// rotation with overlap), `active → retired` (a rotation without), `verifying → retired` (its time is up, or
/// ``KeyRing/retire(kid:now:)``) and `next → retired` (given up before it was used). Nothing leaves `retired`.
///
/// Three states have a date at which they become another by themselves, whether or not anybody writes it down: see
/// ``settled(at:)``.
public enum KeyState: Sendable, Hashable {
    /// Published so that verifiers know it in time; verifies, does not sign yet.
    case next
    /// As `next`, and signs from the date on: the second half of a rotation under way. A ring has at most one.
    case scheduled(from: NumericDate)
    /// Signs and verifies. A ring has at most one such key, or one that leaves.
    case active
    /// As `active` up to the date at which its successor takes over; from then on it verifies until `until`, which is
    /// the same date where there is no overlap.
    case leaving(at: NumericDate, until: NumericDate)
    /// Does not sign any more; verifies until the date.
    case verifying(until: NumericDate)
    /// Kept only to be recognised: never verifies a token.
    case retired(at: NumericDate)

    /// The state's name in files and listings: `next`, `active`, `verifying`, `retired`.
    public var name: String {
        switch self {
        case .next, .scheduled: "next"
        case .active, .leaving: "active"
        case .verifying: "verifying"
        case .retired: "retired"
        }
    }

    /// The state at a time: what a date has brought, whether or not anybody wrote it down.
    public func settled(at now: NumericDate) -> KeyState {
        switch self {
        case .scheduled(let from) where now >= from: .active
        case .leaving(_, let until) where now >= until: .retired(at: until)
        case .leaving(let date, let until) where now >= date: .verifying(until: until)
        case .verifying(let until) where now >= until: .retired(at: until)
        case .next, .scheduled, .active, .leaving, .verifying, .retired: self
        }
    }

    /// The next date at which time alone makes another state of this one.
    var nextChange: NumericDate? {
        switch self {
        case .scheduled(let date), .leaving(let date, _), .verifying(let date): date
        case .next, .active, .retired: nil
        }
    }

    /// Whether the key is the one to sign with, for now.
    public var signs: Bool {
        switch self {
        case .active, .leaving: true
        case .next, .scheduled, .verifying, .retired: false
        }
    }

    /// Whether the key has yet to sign.
    public var isNext: Bool {
        switch self {
        case .next, .scheduled: true
        case .active, .leaving, .verifying, .retired: false
        }
    }

    public var isRetired: Bool {
        if case .retired = self { true } else { false }
    }
}
