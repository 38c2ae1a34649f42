internal import Synchronization
public import VestibuleProtocol

/// Keeps one access token fresh, so that nobody else has to think about tokens.
///
/// Nothing is sent that is not known to be fresh: a token is judged by its key, its `exp` and `nbf`, its age, the
/// server's clock, and by what the server has refused. However many callers wait, the source is asked once. Nothing is
/// written anywhere.
public final class TokenManager: Sendable {
    private struct State {
        var lifecycle: TokenLifecycle
        var waiting: [TokenLifecycle.Waiter: CheckedContinuation<AccessToken, any Error>] = [:]
        var nextWaiter: TokenLifecycle.Waiter = 1
        /// What runs for the flight: the question, and the clock that limits it.
        var running: [TokenLifecycle.Flight: [Task<Void, Never>]] = [:]
        /// When the present flight began, and how long those before it took together.
        var flightStart: NumericDate?
        var flightTime = Duration.zero
    }

    private let source: any TokenSource
    private let configuration: TokenManagerConfiguration
    private let clock: any WallClock
    private let state: Mutex<State>
    private let stateChanges = Broadcast<TokenState>(bufferingNewest: 64)

    /// - Parameter configuration: By default what the source proposes.
    public init(
        source: any TokenSource, configuration: TokenManagerConfiguration? = nil,
        clock: any WallClock = SystemClock()
    ) {
        let configuration = configuration ?? source.defaultConfiguration
        self.source = source
        self.configuration = configuration
        self.clock = clock
        let lifecycle = TokenLifecycle(configuration: configuration, sourceCanRefresh: source.canRefresh)
        self.state = Mutex(State(lifecycle: lifecycle))
    }

    /// A token that is fresh: from memory, or after one refresh.
    ///
    /// A caller that is cancelled leaves at once; the refresh goes on for the others.
    ///
    /// - Throws: ``MCPClientError`` (`tokenSource`, `staleToken`, `unauthorized` where the source can only repeat what
    ///   the server refused, `signInRequired` where the source waits for the server to ask, `timeout`, `closed`), or `CancellationError`.
    public func currentToken() async throws -> String {
        try await accessToken().text
    }

    /// Fetches a new token now, whatever is in memory. Meant for the start; joins a refresh that is under way.
    ///
    /// - Throws: As ``currentToken()``.
    public func refreshAllData() async throws {
        _ = try await wait { .renewalWanted(by: $0) }
    }

    /// Says that the server refused this very token. It is never sent again; if it is the one in memory, the next
    /// caller gets a new one. A token that was replaced in the meantime is left alone.
    public func invalidate(_ token: String, because rejection: Rejection) {
        guard let refused = try? AccessToken(IssuedToken(token, expiresIn: .zero), receivedAt: clock.now()) else {
            return
        }
        handle(.refused(refused, rejection))
    }

    /// Says that the server refused this very token, where nothing but the reason is known.
    public func invalidate(_ token: String, because reason: Reason) {
        invalidate(token, because: Rejection(reason, "the server refused it as \(reason.rawValue)"))
    }

    /// Learns the server's clock from the `Date` header of an answer that came this moment.
    public func observe(serverDate: NumericDate) {
        handle(.dated(serverDate))
    }

    /// Ends it: whoever waits gets an error, and the token is forgotten.
    public func close() {
        handle(.closed)
        stateChanges.finish()
    }

    public var currentState: TokenState { state.withLock { $0.lifecycle.state } }

    /// The current state and then every change, for any number of listeners. One that is slow misses the oldest of more
    /// than 64 changes.
    public var states: AsyncStream<TokenState> {
        state.withLock { stateChanges.listen(startingWith: $0.lifecycle.state) }
    }

    /// How far the server's clock is ahead of this machine's (negative: behind); `nil` until the server told.
    public var clockSkew: Duration? {
        state.withLock { $0.lifecycle.serverOffset }.map { .seconds($0) }
    }
}

extension TokenManager {
    func accessToken() async throws -> AccessToken {
        try await wait { .wanted(by: $0) }
    }

    /// A token of at least this scope instead of one that the server found wanting.
    func widerToken(scope: [String], insteadOf digest: TokenDigest) async throws -> AccessToken {
        try await wait { .widerScopeWanted(by: $0, scope: scope, insteadOf: digest) }
    }

    /// The token in memory where it is fresh, without asking anybody.
    var freshToken: AccessToken? {
        state.withLock { $0.lifecycle.freshToken(at: clock.now()) }
    }

    /// How long callers have waited for a source that may have to ask a person: time that no server answers for.
    var signInTime: Duration {
        guard source.canSignIn else { return .zero }
        return state.withLock { state in
            state.flightTime + (state.flightStart.map { .seconds(max(0, clock.now() - $0)) } ?? .zero)
        }
    }

    var canWidenScope: Bool { source.canWidenScope }
    var canSignIn: Bool { source.canSignIn }
    var authorizer: any RequestAuthorizer { source.authorizer }

    /// The time of day by the server's clock as far as it is known.
    var serverTime: NumericDate {
        state.withLock { $0.lifecycle.serverTime(at: clock.now()) }
    }

    /// Says that the server took this token for an operation, and so knows its key.
    func accept(_ token: AccessToken) {
        handle(.accepted(token))
    }

    /// Says that the server asks for a token, in which words.
    func challenge(_ challenge: BearerChallenge) {
        handle(.challenged(challenge))
    }

    func refuse(_ token: AccessToken, _ rejection: Rejection) {
        handle(.refused(token, rejection))
    }
}

// The shell around the machine: waiting, asking, announcing.
extension TokenManager {
    private func wait(_ event: (TokenLifecycle.Waiter) -> TokenLifecycle.Event) async throws -> AccessToken {
        let waiter = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        let event = event(waiter)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    // The handler below runs under this lock too: either it finds the waiter, or it is seen here.
                    guard !Task.isCancelled else { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) } else { handle(event) }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
            handle(.left(waiter))
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// What is left to do when the lock is given back: it runs other people's code.
    private struct Aftermath {
        var resumed: [(CheckedContinuation<AccessToken, any Error>, Result<AccessToken, MCPClientError>)] = []
        var cancelled: [Task<Void, Never>] = []
    }

    private func handle(_ event: TokenLifecycle.Event) {
        let aftermath = state.withLock { state in
            var aftermath = Aftermath()
            for action in state.lifecycle.handle(event, at: clock.now()) { perform(action, &state, &aftermath) }
            return aftermath
        }
        for task in aftermath.cancelled { task.cancel() }
        for (continuation, result) in aftermath.resumed { continuation.resume(with: result) }
    }

    /// Under the lock, so that changes are announced in their order.
    private func perform(_ action: TokenLifecycle.Action, _ state: inout State, _ aftermath: inout Aftermath) {
        switch action {
        case .ask(let request, let flight):
            if state.flightStart == nil { state.flightStart = clock.now() }
            // The first question of a flight starts its clock.
            if state.running[flight] == nil { state.running[flight] = [limitTask(flight)] }
            state.running[flight]?.append(askTask(request, flight))
        case .endFlight(let flight):
            if let start = state.flightStart { state.flightTime += .seconds(max(0, clock.now() - start)) }
            state.flightStart = nil
            aftermath.cancelled += state.running.removeValue(forKey: flight) ?? []
        case .resume(let waiters, let result):
            aftermath.resumed += waiters.compactMap { waiter in
                state.waiting.removeValue(forKey: waiter).map { ($0, result) }
            }
        case .announce(let change):
            stateChanges.send(change)
        }
    }

    /// A task of the manager's own, not of a caller's: the refresh outlives the caller that began it, because others
    /// wait for it too. It ends with its flight, at the latest after `refreshTimeout`.
    private func askTask(_ request: TokenRequest, _ flight: TokenLifecycle.Flight) -> Task<Void, Never> {
        Task { [self] in
            do {
                let issued = try await withLock { try await source.issue(request) }
                handle(.delivered(issued, flight))
            } catch let error as MCPClientError {
                handle(.sourceFailed(error, flight))
            } catch {
                let line = "the token source failed: \(String(describing: error).firstLine)"
                handle(.sourceFailed(MCPClientError(.tokenSource, line, cause: error), flight))
            }
        }
    }

    private func limitTask(_ flight: TokenLifecycle.Flight) -> Task<Void, Never> {
        Task { [self] in
            guard (try? await clock.sleep(for: configuration.refreshTimeout)) != nil else { return }
            let time = TokenJudge.inWords(configuration.refreshTimeout.inSeconds)
            let line = "the token source did not answer within \(time); see what it waits for, or allow more time"
            handle(.sourceFailed(MCPClientError(.timeout, line), flight))
        }
    }

    private func withLock<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        guard let path = configuration.lockFile else { return try await body() }
        return try await FileLock(path: path).holding(clock: clock, body)
    }
}

extension String {
    /// The first line, cut at 300 characters: what a person reads of a foreign text.
    var firstLine: String {
        String(split(whereSeparator: \.isNewline).first?.prefix(300) ?? "")
    }
}
