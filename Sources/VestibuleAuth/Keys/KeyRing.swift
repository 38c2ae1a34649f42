public import VestibuleProtocol

/// The keys of one issuer, by name and state. A value: rotating changes a copy, a file or a server holds the result.
public struct KeyRing: Sendable {
    /// The most keys that a ring holds, retired ones included.
    public static let maximumKeys = 64
    /// The most retired keys that a ring remembers; beyond them the one retired longest ago is forgotten.
    public static let maximumRetiredKeys = 32

    /// All keys, in the order in which they were added.
    public internal(set) var keys: [RingKey]

    /// An empty ring.
    public init() {
        self.keys = []
    }

    /// A ring of these keys.
    ///
    /// - Throws: ``KeyError`` where one key occurs twice, more than one is active, or there are too many.
    public init(_ keys: [RingKey]) throws(KeyError) {
        self.init()
        for key in keys { try add(key) }
    }

    /// The key that signs, as the ring is written down: settle it first (``settle(now:)``), or ask for a time.
    public var active: RingKey? {
        keys.first { $0.state.signs }
    }

    /// The key that signs at a time.
    public func active(at now: NumericDate) -> RingKey? {
        keys.first { $0.state.settled(at: now).signs }
    }

    /// The key that takes over by itself at a date: a rotation is under way.
    public var scheduled: RingKey? {
        keys.first { if case .scheduled = $0.state { true } else { false } }
    }

    /// Every key of that name, those that may verify first, then the retired ones, the latest first.
    public func keys(kid: String) -> [RingKey] {
        let named = keys.filter { $0.kid.hasSameBytes(as: kid) }
        return named.count > 1 ? named.sorted { $0.state.rank < $1.state.rank } : named
    }

    /// The key of that name; where several share it, the one that stands closest to being active.
    public subscript(kid kid: String) -> RingKey? {
        keys(kid: kid).first
    }

    /// The same key as it stands in this ring.
    package func held(_ key: RingKey) -> RingKey? {
        keys.first { $0.isSameKey(as: key) }
    }

    /// What verifies at a time: every key but the retired ones.
    public func verifying(at now: NumericDate) -> [RingKey] {
        keys.filter { !$0.state.settled(at: now).isRetired }
    }
}

extension KeyState {
    /// Orders keys of one name by how likely they are meant.
    fileprivate var rank: Double {
        switch self {
        case .active, .leaving: -3e300
        case .next, .scheduled: -2e300
        case .verifying: -1e300
        case .retired(let date): -date.seconds
        }
    }
}
