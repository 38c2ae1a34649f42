public import VestibuleProtocol

extension KeyRing {
    /// Adds a key in its state.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/duplicate`` where the ring holds this very key,
    ///   ``KeyError/Code/illegalTransition`` where it would be a second active one, ``KeyError/Code/tooMany`` past
    ///   ``maximumKeys``.
    public mutating func add(_ key: RingKey) throws(KeyError) {
        if let held = keys.first(where: { $0.isSameKey(as: key) }) {
            throw KeyError(.duplicate, "the ring already holds key \(held.label), which is \(held.state.name)")
        }
        if key.state == .active, let active {
            throw KeyError(
                .illegalTransition,
                "key \(active.label) is active already; add \(key.label) as next, or rotate to it")
        }
        keys.append(key)
        forgetOldestRetired()
        guard keys.count <= Self.maximumKeys else {
            keys.removeLast()
            throw KeyError(.tooMany, "the ring holds \(Self.maximumKeys) keys; retire some before adding more")
        }
    }

    /// Makes another key the active one.
    ///
    /// - Parameters:
    ///   - key: The new active key, from the ring (in state `next`) or from outside. By default the ring's oldest
    ///     `next` key or, without one, a newly generated key of the active one's algorithm.
    ///   - overlap: How long the old active key goes on verifying; zero retires it at once. Never negative.
    ///   - now: When the rotation happens.
    /// - Returns: The new active key.
    /// - Throws: ``KeyError`` where there is nothing to rotate to, or `key` was retired or cannot sign. The ring is then
    ///   unchanged.
    @discardableResult
    public mutating func rotate(
        to key: RingKey? = nil, overlap: Duration, now: NumericDate
    ) throws(KeyError) -> RingKey {
        guard overlap >= .zero else {
            throw KeyError(.illegalTransition, "an overlap cannot be negative; zero retires the old key at once")
        }
        var ring = self
        var successor = try successor(key, now: now)
        guard successor.canSign else {
            throw KeyError(.cannotSign, "key \(successor.label) has no private half here and cannot become active")
        }
        for index in ring.keys.indices where ring.keys[index].state == .active {
            if overlap > .zero {
                ring.keys[index].state = .verifying(until: now + overlap)
            } else {
                ring.keys[index].retire(at: now)
            }
        }
        successor.state = .active
        if let index = ring.keys.firstIndex(where: { $0.isSameKey(as: successor) }) {
            ring.keys[index].state = .active
        } else {
            try ring.add(successor)
        }
        ring.forgetOldestRetired()
        self = ring
        return successor
    }

    private func successor(_ key: RingKey?, now: NumericDate) throws(KeyError) -> RingKey {
        if let key {
            guard let held = keys.first(where: { $0.isSameKey(as: key) }) else { return key }
            guard held.state == .next else {
                throw KeyError(
                    .illegalTransition, "key \(held.label) is \(held.state.name); only a next or a new key can follow")
            }
            return held
        }
        if let next = keys.filter({ $0.state == .next }).min(by: { $0.createdAt < $1.createdAt }) { return next }
        guard let active else {
            throw KeyError(.noActiveKey, "the ring has neither an active nor a next key; add one")
        }
        guard let algorithm = SigningAlgorithm(active.algorithm) else {
            throw KeyError(
                .cannotSign, "\(active.algorithm.rawValue) is only verified here; rotate to a key that can sign")
        }
        return RingKey.generate(algorithm, createdAt: now)
    }

    /// Retires the keys of that name that are not retired yet. Its tokens are refused from then on, by name.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/unknownKey`` or, for the active key,
    ///   ``KeyError/Code/illegalTransition``: rotate with no overlap instead, so that there is one to sign with.
    public mutating func retire(kid: String, now: NumericDate) throws(KeyError) {
        let held = keys.filter { $0.kid.hasSameBytes(as: kid) }
        guard !held.isEmpty else {
            let known = keys.isEmpty ? "none" : keys.prefix(10).map(\.kid.quoted).joined(separator: ", ")
            throw KeyError(.unknownKey, "the ring holds no key \(kid.quoted); it holds \(known)")
        }
        let live = held.filter { !$0.state.isRetired && $0.state != .active }
        guard !live.isEmpty else {
            let state = held.contains { $0.state == .active } ? "active" : "retired already"
            throw KeyError(
                .illegalTransition,
                "key \(kid.quoted) is \(state)"
                    + (state == "active"
                        ? "; rotate without overlap (`vestibule keys rotate --now`), which retires it and puts another "
                            + "in its place" : ""))
        }
        for index in keys.indices where live.contains(where: { $0.isSameKey(as: keys[index]) }) {
            keys[index].retire(at: now)
        }
        forgetOldestRetired()
    }

    /// Writes down what time has done: verifying keys whose date has come are retired as of that date.
    public mutating func settle(now: NumericDate) {
        for index in keys.indices {
            if case .retired(let date) = keys[index].state.settled(at: now), !keys[index].state.isRetired {
                keys[index].retire(at: date)
            }
        }
        forgetOldestRetired()
    }

    private mutating func forgetOldestRetired() {
        while keys.count(where: \.state.isRetired) > Self.maximumRetiredKeys {
            let oldest = keys.indices.filter { keys[$0].state.isRetired }
                .min { keys[$0].retiredAt < keys[$1].retiredAt }
            guard let oldest else { return }
            keys.remove(at: oldest)
        }
    }
}

extension RingKey {
    /// A retired key is only ever recognised, so its private half goes, where there is one.
    fileprivate mutating func retire(at date: NumericDate) {
        state = .retired(at: date)
        material = material.verifyingOnly
    }

    fileprivate var retiredAt: NumericDate {
        if case .retired(let date) = state { date } else { NumericDate(.infinity) }
    }
}
