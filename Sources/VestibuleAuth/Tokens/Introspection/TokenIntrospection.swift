internal import Synchronization
public import VestibuleProtocol

/// Tokens that only their issuer can judge: it is asked about each (RFC 7662), and the answer is kept for a little while.
///
/// - A good answer counts for ``cache`` from the question on, and never beyond the token's `exp`; a bad one for at most
///   five seconds.
/// - However many requests bring one token at a time, the issuer is asked once; about at most 32 tokens at a time that it
///   never vouched for, and as many others, so that a flood of made-up tokens does not keep the good ones out.
/// - After three failures in a row nobody asks for 1 second, then 2, up to 30.
public final class TokenIntrospection: Sendable {
    /// Which tokens the issuer is asked about.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// Those that are no JWT.
        case opaque
        /// The issuer's JWTs as well, which are then not verified by its keys.
        case all
    }

    public enum News: Sendable, Hashable {
        /// The issuer does not answer, or not as it should. Told once, and again where the cause is another.
        case failed(String)
        /// It does again.
        case recovered
    }

    /// How many good answers are kept, and a quarter as many bad ones.
    static let cacheSize = 4096
    static let maximumBadAge = Duration.seconds(5)

    /// Where the issuer is asked, for a person.
    public let place: String
    public let scope: Scope
    /// How long a good answer counts.
    public let cache: Duration
    public let acceptsMissingAudience: Bool
    private let ask: IntrospectionReply.Ask
    private let observer: @Sendable (News) -> Void
    private let clock: any WallClock
    private let good = TokenCache<Known>(size: TokenIntrospection.cacheSize)
    private let bad = TokenCache<Refused>(size: TokenIntrospection.cacheSize / 4)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - cache: How long a good answer counts; a token that was revoked is accepted for so long at most.
    ///   - acceptsMissingAudience: Whether a token is accepted of which the issuer does not say for whom it is.
    ///   - observer: Told of outages, on the question's task; must not block.
    public init(
        place: String, scope: Scope = .opaque, cache: Duration = .seconds(30), acceptsMissingAudience: Bool = false,
        clock: any WallClock, observer: @escaping @Sendable (News) -> Void = { _ in },
        ask: @escaping IntrospectionReply.Ask
    ) {
        self.place = place
        self.scope = scope
        self.cache = cache
        self.acceptsMissingAudience = acceptsMissingAudience
        self.clock = clock
        self.observer = observer
        self.ask = ask
    }

    // MARK: Judging

    /// Whether the token is one that the issuer is asked about. What can be no token at all is none.
    func takes(_ token: String, of issuer: TrustedIssuer) -> Bool {
        guard token.utf8.count <= CompactToken.maximumLength, TokenShape.accident(token) == nil, token.isBearerToken
        else { return false }
        guard let parsed = try? CompactToken(token) else { return true }
        return scope == .all && parsed.claims["iss"]?.string?.hasSameBytes(as: issuer.issuer) == true
    }

    /// What is known of the token, without asking; `nil` where asking is due.
    ///
    /// - Throws: Why it is refused.
    func remembered(_ token: String, of issuer: TrustedIssuer) throws(Rejection) -> Principal? {
        try remembered(TokenDigest(token), of: issuer, now: clock.now())
    }

    /// Asks the issuer, unless somebody just did.
    ///
    /// - Throws: Why the token is refused: `token_expired` or `token_revoked` where the issuer does not vouch for it,
    ///   `issuer_unavailable` where it cannot be asked.
    func judge(_ token: String, of issuer: TrustedIssuer) async throws(Rejection) -> Principal {
        let digest = TokenDigest(token)
        if let principal = try remembered(digest, of: issuer, now: clock.now()) { return principal }
        let flight = state.withLock { $0.flights.join(digest) }
        defer { state.withLock { $0.flights.leave(digest) } }
        let result: Result<Principal, Rejection>
        do {
            result = try await flight.value(unless: { [self] in settled(digest, of: issuer) }) { [self] in
                await answer(token, digest, of: issuer)
            }
        } catch {
            // The request itself was cancelled; nobody reads this.
            result = .failure(unavailable(wait: 1, issuer))
        }
        return try result.get()
    }

    private func settled(_ digest: TokenDigest, of issuer: TrustedIssuer) -> Result<Principal, Rejection>? {
        do throws(Rejection) {
            return try remembered(digest, of: issuer, now: clock.now()).map { .success($0) }
        } catch {
            return .failure(error)
        }
    }

    private func remembered(
        _ digest: TokenDigest, of issuer: TrustedIssuer, now: NumericDate
    ) throws(Rejection) -> Principal? {
        if let known = good[digest] {
            // Also where the answer no longer counts: what has expired needs no question.
            try known.token.times.check(at: now, for: issuer)
            if known.age.contains(now) { return known.token.principal }
        }
        if let refused = bad[digest] {
            if refused.age.contains(now) { throw refused.rejection }
            bad.remove(digest)
        }
        return nil
    }

    private func answer(
        _ token: String, _ digest: TokenDigest, of issuer: TrustedIssuer
    ) async -> Result<Principal, Rejection> {
        let known = good[digest]
        if let wait = state.withLock({ $0.questions.begin(isKnown: known != nil, at: clock.now()) }) {
            return .failure(unavailable(wait: wait, issuer))
        }
        let asked = clock.now()
        let verdict: Result<IntrospectionVerdict, IntrospectionFailure>
        var length = 0
        do {
            let reply = try await ask(token)
            length = reply.body.count
            verdict = Result { () throws(IntrospectionFailure) in try IntrospectionVerdict(reply) }
        } catch {
            let message = (error as? IssuerFailure)?.message ?? "the question was broken off"
            verdict = .failure(IntrospectionFailure(message: message, concernsAll: error is IssuerFailure))
        }
        let now = clock.now()
        let news = state.withLock { $0.questions.end(isKnown: known != nil, verdict.failure, at: now) }
        if let news { observer(news) }
        return settle(verdict, length: length, digest, known: known, of: issuer, asked: asked, now: now)
    }

    /// What an answer amounts to, remembered for as long as it counts.
    ///
    /// - Parameters:
    ///   - length: The answer's, in bytes.
    ///   - asked: When the question was sent: what a good answer says may be as old as that.
    private func settle(
        _ verdict: Result<IntrospectionVerdict, IntrospectionFailure>, length: Int, _ digest: TokenDigest,
        known: Known?, of issuer: TrustedIssuer, asked: NumericDate, now: NumericDate
    ) -> Result<Principal, Rejection> {
        do throws(Rejection) {
            switch verdict {
            case .success(.active(let claims)):
                let token = try IntrospectedToken(
                    claims, of: issuer, acceptsMissingAudience: acceptsMissingAudience, now: now)
                remember(Known(token: token, length: length, age: Age(asked, cache)), digest)
                return .success(token.principal)
            case .success(.inactive):
                // It was good once, but even a clock that is set back does not make it so again.
                if var known {
                    known.age = Age(now, .zero)
                    remember(known, digest)
                }
                throw Self.inactive(known?.token, of: issuer, now: now)
            case .failure(let failure):
                throw unavailable(wait: failure.concernsAll ? 1 : Self.maximumBadAge.inSeconds, issuer)
            }
        } catch {
            // A failure that concerns everybody is remembered as such, with a pause of its own.
            if case .failure(let failure) = verdict, failure.concernsAll { return .failure(error) }
            bad.insert(Refused(rejection: error, age: Age(now, min(cache, Self.maximumBadAge))), for: digest)
            return .failure(error)
        }
    }

    private func remember(_ known: Known, _ digest: TokenDigest) {
        good.insert(known, for: digest, owner: known.token.principal.identity.hashValue, length: known.length)
    }

    /// RFC 7662 does not say why a token is not active. One that was, and has not expired, was revoked; of any other the
    /// likeliest is that it expired, and a refresh finds out.
    private static func inactive(_ known: IntrospectedToken?, of issuer: TrustedIssuer, now: NumericDate) -> Rejection {
        if let known, now < known.times.expiration {
            return Rejection(
                .tokenRevoked,
                "\(issuer.name.quoted) vouches for the token no longer, though it would be valid until "
                    + "\(known.times.expiration): it was revoked; sign in again")
        }
        return Rejection(
            .tokenExpired,
            "\(issuer.name.quoted) does not vouch for the token: it expired, was revoked, or is not one of its tokens")
    }

    /// What is wrong with the issuer is for the operator to know, who is told by the observer.
    private func unavailable(wait: Double, _ issuer: TrustedIssuer) -> Rejection {
        let seconds = max(1, Int(wait.rounded(.up)))
        return Rejection(
            .issuerUnavailable,
            "only \(issuer.name.quoted) can judge this token, and it cannot be asked at the moment; try again in "
                + "\(seconds) s",
            retryAfter: .seconds(seconds))
    }

    /// What the synchronous check says of a token about which nobody asked yet.
    func unasked(_ issuer: TrustedIssuer) -> Rejection { unavailable(wait: 1, issuer) }
}

extension TokenIntrospection {
    private struct State {
        var flights = IntrospectionFlights()
        var questions = IntrospectionQuestions()
    }

    /// A stretch of time. A clock that is set back before its start leaves it, so that no answer counts for ever.
    private struct Age {
        var start: NumericDate
        var length: Double

        init(_ start: NumericDate, _ length: Duration) {
            self.start = start
            self.length = length.inSeconds
        }

        func contains(_ now: NumericDate) -> Bool { now >= start && now - start < length }
    }

    private struct Known {
        var token: IntrospectedToken
        /// Of the answer, in bytes: about what it takes to remember it.
        var length: Int
        var age: Age
    }

    private struct Refused {
        var rejection: Rejection
        var age: Age
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension String {
    /// Whether the text is one that a bearer token may be (`b64token`, RFC 6750 §2.1).
    fileprivate var isBearerToken: Bool {
        let body = utf8.prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-._~+/".utf8.contains(byte)
            }
        }
        return !body.isEmpty && utf8.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
    }
}
