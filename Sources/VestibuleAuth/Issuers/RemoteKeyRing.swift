internal import Synchronization
public import VestibuleProtocol

/// The keys that a remote issuer publishes (RFC 7517 §5), fetched when they are needed and kept.
///
/// While ``keepFresh()`` runs, they are fetched before anybody asks and again before they are no longer fresh, so that
/// no request waits. A token whose key is not among them has them fetched out of turn: once in ten seconds however many
/// such tokens come, and not again for the same key within thirty. Where a fetch fails, the keys at hand serve for a
/// day, and the next try comes after 5 to 30 seconds.
public final class RemoteKeyRing: Sendable {
    /// What fetching brought.
    public enum News: Sendable {
        /// The issuer's keys are others than before, or there are some for the first time.
        case changed(KeyRing)
        /// The keys cannot be fetched. Told once for each outage, and again where the cause is another.
        case failed(Status)
        /// They can be fetched again, and are the same as before.
        case recovered
    }

    /// A fetch of the issuer's keys: its whole key set, and the `max-age` that came with it in seconds.
    ///
    /// - Throws: ``IssuerFailure``, or `CancellationError`.
    package typealias Load = @Sendable () async throws -> (keys: KeyRing, maximumAge: Double?)

    /// Where the keys come from, for a person.
    public let place: String
    private let clock: any WallClock
    private let randomness: @Sendable () -> Double
    private let observer: @Sendable (News) -> Void
    private let load: Load
    private let state = Mutex(RemoteKeys())
    private let flight = SingleFlight<Void>()

    /// - Parameters:
    ///   - randomness: A number from 0 to 1, by which several servers do not all ask at the same time.
    ///   - observer: Told of what fetching brought, on the fetch's task; must not block.
    package init(
        place: String, clock: any WallClock, randomness: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        observer: @escaping @Sendable (News) -> Void = { _ in }, load: @escaping Load
    ) {
        self.place = place
        self.clock = clock
        self.randomness = randomness
        self.observer = observer
        self.load = load
    }

    /// Where an issuer's keys are.
    public enum Location: Sendable {
        /// Where its description says.
        case discovered(IssuerDiscovery)
        /// At this URL.
        case url(String)
    }

    /// - Parameters:
    ///   - algorithms: Those that the issuer may use, as in ``KeyRing/init(published:createdAt:algorithms:)``.
    ///   - fetch: How documents are fetched.
    ///   - randomness: A number from 0 to 1, by which several servers do not all ask at the same time.
    ///   - observer: Told of what fetching brought, on the fetch's task; must not block.
    public convenience init(
        _ location: Location, algorithms: Set<SignatureAlgorithm>? = nil, clock: any WallClock,
        fetch: @escaping IssuerDocument.Fetch, randomness: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        observer: @escaping @Sendable (News) -> Void = { _ in }
    ) {
        let keySet = PublishedKeySet(algorithms: algorithms, clock: clock, fetch: fetch)
        switch location {
        case .url(let url):
            self.init(place: url.shownURL, clock: clock, randomness: randomness, observer: observer) {
                try await keySet.load(from: url)
            }
        case .discovered(let discovery):
            let place = "the place that \(discovery.issuer.shownURL) names"
            self.init(place: place, clock: clock, randomness: randomness, observer: observer) {
                let (metadata, generation) = try await discovery.metadata(after: nil)
                do {
                    return try await keySet.load(from: metadata.jwksURI)
                } catch let failure as IssuerFailure {
                    // Perhaps they have moved.
                    let newer = try? await discovery.metadata(after: generation).metadata
                    guard let newer, !newer.jwksURI.hasSameBytes(as: metadata.jwksURI) else { throw failure }
                    return try await keySet.load(from: newer.jwksURI)
                }
            }
        }
    }

    /// The keys at hand; empty while there are none.
    public func current() -> KeyRing { snapshot().ring }

    /// Fetches the keys, and again whenever it is time, until the task is cancelled.
    public func keepFresh() async {
        while !Task.isCancelled {
            let wait = state.withLock { $0.cache.untilNextTurn(at: clock.now()) }
            do {
                if wait > 0 { try await clock.sleep(for: .seconds(wait)) }
                try await fetch(after: 0) { $0.cache.untilNextTurn(at: $1) > 0 }
            } catch {
                // Only by being cancelled: what fails is remembered, not thrown.
                continue
            }
        }
        flight.cancel()
    }

    /// The keys at hand and a number that changes whenever they do.
    func snapshot() -> (ring: KeyRing, generation: UInt64) {
        let now = clock.now()
        return state.withLock { $0.snapshot(at: now) }
    }

    /// Fetches the keys for a token that those at hand do not verify, where that may help.
    ///
    /// - Parameter generation: Of the keys by which it was judged.
    /// - Returns: whether there are others now.
    func refresh(for question: KeyQuestion, beyond generation: UInt64) async -> Bool {
        // The fetch that is under way may have begun too early to answer; the one after it does.
        for _ in 0..<3 {
            switch state.withLock({ $0.ask(question, beyond: generation, at: clock.now()) }) {
            case .judgeAgain: return true
            case .refuse: return false
            case .fetch(let wait):
                do {
                    try await fetch(after: wait) { state, now in
                        if case .fetch = state.ask(question, beyond: generation, at: now) { false } else { true }
                    }
                } catch {
                    return false
                }
            }
        }
        return snapshot().generation != generation
    }

    /// - Throws: `CancellationError` alone.
    private func fetch(
        after wait: Double, unless isSettled: @escaping @Sendable (inout RemoteKeys, NumericDate) -> Bool
    ) async throws {
        try await flight.value(
            unless: { state.withLock { isSettled(&$0, clock.now()) } ? () : nil },
            work: { [self] in
                if wait > 0 { try await clock.sleep(for: .seconds(wait)) }
                try await fetch()
            })
    }

    private func fetch() async throws {
        state.withLock { $0.begin(at: clock.now()) }
        let news: News?
        do {
            let (keys, age) = try await load()
            news = state.withLock { state in
                let wasFailing = state.cache.trouble != nil
                if state.store(keys, maximumAge: age, at: clock.now(), chance: randomness()) {
                    return .changed(state.ring)
                }
                return wasFailing ? .recovered : nil
            }
        } catch let failure as IssuerFailure {
            news = state.withLock { state in
                let known = state.cache.trouble?.error
                state.fail(failure, at: clock.now(), chance: randomness())
                return known == failure ? nil : .failed(Status(state, at: clock.now()))
            }
        }
        if let news { observer(news) }
    }
}

extension RemoteKeyRing {
    /// What is known of the issuer's keys, for operators.
    public struct Status: Sendable, Hashable {
        /// Whether there are keys by which tokens are judged.
        public var hasKeys: Bool
        /// When they were last fetched; `nil` before the first time.
        public var fetchedAt: NumericDate?
        /// When they are fetched next, at the latest; `nil` before the first time.
        public var nextFetch: NumericDate?
        /// Why the last fetch failed; `nil` where it did not.
        public var failure: IssuerFailure?
        /// When it did.
        public var failedAt: NumericDate?

        init(_ state: borrowing RemoteKeys, at now: NumericDate) {
            hasKeys = state.cache.usable(at: now) != nil
            fetchedAt = state.cache.held?.fetchedAt
            nextFetch = state.cache.trouble?.nextTry ?? state.cache.held?.refreshAt
            failure = state.cache.trouble?.error
            failedAt = state.cache.trouble?.at
        }
    }

    public var status: Status {
        let now = clock.now()
        return state.withLock { Status($0, at: now) }
    }

    /// What is said of a token while there are no keys at hand. Why is for the operator to know: the cause may name what
    /// is nobody's business.
    func unavailable(_ name: String) -> Rejection {
        let status = status
        guard let failedAt = status.failedAt, let next = status.nextFetch else {
            return Rejection(
                .issuerUnavailable, "the keys of \(name.quoted) have not been fetched yet; try again in a moment",
                retryAfter: .seconds(1))
        }
        let wait = max(1, Int(exactly: (next - clock.now()).rounded(.up)) ?? 1)
        return Rejection(
            .issuerUnavailable,
            "no key of \(name.quoted) is at hand: they could not be fetched at \(failedAt), and the server's log says why; "
                + "try again in \(wait) s",
            retryAfter: .seconds(wait))
    }
}
