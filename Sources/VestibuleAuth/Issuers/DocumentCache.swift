package import VestibuleProtocol

/// What is known of a document that somebody else publishes, and when to ask for it again. No I/O, no clock.
package struct DocumentCache<Value: Sendable, Failure: Error>: Sendable {
    package struct Held: Sendable {
        package var value: Value
        package var fetchedAt: NumericDate
        package var freshUntil: NumericDate
        /// When to fetch it again, so that nobody ever waits for that: some time before it is no longer fresh.
        var refreshAt: NumericDate
        /// Which fetch brought it.
        package var generation: Int
    }

    /// What became of the fetches since the last that brought something.
    struct Trouble: Sendable {
        var error: Failure
        var at: NumericDate
        /// How many failed in a row.
        var count: Int
        /// No fetch before then, whoever asks.
        var nextTry: NumericDate
    }

    package private(set) var held: Held?
    private(set) var trouble: Trouble?
    private var generation = 0
    private var lastForced: NumericDate?

    package init() {}

    /// How long a document is taken as it is, whatever its `Cache-Control` says, and how long without, in seconds.
    static var freshness: ClosedRange<Double> { 60...3600 }
    static var usualFreshness: Double { 600 }
    /// How long an old one serves where no new one can be had.
    static var staleness: Double { 86_400 }
    /// How long to wait after a failure before asking again: so long at most after the first one, then twice as long
    /// each time, up to the second bound.
    static var patience: ClosedRange<Double> { 5...30 }
    /// How long to wait after a fetch that was asked for out of turn before the next of that kind.
    package static var coolDown: Double { 10 }

    /// What to do without asking anybody: the document, or an error that is still fresh; `nil` where a fetch is due.
    ///
    /// - Parameter generation: Of the document that turned out not to be enough: a newer one is wanted.
    package func settled(at now: NumericDate, beyond generation: Int? = nil) -> Result<Held, Failure>? {
        if let held, isFresh(held, at: now) {
            guard generation == held.generation else { return .success(held) }
            if coolingDown(at: now) > 0 { return .success(held) }
        }
        guard let trouble, backingOff(at: now) > 0 else { return nil }
        if let held, isUsable(held, at: now) { return .success(held) }
        return .failure(trouble.error)
    }

    /// The document that may be gone by: a fresh one, or one that has gone stale while no new one can be had.
    func usable(at now: NumericDate) -> Held? {
        guard let held else { return nil }
        return isFresh(held, at: now) || (trouble != nil && isUsable(held, at: now)) ? held : nil
    }

    /// How many seconds there are until the next fetch in turn; 0 where it is due.
    func untilNextTurn(at now: NumericDate) -> Double {
        if trouble != nil { return backingOff(at: now) }
        guard let held, now >= held.fetchedAt else { return 0 }
        return max(0, held.refreshAt - now)
    }

    /// How many seconds nobody is asked because asking failed just now.
    func backingOff(at now: NumericDate) -> Double {
        guard let trouble else { return 0 }
        // A wall clock may be set back; that must not make us wait for ever.
        return now < trouble.at ? 0 : max(0, trouble.nextTry - now)
    }

    /// How many seconds there are until a fetch out of turn may be made.
    func coolingDown(at now: NumericDate) -> Double {
        guard let lastForced, (now - lastForced).magnitude < Self.coolDown else { return 0 }
        return now < lastForced ? Self.coolDown : lastForced + .seconds(Self.coolDown) - now
    }

    /// A fetch begins.
    package mutating func begin(at now: NumericDate, beyond generation: Int?) {
        if generation != nil, generation == held?.generation { lastForced = now }
    }

    /// - Parameter chance: 0 to 1, by which several servers do not all ask at the same time.
    @discardableResult
    package mutating func store(
        _ value: Value, maximumAge: Double?, at now: NumericDate, chance: Double = 0.5
    ) -> Held {
        generation += 1
        let age = min(max(maximumAge ?? Self.usualFreshness, Self.freshness.lowerBound), Self.freshness.upperBound)
        let new = Held(
            value: value, fetchedAt: now, freshUntil: now + .seconds(age),
            refreshAt: now + .seconds(age * (0.7 + 0.1 * chance)), generation: generation)
        held = new
        trouble = nil
        return new
    }

    /// - Parameter chance: 0 to 1, as in ``store(_:maximumAge:at:chance:)``.
    /// - Returns: The old document where it still serves.
    @discardableResult
    package mutating func fail(_ error: Failure, at now: NumericDate, chance: Double = 0.5) -> Result<Held, Failure> {
        let count = (trouble?.count ?? 0) + 1
        var patience = Self.patience.lowerBound
        for _ in 1..<min(max(count, 1), 16) { patience *= 2 }
        patience = min(patience, Self.patience.upperBound) * (0.5 + 0.5 * chance)
        trouble = Trouble(error: error, at: now, count: count, nextTry: now + .seconds(patience))
        if let held, isUsable(held, at: now) { return .success(held) }
        return .failure(error)
    }

    private func isFresh(_ held: Held, at now: NumericDate) -> Bool {
        now < held.freshUntil && now >= held.fetchedAt
    }

    private func isUsable(_ held: Held, at now: NumericDate) -> Bool {
        (now - held.freshUntil) <= Self.staleness
    }
}

/// The seconds of a `max-age` (RFC 9111 §5.2.2.1); 0 for `no-store` and `no-cache`, `nil` where it says nothing.
package func maximumAge(ofCacheControl field: String?) -> Double? {
    guard let field else { return nil }
    for part in field.lowercased().utf8.split(separator: UInt8(ascii: ",")) {
        let directive = String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x22 }, as: UTF8.self)
        if directive == "no-store" || directive == "no-cache" { return 0 }
        if directive.hasPrefix("max-age="), let seconds = Double(directive.dropFirst(8)), seconds >= 0 {
            return seconds
        }
    }
    return nil
}
