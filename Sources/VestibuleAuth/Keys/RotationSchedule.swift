public import VestibuleProtocol

/// When a ring's active key is replaced by itself, and how.
public struct RotationSchedule: Sendable, Hashable {
    /// How long a key signs.
    public var every: Duration
    /// How long it goes on verifying afterwards.
    public var overlap: Duration
    /// For how long readers of the published key set go by what they have.
    public var lifetime: Duration
    /// What new keys are for; `nil` for what the active key is for.
    public var algorithm: SigningAlgorithm?

    public init(every: Duration, overlap: Duration, lifetime: Duration, algorithm: SigningAlgorithm? = nil) {
        self.every = every
        self.overlap = overlap
        self.lifetime = lifetime
        self.algorithm = algorithm
    }

    /// When another key is to sign than the one that does; `nil` where none does.
    public func due(_ ring: KeyRing, at now: NumericDate) -> NumericDate? {
        ring.active(at: now).map { due($0) }
    }

    /// When the key, which is active, is to be replaced.
    public func due(_ key: RingKey) -> NumericDate { key.signsSince + every }

    /// When its successor has to be published for that; `nil` where no key signs, or a rotation is under way.
    func begins(_ ring: KeyRing, at now: NumericDate) -> NumericDate? {
        guard let active = ring.active(at: now), !ring.keys.contains(where: { $0.isScheduled(at: now) }) else {
            return nil
        }
        return due(active) - KeyRing.publication(of: algorithm?.signature ?? active.algorithm, lifetime: lifetime)
    }

    /// Begins a rotation, where it is time.
    ///
    /// - Returns: The key that is to sign, or `nil` where it is not time.
    func rotate(_ ring: inout KeyRing, now: NumericDate) throws(KeyError) -> RingKey? {
        ring.settle(now: now)
        guard let date = begins(ring, at: now), now >= date else { return nil }
        var successor: RingKey?
        if let algorithm {
            successor =
                ring.keys.filter { $0.state == .next && $0.canSign && $0.algorithm == algorithm.signature }
                .min { $0.createdAt < $1.createdAt } ?? RingKey.generate(algorithm, createdAt: now)
        }
        return try ring.rotate(to: successor, overlap: overlap, publishedFor: lifetime, now: now)
    }
}

extension RingKey {
    /// Since when the key signs, as far as somebody wrote it down, or else could have.
    public var signsSince: NumericDate {
        // A key of a ring that nobody has settled since it took over.
        if case .scheduled(let date) = state { return date }
        return activeSince ?? createdAt
    }

    fileprivate func isScheduled(at now: NumericDate) -> Bool {
        if case .scheduled = state.settled(at: now) { true } else { false }
    }
}

extension SigningAlgorithm {
    fileprivate var signature: SignatureAlgorithm? { SignatureAlgorithm(rawValue: rawValue) }
}
