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
        if key.state.signs, let active {
            throw KeyError(
                .illegalTransition,
                "key \(active.label) is active already; add \(key.label) as next, or rotate to it")
        }
        if case .scheduled = key.state, let scheduled {
            throw KeyError(
                .illegalTransition, "key \(scheduled.label) is to be active already; only one key can be")
        }
        keys.append(key)
        forgetOldestRetired()
        guard keys.count <= Self.maximumKeys else {
            keys.removeLast()
            throw KeyError(.tooMany, "the ring holds \(Self.maximumKeys) keys; retire some before adding more")
        }
    }

    /// Makes another key the active one: now, or by itself once it has been published for long enough.
    ///
    /// - Parameters:
    ///   - key: The new active key, from the ring (in state `next`) or from outside. By default the ring's oldest
    ///     `next` key that can sign or, without one, a newly generated key of the active one's algorithm.
    ///   - overlap: How long the old active key goes on verifying once it signs no more; zero retires it at that moment.
    ///     Never negative.
    ///   - lifetime: For how long readers of the published key set go by what they have. The new key then signs once it
    ///     has been in the ring for long enough that everybody has seen it (``publication(of:lifetime:)``), counted from
    ///     its `createdAt` where it is there already. By default, and in a ring without an active key, it signs at once.
    ///   - now: When the rotation happens, or begins.
    /// - Returns: The new key: active, or scheduled to be.
    /// - Throws: ``KeyError`` where there is nothing to rotate to, `key` was retired or cannot sign, or another rotation
    ///   is under way and this one would have to wait as well. The ring is then unchanged.
    @discardableResult
    public mutating func rotate(
        to key: RingKey? = nil, overlap: Duration, publishedFor lifetime: Duration? = nil, now: NumericDate
    ) throws(KeyError) -> RingKey {
        guard overlap >= .zero else {
            throw KeyError(.illegalTransition, "an overlap cannot be negative; zero retires the old key at once")
        }
        var ring = self
        ring.settle(now: now)
        var successor = try ring.successor(key, now: now)
        guard successor.canSign else {
            throw KeyError(.cannotSign, "key \(successor.label) has no private half here and cannot become active")
        }
        let wait = lifetime.map { Self.publication(of: successor.algorithm, lifetime: $0) } ?? .zero
        let isHeld = ring.keys.contains { $0.isSameKey(as: successor) }
        let date = max(now, (isHeld ? successor.createdAt : now) + wait)
        if date > now, ring.active != nil {
            try ring.schedule(&successor, from: date, overlap: overlap)
        } else {
            ring.activate(&successor, overlap: overlap, now: now)
        }
        if let index = ring.keys.firstIndex(where: { $0.isSameKey(as: successor) }) {
            ring.keys[index] = successor
        } else {
            try ring.add(successor)
        }
        ring.forgetOldestRetired()
        self = ring
        return successor
    }

    private mutating func schedule(
        _ successor: inout RingKey, from date: NumericDate, overlap: Duration
    ) throws(KeyError) {
        if let scheduled, case .scheduled(let from) = scheduled.state {
            throw KeyError(
                .illegalTransition,
                """
                a rotation is under way already: key \(scheduled.label) signs from \(from) on; wait for it, call it off \
                with `vestibule keys retire \(scheduled.kid)`, or have it sign at once with `vestibule keys rotate --now`
                """)
        }
        for index in keys.indices where keys[index].state.signs {
            keys[index].state = .leaving(at: date, until: date + overlap)
        }
        successor.state = .scheduled(from: date)
    }

    private mutating func activate(_ successor: inout RingKey, overlap: Duration, now: NumericDate) {
        for index in keys.indices {
            switch keys[index].state {
            case .active, .leaving:
                if overlap > .zero {
                    keys[index].state = .verifying(until: now + overlap)
                } else {
                    keys[index].retire(at: now)
                }
            // Another key was to be next, and waits again.
            case .scheduled: keys[index].state = .next
            case .next, .verifying, .retired: break
            }
        }
        successor.state = .active
        successor.activeSince = now
    }

    private func successor(_ key: RingKey?, now: NumericDate) throws(KeyError) -> RingKey {
        if let key {
            guard let held = keys.first(where: { $0.isSameKey(as: key) }) else { return key }
            guard held.state.isNext else {
                throw KeyError(
                    .illegalTransition, "key \(held.label) is \(held.state.name); only a next or a new key can follow")
            }
            return held
        }
        if let scheduled { return scheduled }
        // One without its private half only ever verifies: it is passed over where there is another way.
        if let next = keys.filter({ $0.state == .next && $0.canSign }).min(by: { $0.createdAt < $1.createdAt }) {
            return next
        }
        guard let active else {
            if let next = keys.first(where: { $0.state == .next }) { return next }
            throw KeyError(.noActiveKey, "the ring has neither an active nor a next key; add one")
        }
        guard let algorithm = SigningAlgorithm(active.algorithm) else {
            throw KeyError(
                .cannotSign, "\(active.algorithm.rawValue) is only verified here; rotate to a key that can sign")
        }
        return RingKey.generate(algorithm, createdAt: now)
    }

    /// Retires the keys of that name that are not retired yet. Its tokens are refused from then on, by name. Where the
    /// key was to become active, the rotation is called off with it.
    ///
    /// - Throws: ``KeyError`` with ``KeyError/Code/unknownKey`` or, for the active key,
    ///   ``KeyError/Code/illegalTransition``: rotate with no overlap instead, so that there is one to sign with.
    public mutating func retire(kid: String, now: NumericDate) throws(KeyError) {
        let held = keys.filter { $0.kid.hasSameBytes(as: kid) }
        guard !held.isEmpty else {
            let known = keys.isEmpty ? "none" : keys.prefix(10).map(\.kid.quoted).joined(separator: ", ")
            throw KeyError(.unknownKey, "the ring holds no key \(kid.quoted); it holds \(known)")
        }
        let live = held.filter { !$0.state.isRetired && !$0.state.signs }
        guard !live.isEmpty else {
            let state = held.contains { $0.state.signs } ? "active" : "retired already"
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
        if scheduled == nil {
            for index in keys.indices {
                if case .leaving = keys[index].state { keys[index].state = .active }
            }
        }
        forgetOldestRetired()
    }

    /// Writes down what time has done: keys whose dates have come change state as of those dates.
    public mutating func settle(now: NumericDate) {
        for index in keys.indices {
            let (before, after) = (keys[index].state, keys[index].state.settled(at: now))
            guard before != after else { continue }
            if case .scheduled(let date) = before { keys[index].activeSince = date }
            if case .retired(let date) = after { keys[index].retire(at: date) } else { keys[index].state = after }
        }
        forgetOldestRetired()
    }

    /// The next date at which ``settle(now:)`` has something to write down.
    var nextChange: NumericDate? { keys.lazy.compactMap(\.state.nextChange).min() }

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
