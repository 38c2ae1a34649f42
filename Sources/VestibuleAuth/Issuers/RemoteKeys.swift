internal import VestibuleProtocol

/// What a token needs of a remote issuer's keys: the key of that name, or a newer one of it.
struct KeyQuestion: Sendable, Hashable {
    private let kid: TokenDigest?

    /// - Parameter kid: `nil` for a token that names none. Kept as its hash: a made-up one may be long.
    init(kid: String?) {
        self.kid = kid.map(TokenDigest.init)
    }
}

/// The keys that an issuer publishes, as far as they are known here, and when to ask for them. No I/O, no clock.
///
/// A key that the issuer publishes no more is remembered as retired, so that its tokens can be told so. It verifies
/// nothing from then on.
struct RemoteKeys: Sendable {
    typealias Cache = DocumentCache<KeyRing, IssuerFailure>

    /// What to do for a token that the keys at hand do not verify.
    enum Answer: Equatable {
        /// There are other keys by now.
        case judgeAgain
        /// Asking would bring nothing: it was done a moment ago, it fails, or too many are waiting for it.
        case refuse
        /// Fetch, so many seconds from now at the earliest, and ask once more.
        case fetch(after: Double)
    }

    /// How many keys that tokens asked for may wait for one fetch; who comes then is refused at once.
    static let maximumPending = 1024
    /// How many keys that the issuer does not have are remembered.
    static let maximumAbsent = 2048
    /// How long they are, in seconds: for as long nobody is asked for the same key again.
    static let absence = 30.0
    /// The generation of having no keys at all.
    static let none = UInt64.max

    private(set) var cache = Cache()
    private(set) var ring = KeyRing()
    private(set) var generation: UInt64 = 0
    /// What the next fetch is to answer, and what the present one does.
    private var pending: Set<KeyQuestion> = []
    private var beingAsked: (questions: Set<KeyQuestion>, since: NumericDate) = ([], NumericDate(0))
    private var absent: [KeyQuestion: NumericDate] = [:]

    /// The keys that tokens are judged by now: none before the first fetch, and none once they are too old to be
    /// relied on.
    func snapshot(at now: NumericDate) -> (ring: KeyRing, generation: UInt64) {
        cache.usable(at: now) == nil ? (KeyRing(), Self.none) : (ring, generation)
    }

    mutating func ask(_ question: KeyQuestion, beyond generation: UInt64, at now: NumericDate) -> Answer {
        let current = snapshot(at: now).generation
        guard current == generation else { return .judgeAgain }
        guard cache.backingOff(at: now) == 0 else { return .refuse }
        guard current != Self.none else { return .fetch(after: 0) }
        if let asked = absent[question], (now - asked).magnitude < Self.absence { return .refuse }
        guard pending.contains(question) || pending.count < Self.maximumPending else { return .refuse }
        pending.insert(question)
        return .fetch(after: cache.coolingDown(at: now))
    }

    /// A fetch begins; whatever is asked from now on, it may not answer.
    mutating func begin(at now: NumericDate) {
        cache.begin(at: now, beyond: pending.isEmpty ? nil : cache.held?.generation)
        beingAsked = (pending, now)
        pending = []
    }

    /// A fetch has brought the issuer's keys.
    ///
    /// - Parameter chance: 0 to 1, at random.
    /// - Returns: whether they are others than before.
    mutating func store(_ published: KeyRing, maximumAge: Double?, at now: NumericDate, chance: Double) -> Bool {
        cache.store(published, maximumAge: maximumAge, at: now, chance: chance)
        for question in beingAsked.questions { absent[question] = beingAsked.since }
        forgetAbsent(at: now)
        beingAsked.questions = []
        return replace(published, at: now)
    }

    mutating func fail(_ failure: IssuerFailure, at now: NumericDate, chance: Double) {
        cache.fail(failure, at: now, chance: chance)
        beingAsked.questions = []
    }

    var absentCount: Int { absent.count }

    private mutating func replace(_ published: KeyRing, at now: NumericDate) -> Bool {
        let merged = ring.replaced(by: published, at: now)
        guard !merged.hasSameKeys(as: ring) || generation == 0 else { return false }
        ring = merged
        generation += 1
        return true
    }

    private mutating func forgetAbsent(at now: NumericDate) {
        guard absent.count > Self.maximumAbsent else { return }
        absent = absent.filter { (now - $0.value).magnitude < Self.absence }
        guard absent.count > Self.maximumAbsent else { return }
        let latest = absent.sorted { $0.value > $1.value }.prefix(Self.maximumAbsent)
        absent = Dictionary(uniqueKeysWithValues: latest.map { ($0.key, $0.value) })
    }
}

extension KeyRing {
    /// Whether both hold the same keys in the same states, in whichever order.
    func hasSameKeys(as other: KeyRing) -> Bool {
        keys.count == other.keys.count
            && keys.allSatisfy { key in other.keys.contains { $0.isSameKey(as: key) && $0.state == key.state } }
    }

    /// The ring after its owner published another set: what is in it no more is remembered as retired, the latest
    /// ones as far as there is room.
    func replaced(by published: KeyRing, at now: NumericDate) -> KeyRing {
        var result = KeyRing()
        result.keys = published.keys.map { key in keys.first { $0.isSameKey(as: key) && !$0.state.isRetired } ?? key }
        let gone = keys.filter { key in !published.keys.contains { $0.isSameKey(as: key) } }
        let retired =
            gone.filter(\.state.isRetired)
            + gone.filter { !$0.state.isRetired }
            .map { key in
                var key = key
                key.state = .retired(at: now)
                return key
            }
        let room = min(Self.maximumRetiredKeys, Self.maximumKeys - result.keys.count)
        result.keys += retired.suffix(max(0, room))
        return result
    }
}
