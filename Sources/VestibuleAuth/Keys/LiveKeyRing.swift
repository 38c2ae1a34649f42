internal import Synchronization
public import VestibuleProtocol

/// A key ring that follows its file, or its files of shared secrets: a rotation by another process is noticed on use,
/// within 100 ms, with no restart.
///
/// A file is only looked at when somebody asks, and read only when it has changed. One that has become missing or bad
/// changes nothing but ``problem``: the last good keys stay, and the server goes on with them.
public final class LiveKeyRing: Sendable {
    /// What following the files brought.
    public enum News: Sendable {
        /// The keys have changed, by their file or because the date of one has come; this is the ring from now on.
        case changed(KeyRing)
        /// The keys have changed, and an operator should look at something: a line complete in itself.
        case warning(String)
        /// A file cannot be used as it stands; the last good keys stay. Told once, not with every look.
        case problem(KeyError)
    }

    /// How old the last look at the files may be before the next use looks again, in seconds: a hair under 100 ms,
    /// because at today's dates a `Double` knows the time to 0.2 µs only.
    static let interval = 0.1 - 1e-6

    private struct State {
        var source: any KeySource
        var ring: KeyRing
        var lookedAt: NumericDate
        var generation: UInt64 = 0
        /// When time alone changes the ring next.
        var nextChange: NumericDate?

        init(source: any KeySource, ring: KeyRing, now: NumericDate) {
            self.source = source
            self.ring = ring
            self.lookedAt = now
            self.ring.settle(now: now)
            self.nextChange = self.ring.nextChange
        }

        mutating func take(_ ring: KeyRing, now: NumericDate) {
            self.ring = ring
            generation += 1
            settle(now: now)
        }

        /// Leaves the generation as it is: what was found out with the ring knows the dates of its keys.
        mutating func settle(now: NumericDate) {
            ring.settle(now: now)
            nextChange = ring.nextChange
        }
    }

    /// What an operator should look at in the keys as they were first loaded, a line each.
    public let warnings: [String]
    private let clock: any WallClock
    private let observer: @Sendable (News) -> Void
    private let state: Mutex<State>

    /// Follows a ring's file.
    ///
    /// - Parameter observer: Told of what is found later, on the task of whoever asked for a key; must not block.
    /// - Throws: ``KeyError`` where the file holds no usable ring to begin with.
    public convenience init(
        file: KeyRingFile, clock: any WallClock, observer: @escaping @Sendable (News) -> Void = { _ in }
    ) throws(KeyError) {
        let (ring, stamp) = try file.read()
        self.init(KeyRingSource(file: file, stamp: stamp), ring: ring, warnings: [], clock: clock, observer: observer)
    }

    /// Follows files of shared secrets.
    ///
    /// The secret that a changed file held before is remembered as a key of the same `kid` that retired when the change
    /// was noticed, so that its tokens are told so (`key_retired`). There is no overlap: for one, give the old secret a
    /// file of its own with the state `verifying`. At most ``KeyRing/maximumRetiredKeys`` are remembered.
    ///
    /// - Parameter observer: Told of what is found later, on the task of whoever asked for a key; must not block.
    /// - Throws: ``KeyError`` where a file holds no usable secret to begin with, or two hold the same.
    public convenience init(
        secrets: [SharedSecretFile], clock: any WallClock, observer: @escaping @Sendable (News) -> Void = { _ in }
    ) throws(KeyError) {
        let (source, warnings) = try SecretsSource.load(secrets, now: clock.now())
        let ring = try source.ring()
        self.init(source, ring: ring, warnings: warnings, clock: clock, observer: observer)
    }

    /// A ring in memory alone, which changes by ``update(_:)``.
    package convenience init(ring: KeyRing, clock: any WallClock) {
        self.init(NoFile(), ring: ring, warnings: [], clock: clock, observer: { _ in })
    }

    init(
        _ source: any KeySource, ring: KeyRing, warnings: [String], clock: any WallClock,
        observer: @escaping @Sendable (News) -> Void
    ) {
        self.warnings = warnings
        self.clock = clock
        self.observer = observer
        self.state = Mutex(State(source: source, ring: ring, now: clock.now()))
    }

    /// The ring as of at most 100 ms ago.
    public func current() -> KeyRing { snapshot().ring }

    /// The ring as of now, for a token whose key is not in the one at hand.
    public func refreshed() -> KeyRing { snapshot(atOnce: true).ring }

    /// Changes a ring in memory, or leaves it as it was where `change` throws. The ring of a file is what the file says:
    /// change that.
    package func update(_ change: (inout KeyRing) throws(KeyError) -> Void) throws(KeyError) {
        let now = clock.now()
        let problem: KeyError? = state.withLock { state in
            var ring = state.ring
            do throws(KeyError) {
                try change(&ring)
            } catch {
                return error
            }
            state.take(ring, now: now)
            return nil
        }
        if let problem { throw problem }
    }

    /// Why a file as it stands could not be loaded, or `nil` where the ring is that of the files.
    public var problem: KeyError? { state.withLock { $0.source.problem } }

    /// A number that changes whenever the ring does, but for what the dates of its keys alone bring: to key caches with.
    public var generation: UInt64 { snapshot().generation }

    func snapshot(atOnce: Bool = false) -> (ring: KeyRing, generation: UInt64) {
        let now = clock.now()
        var news: [News] = []
        let found = state.withLock { state in
            // By magnitude, because a wall clock may be set back.
            if atOnce || (now - state.lookedAt).magnitude >= Self.interval {
                state.lookedAt = now
                news = Self.look(&state, now: now)
            }
            if let change = state.nextChange, now >= change {
                state.settle(now: now)
                news.append(.changed(state.ring))
            }
            return (state.ring, state.generation)
        }
        // Outside the lock: an observer may ask for the ring.
        for item in news { observer(item) }
        return found
    }

    private static func look(_ state: inout State, now: NumericDate) -> [News] {
        let problem = state.source.problem
        let (ring, warnings) = state.source.look(now: now)
        var news: [News] = []
        if let ring {
            state.take(ring, now: now)
            news.append(.changed(state.ring))
        }
        news += warnings.map(News.warning)
        if let found = state.source.problem, found != problem { news.append(.problem(found)) }
        return news
    }
}
