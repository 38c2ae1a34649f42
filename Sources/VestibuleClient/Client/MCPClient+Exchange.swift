internal import HTTPTypes
internal import VestibuleProtocol

/// Which try of a call this is, and why it is made.
struct Attempt: Sendable {
    var number = 1
    var occasion = ClientRequestRecord.Occasion.first

    mutating func again(_ occasion: ClientRequestRecord.Occasion) {
        number += 1
        self.occasion = occasion
    }
}

/// What a message brought in the end.
struct Delivery: Sendable {
    var fields: HTTPFields
    /// `nil` for what has no answer.
    var answer: Result<JSONValue, RPCError>?
    /// Whether the server asked for a token on the way.
    var wasChallenged: Bool

    /// The answer's result.
    ///
    /// - Throws: ``MCPClientError``: `toolDenied` where the server says why in our words, else `serverError`.
    func result(of what: String) throws(MCPClientError) -> JSONValue {
        switch answer {
        case .success(let result): return result
        case .failure(let error):
            let rejection = error.data?.object.flatMap(Rejection.init(data:))
            let isDenial = rejection?.reason.isFinalDenial ?? false
            let line = rejection?.detail ?? "\(error.message.firstLine) (\(error.code.rawValue))"
            throw MCPClientError(
                isDenial ? .toolDenied : .serverError, "\(what): \(line)", rejection: rejection, rpcError: error,
                status: 200)
        case nil: throw MCPClientError(.protocolViolation, "\(what): the server accepted the request without an answer")
        }
    }
}

typealias ProgressHandler = @Sendable (ProgressParams) -> Void

extension MCPClient {
    /// Sends a request within the times of the configuration, and returns its result.
    func exchange(_ outgoing: Outgoing, onProgress: ProgressHandler? = nil) async throws -> JSONValue {
        let patience = patience(
            timeout: configuration.callTimeout,
            maximum: max(configuration.callTimeout, configuration.maximumCallDuration))
        return try await patience.limit(outgoing.inWords) { [self] in
            try await deliver(outgoing, in: nil, patience: patience, onProgress: onProgress)
                .result(of: outgoing.inWords)
        }
    }

    /// Patience with the server: the time in which a person signs in does not count.
    func patience(timeout: Duration, maximum: Duration) -> Patience {
        Patience(clock: clock, timeout: timeout, maximum: maximum) { [tokens] in tokens?.signInTime ?? .zero }
    }

    /// Sends a message until it is answered or nothing more can be done about it.
    ///
    /// - Parameter fixed: The session to use; by default the client's, and a new one where that is lost.
    func deliver(
        _ outgoing: Outgoing, in fixed: Session?, patience: Patience? = nil, onProgress: ProgressHandler? = nil
    ) async throws -> Delivery {
        var recovery = Recovery()
        var attempt = Attempt()
        var tokenIsDue = false
        var mayReconnect = outgoing.isRepeatable
        while true {
            try checkOpen()
            let session = outgoing.opensSession ? nil : try await anySession(fixed)
            let token = try await token(for: outgoing, in: session, isDue: tokenIsDue)
            // The client may have been closed while somebody else was asked for session or token.
            try checkOpen()
            let outcome: Outcome
            do {
                outcome = try await send(
                    outgoing, token: token, session: session, attempt: attempt, patience: patience,
                    onProgress: onProgress)
            } catch let error as TransportError where error.progress == .unknown && !error.isTimeout && mayReconnect {
                mayReconnect = false
                attempt.again(.reconnected)
                continue
            } catch let error as TransportError {
                throw Self.explain(error, outgoing)
            }
            patience?.notice()
            let refusal: Refusal
            switch outcome {
            case .answered(let fields, let answer):
                if let token, outgoing.phase == .operation, fields[.vestibuleToken] == nil { tokens?.accept(token) }
                return Delivery(fields: fields, answer: answer, wasChallenged: tokenIsDue)
            case .refused(let refused): refusal = refused
            }
            let circumstances = circumstances(outgoing, refusal, token: token, session: session, fixed: fixed)
            let step = recovery.step(after: refusal, circumstances)
            tell(of: refusal, token: token, before: step)
            switch step {
            case .renewProof:
                tokenIsDue = true
                attempt.again(.proofRenewed)
            case .obtainToken:
                tokenIsDue = true
                attempt.again(.challenged)
            case .replaceToken:
                tokenIsDue = true
                attempt.again(.refreshed)
            case .adoptClock:
                tokenIsDue = true
                attempt.again(.clockAdopted)
            case .widenScope(let scope):
                guard let tokens, let token else { throw MCPClientError(.forbidden, refusal.excerpt) }
                _ = try await tokens.widerToken(scope: scope, insteadOf: token.digest)
                tokenIsDue = true
                attempt.again(.steppedUp)
            case .openSession:
                if let session { lose(session) }
                attempt.again(.newSession)
            case .wait(let duration):
                try await clock.sleep(for: duration)
                patience?.notice()
                attempt.again(.waited)
            case .fail(let error):
                throw error
            }
        }
    }

    private func anySession(_ fixed: Session?) async throws -> Session {
        if let fixed { return fixed }
        return try await session()
    }

    /// Tells the token's keeper what the server thinks of it.
    private func tell(of refusal: Refusal, token: AccessToken?, before step: Recovery.Step) {
        if case .renewProof = step { return }
        if refusal.status == 401 || refusal.rejection?.reason == .scopeInsufficient {
            tokens?.challenge(refusal.challenge)
        }
        if let token, refusal.status == 401, refusal.rejection?.reason != .scopeInsufficient {
            tokens?.refuse(token, refusal.rejection ?? Rejection(.tokenMalformed, "the server refused it"))
        }
    }

    private func circumstances(
        _ outgoing: Outgoing, _ refusal: Refusal, token: AccessToken?, session: Session?, fixed: Session?
    ) -> Recovery.Circumstances {
        Recovery.Circumstances(
            tokenSent: token != nil, sessionSent: session?.id != nil && fixed == nil, hasTokens: tokens != nil,
            canWidenScope: tokens?.canWidenScope ?? false, canSignIn: tokens?.canSignIn ?? false,
            proofIsStale: token != nil && refusal.proofIsStale, serverTime: tokens?.serverTime ?? clock.now(),
            maximumWait: configuration.maximumWait, maximumBusyRetries: configuration.maximumBusyRetries,
            what: outgoing.inWords)
    }

    /// The token to send with it. A token that is merely welcome is done without where it cannot be had.
    private func token(for outgoing: Outgoing, in session: Session?, isDue: Bool) async throws -> AccessToken? {
        guard let tokens else { return nil }
        if isDue { return try await tokens.accessToken() }
        switch outgoing.phase {
        case .handshake:
            let isWanted = configuration.handshakeToken == .sent || session?.wantedToken == true
            return isWanted ? try await tokenIfAny(from: tokens) : nil
        case .listing:
            let token = try? await tokens.accessToken()
            try Task.checkCancellation()
            return token
        case .operation:
            return try await tokenIfAny(from: tokens)
        case .closing:
            return tokens.freshToken
        }
    }

    /// A token; none where the source gets one only when the server asks: it may well not ask.
    private func tokenIfAny(from tokens: TokenManager) async throws -> AccessToken? {
        do {
            return try await tokens.accessToken()
        } catch let error as MCPClientError where error.code == .signInRequired {
            return nil
        }
    }

    private static func explain(_ error: TransportError, _ outgoing: Outgoing) -> MCPClientError {
        let line = "\(outgoing.inWords): \(error.message)"
        if error.isTimeout { return MCPClientError(.timeout, line, cause: error) }
        if error.progress == .unknown, !outgoing.isRepeatable {
            return MCPClientError(
                .outcomeUnknown,
                line + "; nobody knows whether it ran, so it was not sent again: look before you repeat it",
                cause: error)
        }
        return MCPClientError(.connection, line, cause: error)
    }
}
