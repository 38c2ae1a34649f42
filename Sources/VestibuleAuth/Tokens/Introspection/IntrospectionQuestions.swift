internal import VestibuleProtocol

/// How many questions an issuer gets, and when none. No I/O, no clock.
struct IntrospectionQuestions: Sendable {
    /// About how many tokens the issuer is asked at a time; as many again that it vouched for before.
    static let maximum = 32
    /// How many failures in a row make a pause.
    static let failuresBeforePause = 3
    /// How long the first pause is, the second, and so on, in seconds. The last stays.
    static let pauses: [Double] = [1, 2, 4, 8, 15, 30]

    private struct Pause {
        var start: NumericDate
        var length: Double
        var count: Int
        /// After a pause one question is asked to see whether the issuer is back, and no other beside it.
        var isProbing = false
    }

    private var known = 0
    private var unknown = 0
    private var failures = 0
    private var pause: Pause?
    /// What the operator was told is wrong.
    private var told: String?

    /// A question is to be asked.
    ///
    /// - Parameter isKnown: Whether the issuer vouched for the token before.
    /// - Returns: `nil` where it may be, or how many seconds not.
    mutating func begin(isKnown: Bool, at now: NumericDate) -> Double? {
        if let pause {
            let passed = now - pause.start
            // A wall clock may be set back; that must not make us wait for ever.
            if passed >= 0, passed < pause.length { return pause.length - passed }
            if pause.isProbing { return 1 }
        }
        guard (isKnown ? known : unknown) < Self.maximum else { return 1 }
        if isKnown { known += 1 } else { unknown += 1 }
        self.pause?.isProbing = true
        return nil
    }

    /// A question came to its end.
    mutating func end(
        isKnown: Bool, _ failure: IntrospectionFailure?, at now: NumericDate
    ) -> TokenIntrospection.News? {
        if isKnown { known -= 1 } else { unknown -= 1 }
        guard let failure else {
            defer { self = IntrospectionQuestions(known: known, unknown: unknown) }
            return told == nil ? nil : .recovered
        }
        if failure.concernsAll { fail(at: now) } else { pause = nil }
        defer { told = failure.message }
        return told == failure.message ? nil : .failed(failure.message)
    }

    private mutating func fail(at now: NumericDate) {
        guard let pause else {
            failures += 1
            guard failures >= Self.failuresBeforePause else { return }
            self.pause = Pause(start: now, length: Self.pauses[0], count: 1)
            return
        }
        // Questions from before the pause say nothing new.
        guard pause.isProbing else { return }
        let length = Self.pauses[min(pause.count, Self.pauses.count - 1)]
        self.pause = Pause(start: now, length: length, count: pause.count + 1)
    }

    init() {}

    private init(known: Int, unknown: Int) {
        self.known = known
        self.unknown = unknown
    }
}

/// The questions that are under way, by token, with how many requests wait for each.
struct IntrospectionFlights: Sendable {
    typealias Flight = SingleFlight<Result<Principal, Rejection>>

    private var flights: [TokenDigest: (flight: Flight, waiting: Int)] = [:]

    mutating func join(_ digest: TokenDigest) -> Flight {
        let flight = flights[digest]?.flight ?? Flight()
        flights[digest] = (flight, (flights[digest]?.waiting ?? 0) + 1)
        return flight
    }

    mutating func leave(_ digest: TokenDigest) {
        guard let entry = flights[digest] else { return }
        flights[digest] = entry.waiting > 1 ? (entry.flight, entry.waiting - 1) : nil
    }
}
