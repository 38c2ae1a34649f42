package import VestibuleProtocol

/// The life of a client's token as a pure state machine: events in, actions out. It reads no clock and does no I/O.
///
/// Legal transitions: `idle → initializing → ready | failed`, `ready | failed → refreshing → ready | failed`,
/// `initializing | refreshing → idle` where the source waits for the server to ask, anything → `closed`. At most one flight (a question to the source with everybody who waits for its answer) exists at
/// a time, and one flight asks the source at most twice, so nothing here can loop.
package struct TokenLifecycle: Sendable {
    package typealias Waiter = UInt64
    package typealias Flight = UInt64

    package enum Event: Sendable {
        /// Somebody wants a fresh token.
        case wanted(by: Waiter)
        /// Somebody wants a new token, though the one in memory may be fresh.
        case renewalWanted(by: Waiter)
        /// Somebody wants a token of wider scope than the one that the server found wanting.
        case widerScopeWanted(by: Waiter, scope: [String], insteadOf: TokenDigest)
        /// A waiter no longer waits. The flight goes on.
        case left(Waiter)
        case delivered(IssuedToken, Flight)
        case sourceFailed(MCPClientError, Flight)
        /// The server refused a token.
        case refused(AccessToken, Rejection)
        /// The server asks for a token: what the source is told with every question until it delivers.
        case challenged(BearerChallenge)
        /// The server took a token for an operation.
        case accepted(AccessToken)
        /// The server told the time.
        case dated(NumericDate)
        case closed
    }

    package enum Action: Sendable {
        /// Ask the source; answer with `delivered` or `sourceFailed`.
        case ask(TokenRequest, Flight)
        /// The flight is over: stop whatever was begun for it.
        case endFlight(Flight)
        case resume([Waiter], with: Result<AccessToken, MCPClientError>)
        case announce(TokenState)
    }

    private struct FlightPlan: Sendable {
        let id: Flight
        var waiters: [Waiter]
        var occasion: TokenRequest.Occasion
        /// How many refusals were known when the source was last asked.
        var refusalsKnown: Int
        var mayAskAgain: Bool
        /// Whether the source knows that the server asks.
        var knowsChallenge: Bool
    }

    package private(set) var state: TokenState = .idle
    private var judge: TokenJudge
    private var held: AccessToken?
    private var flight: FlightPlan?
    private var nextFlight: Flight = 1
    /// The scope that step-ups asked for; every later token is asked for with it, lest the next renewal narrows it.
    private var scope: [String] = []
    private var lastRefusal: Rejection?
    private var challenge: BearerChallenge?
    private var refusalCount = 0
    private var hasAskedBefore = false
    private let sourceCanRefresh: Bool

    package init(configuration: TokenManagerConfiguration, sourceCanRefresh: Bool) {
        self.judge = TokenJudge(configuration)
        self.sourceCanRefresh = sourceCanRefresh
    }

    /// How far the server's clock is ahead of this machine's, in seconds, once it is known.
    package var serverOffset: Double? { judge.serverOffset }

    package func serverTime(at now: NumericDate) -> NumericDate { judge.serverTime(at: now) }

    /// The token in memory, if it is fresh.
    package func freshToken(at now: NumericDate) -> AccessToken? {
        held.flatMap { judge.objection(to: $0, at: now) == nil ? $0 : nil }
    }

    package mutating func handle(_ event: Event, at now: NumericDate) -> [Action] {
        switch event {
        case .wanted(let waiter):
            if state == .closed { return [.resume([waiter], with: .failure(.managerClosed))] }
            if let token = freshToken(at: now) { return [.resume([waiter], with: .success(token))] }
            return join(waiter, occasion: occasion, at: now)
        case .renewalWanted(let waiter):
            if state == .closed { return [.resume([waiter], with: .failure(.managerClosed))] }
            return join(waiter, occasion: occasion, at: now)
        case .widerScopeWanted(let waiter, let wanted, let old):
            return widen(to: wanted, insteadOf: old, for: waiter, at: now)
        case .left(let waiter):
            flight?.waiters.removeAll { $0 == waiter }
            return []
        case .delivered(let issued, let id):
            return take(issued, from: id, at: now)
        case .sourceFailed(let error, let id):
            guard let plan = flight, plan.id == id else { return [] }
            if error.code == .signInRequired, challenge != nil, !plan.knowsChallenge {
                // The server has asked meanwhile, which is what the source waits for.
                flight?.knowsChallenge = true
                return [.ask(request(plan.occasion, at: now), id)]
            }
            return fail(error, at: now)
        case .refused(let token, let rejection):
            judge.remember(token, rejection, at: now)
            refusalCount += 1
            lastRefusal = rejection
            if held?.digest == token.digest { held = nil }
            return []
        case .challenged(let challenge):
            self.challenge = challenge
            return []
        case .accepted(let token):
            judge.clear(keyOf: token)
            return []
        case .dated(let date):
            judge.learn(serverDate: date, at: now)
            return []
        case .closed:
            return close()
        }
    }

    private var occasion: TokenRequest.Occasion {
        guard hasAskedBefore else { return .start }
        return lastRefusal.map(TokenRequest.Occasion.refusal) ?? .renewal
    }

    private mutating func join(_ waiter: Waiter, occasion: TokenRequest.Occasion, at now: NumericDate) -> [Action] {
        if flight != nil {
            flight?.waiters.append(waiter)
            return []
        }
        let id = nextFlight
        nextFlight += 1
        flight = FlightPlan(
            id: id, waiters: [waiter], occasion: occasion, refusalsKnown: refusalCount, mayAskAgain: sourceCanRefresh,
            knowsChallenge: challenge != nil)
        let begun: [Action] = announce(hasAskedBefore ? .refreshing : .initializing)
        hasAskedBefore = true
        return begun + [.ask(request(occasion, at: now), id)]
    }

    private func request(_ occasion: TokenRequest.Occasion, at now: NumericDate) -> TokenRequest {
        TokenRequest(
            occasion: occasion, scope: scope, challenge: challenge, serverTime: judge.serverTime(at: now))
    }

    private mutating func widen(
        to wanted: [String], insteadOf old: TokenDigest, for waiter: Waiter, at now: NumericDate
    ) -> [Action] {
        if state == .closed { return [.resume([waiter], with: .failure(.managerClosed))] }
        let missing = wanted.filter { part in !scope.contains { $0.hasSameBytes(as: part) } }
        // Somebody else has stepped up already, and the token that was found wanting is an older one.
        if missing.isEmpty, let token = freshToken(at: now), token.digest != old {
            return [.resume([waiter], with: .success(token))]
        }
        scope += missing
        if missing.isEmpty, flight != nil { return join(waiter, occasion: .widerScope, at: now) }
        // A flight that asks for less is of no use here: its waiters take the wider token as well.
        let others = flight?.waiters ?? []
        let ended = flight.map { [Action.endFlight($0.id)] } ?? []
        flight = nil
        let begun = join(waiter, occasion: .widerScope, at: now)
        flight?.waiters += others
        return ended + begun
    }

    private mutating func take(_ issued: IssuedToken, from id: Flight, at now: NumericDate) -> [Action] {
        guard let plan = flight, plan.id == id else { return [] }
        let token: AccessToken
        do {
            token = try AccessToken(issued, receivedAt: now)
        } catch {
            return fail(error, at: now)
        }
        switch judge.objection(to: token, at: now, isNew: true) {
        case nil:
            held = token
            flight = nil
            lastRefusal = nil
            challenge = nil
            return announce(.ready) + [.resume(plan.waiters, with: .success(token)), .endFlight(id)]
        case .stale(let rejection):
            return askAgain(plan, occasion: .renewal, at: now) ?? fail(.stale(token, rejection), at: now)
        case .refused(let rejection, let sameToken):
            // The server may have refused the key while the source was still signing with it.
            let isNews = refusalCount > plan.refusalsKnown
            let again = isNews ? askAgain(plan, occasion: .refusal(rejection), at: now) : nil
            return again ?? fail(.stillRefused(token, rejection, sameToken: sameToken), at: now)
        }
    }

    private mutating func askAgain(
        _ plan: FlightPlan, occasion: TokenRequest.Occasion, at now: NumericDate
    ) -> [Action]? {
        guard plan.mayAskAgain else { return nil }
        flight?.mayAskAgain = false
        flight?.knowsChallenge = challenge != nil
        flight?.refusalsKnown = refusalCount
        return [.ask(request(occasion, at: now), plan.id)]
    }

    private mutating func fail(_ error: MCPClientError, at now: NumericDate) -> [Action] {
        guard let plan = flight else { return [] }
        flight = nil
        let next: TokenState
        if freshToken(at: now) != nil {
            next = .ready
        } else if error.code == .signInRequired {
            next = .idle
        } else {
            next = .failed(reason: error.reason, message: error.message)
        }
        return announce(next) + [.resume(plan.waiters, with: .failure(error)), .endFlight(plan.id)]
    }

    private mutating func close() -> [Action] {
        guard state != .closed else { return [] }
        let plan = flight
        flight = nil
        held = nil
        var actions = announce(.closed)
        if let plan {
            actions += [.resume(plan.waiters, with: .failure(.managerClosed)), .endFlight(plan.id)]
        }
        return actions
    }

    private mutating func announce(_ next: TokenState) -> [Action] {
        guard state != next else { return [] }
        state = next
        return [.announce(next)]
    }
}

extension MCPClientError {
    fileprivate static func stale(_ token: AccessToken, _ rejection: Rejection) -> MCPClientError {
        MCPClientError(
            .staleToken,
            "the token source delivered a token that must not be sent: \(rejection.detail); let it make a new one",
            rejection: rejection)
    }

    fileprivate static func stillRefused(
        _ token: AccessToken, _ rejection: Rejection, sameToken: Bool
    ) -> MCPClientError {
        let what =
            sameToken
            ? "the token source delivered the very token that the server refused"
            : "the token source still signs with the key \"\(token.keyID ?? "")\" that the server refused"
        return MCPClientError(.unauthorized, "\(what): \(rejection.detail)", rejection: rejection, status: 401)
    }
}
