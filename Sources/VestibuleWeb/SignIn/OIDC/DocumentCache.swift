internal import VestibuleProtocol

/// What is known of a document that somebody else publishes, and when to ask for it again. No I/O.
struct DocumentCache<Value: Sendable>: Sendable {
    struct Held: Sendable {
        var value: Value
        var fetchedAt: NumericDate
        var freshUntil: NumericDate
        /// Which fetch brought it.
        var generation: Int
    }

    private(set) var held: Held?
    private var generation = 0
    private var failure: (error: OIDCFailure, at: NumericDate)?
    private var lastForced: NumericDate?

    /// How long a document is taken as it is, whatever its `Cache-Control` says, and how long without.
    static var freshness: ClosedRange<Double> { 60...3600 }
    static var usualFreshness: Double { 600 }
    /// How long an old one serves where no new one can be had.
    static var staleness: Double { 86_400 }
    /// How long to wait after a failure before asking again.
    static var patience: Double { 5 }
    /// How long to wait after a fetch that was asked for out of turn before the next of that kind.
    static var coolDown: Double { 10 }

    /// What to do without asking anybody: the document, or an error that is still fresh; `nil` where a fetch is due.
    ///
    /// - Parameter generation: Of the document that turned out not to be enough: a newer one is wanted.
    func settled(at now: NumericDate, beyond generation: Int? = nil) -> Result<Held, OIDCFailure>? {
        if let held, isFresh(held, at: now) {
            guard generation == held.generation else { return .success(held) }
            if let lastForced, isWithin(Self.coolDown, lastForced, now) { return .success(held) }
        }
        guard let failure, isWithin(Self.patience, failure.at, now) else { return nil }
        if let held, isUsable(held, at: now) { return .success(held) }
        return .failure(failure.error)
    }

    /// A fetch begins.
    mutating func begin(at now: NumericDate, beyond generation: Int?) {
        if generation != nil, generation == held?.generation { lastForced = now }
    }

    mutating func store(_ value: Value, maximumAge: Double?, at now: NumericDate) -> Held {
        generation += 1
        let age = min(max(maximumAge ?? Self.usualFreshness, Self.freshness.lowerBound), Self.freshness.upperBound)
        let new = Held(value: value, fetchedAt: now, freshUntil: now + .seconds(age), generation: generation)
        held = new
        failure = nil
        return new
    }

    /// - Returns: The old document where it still serves.
    mutating func fail(_ error: OIDCFailure, at now: NumericDate) -> Result<Held, OIDCFailure> {
        failure = (error, now)
        if let held, isUsable(held, at: now) { return .success(held) }
        return .failure(error)
    }

    private func isFresh(_ held: Held, at now: NumericDate) -> Bool {
        now < held.freshUntil && now >= held.fetchedAt
    }

    private func isUsable(_ held: Held, at now: NumericDate) -> Bool {
        (now - held.freshUntil) <= Self.staleness
    }

    /// By magnitude, because a wall clock may be set back.
    private func isWithin(_ seconds: Double, _ date: NumericDate, _ now: NumericDate) -> Bool {
        (now - date).magnitude < seconds
    }
}

/// The seconds of a `max-age` (RFC 9111 §5.2.2.1); 0 for `no-store` and `no-cache`, `nil` where it says nothing.
func maximumAge(ofCacheControl field: String?) -> Double? {
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
