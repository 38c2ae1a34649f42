internal import HTTPTypes
internal import Synchronization
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
    /// The HTTP status; `nil` where there is none.
    var status: Int?
    /// Whether the server asked for a token on the way.
    var wasChallenged: Bool
    /// In whose words it was said.
    var codec: any EraCodec

    /// The answer's result.
    ///
    /// - Throws: ``MCPClientError``: `toolDenied` where the server says why in our words, else `serverError`.
    func result(of what: String) throws(MCPClientError) -> JSONValue {
        switch answer {
        case .success(let result): return result
        case .failure(let error): throw MCPClientError(error, of: what, status: status)
        case nil: throw MCPClientError(.protocolViolation, "\(what): the server accepted the request without an answer")
        }
    }
}

extension MCPClientError {
    /// An error of the server in an answer, as opposed to a refusal over HTTP.
    init(_ error: RPCError, of what: String, status: Int?) {
        let rejection = error.data?.object.flatMap(Rejection.init(data:))
        let isDenial = rejection?.reason.isFinalDenial ?? false
        let line = rejection?.detail ?? "\(error.message.firstLine) (\(error.code.rawValue))"
        self.init(
            isDenial ? .toolDenied : .serverError, "\(what): \(line)", rejection: rejection, rpcError: error,
            status: status)
    }
}

extension MCPClient {
    /// Sends a message until it is answered or nothing more can be done about it.
    ///
    /// - Parameter fixed: How we stand; by default as the client does, which is settled anew where that is lost.
    func deliver(_ outgoing: Outgoing, in fixed: Standing? = nil, call: Call = Call()) async throws -> Delivery {
        var outgoing = outgoing
        var recovery = Recovery()
        var attempt = Attempt()
        var tokenIsDue = false
        var lastRefusal: Refusal?
        var mayReconnect = outgoing.isRepeatable && !(isChannel && outgoing.isProbe)
        while true {
            try checkOpen()
            let standing = try await anyStanding(fixed)
            if let tool = outgoing.tool { outgoing.mirrors = catalogue.mirrors(of: tool) }
            let token: AccessToken?
            do {
                token = try await self.token(for: outgoing, in: standing, isDue: tokenIsDue)
            } catch let error as MCPClientError where error.code == .signInFailed {
                // What the server wanted stays the reason, whatever became of the sign-in.
                throw error.because(of: lastRefusal)
            }
            // The client may have been closed while somebody else was asked for session or token.
            try checkOpen()
            let outcome: Outcome
            do {
                outcome = try await send(outgoing, token: token, standing: standing, attempt: attempt, call: call)
            } catch let error as TransportError where error.progress == .unknown && !error.isTimeout && mayReconnect {
                mayReconnect = false
                attempt.again(.reconnected)
                continue
            } catch let error as TransportError {
                throw Self.explain(error, outgoing)
            }
            call.patience?.notice()
            let step: Recovery.Step
            let circumstances: Recovery.Circumstances
            switch outcome {
            case .answered(let answered):
                circumstances = self.circumstances(outgoing, nil, token: token, standing: standing, fixed: fixed)
                if case .failure(let error)? = answered.answer, !outgoing.isProbe,
                    let cure = recovery.cure(for: error, circumstances)
                {
                    step = cure
                    break
                }
                if let token, outgoing.phase == .operation, answered.fields[.vestibuleToken] == nil {
                    tokens?.accept(token)
                }
                if case .success? = answered.answer { confirm(standing) }
                return Delivery(
                    fields: answered.fields, answer: answered.answer, status: answered.status,
                    wasChallenged: tokenIsDue, codec: standing.codec)
            case .refused(let refusal):
                if outgoing.isProbe, refusal.isAnswerToProbe {
                    return Delivery(
                        fields: [:], answer: refusal.rpcError.map(Result.failure), status: refusal.status,
                        wasChallenged: tokenIsDue, codec: standing.codec)
                }
                circumstances = self.circumstances(outgoing, refusal, token: token, standing: standing, fixed: fixed)
                step = recovery.step(after: refusal, circumstances)
                lastRefusal = refusal
                tell(of: refusal, token: token, before: step)
            }
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
                guard let tokens, let token else {
                    throw MCPClientError(.forbidden, "\(outgoing.inWords) needs a wider scope")
                }
                _ = try await tokens.widerToken(scope: scope, insteadOf: token.digest)
                tokenIsDue = true
                attempt.again(.steppedUp)
            case .openSession:
                lose(standing)
                attempt.again(.newSession)
            case .reprobe:
                await reprobe(standing)
                attempt.again(.newSession)
            case .renegotiate(let offered, let error):
                try await renegotiate(standing, offered: offered, error)
                attempt.again(.newSession)
            case .readSchemasAgain:
                results.invalidate(by: .toolsChanged)
                _ = try await listTools()
                attempt.again(.mirrorsCorrected)
            case .wait(let duration):
                try await clock.sleep(for: duration)
                call.patience?.notice()
                attempt.again(.waited)
            case .fail(let error):
                throw error
            }
        }
    }

    /// Patience with the server: the time in which a person signs in does not count.
    func patience(timeout: Duration, maximum: Duration) -> Patience {
        Patience(clock: clock, timeout: timeout, maximum: maximum) { [tokens] in tokens?.signInTime ?? .zero }
    }

    private var isChannel: Bool {
        if case .channel = link { true } else { false }
    }

    private func anyStanding(_ fixed: Standing?) async throws -> Standing {
        if let fixed { return fixed }
        return try await standing()
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
        _ outgoing: Outgoing, _ refusal: Refusal?, token: AccessToken?, standing: Standing, fixed: Standing?
    ) -> Recovery.Circumstances {
        Recovery.Circumstances(
            tokenSent: token != nil, sessionSent: standing.sessionID != nil && fixed == nil, hasTokens: tokens != nil,
            canWidenScope: tokens?.canWidenScope ?? false, canSignIn: tokens?.canSignIn ?? false,
            proofIsStale: token != nil && refusal?.proofIsStale == true, isModern: standing.codec.isModern,
            isConfirmed: standing.isConfirmed, mayReprobe: fixed == nil && configuration.era == .automatic,
            isRepeatable: outgoing.isRepeatable,
            mayReadSchemas: outgoing.method == MCPMethod.callTool && fixed == nil,
            serverTime: tokens?.serverTime ?? clock.now(), maximumWait: configuration.maximumWait,
            maximumBusyRetries: configuration.maximumBusyRetries, what: outgoing.inWords)
    }

    /// The token to send with it. A token that is merely welcome is done without where it cannot be had.
    func token(for outgoing: Outgoing, in standing: Standing, isDue: Bool) async throws -> AccessToken? {
        guard let tokens else { return nil }
        if isDue { return try await tokens.accessToken() }
        switch outgoing.phase {
        case .handshake:
            let isWanted = configuration.handshakeToken == .sent || standing.wantedToken
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

    static func explain(_ error: TransportError, _ outgoing: Outgoing) -> MCPClientError {
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

extension MCPClientError {
    /// The same with the server's reason, where it has none of its own.
    fileprivate func because(of refusal: Refusal?) -> MCPClientError {
        var error = self
        error.rejection = rejection ?? refusal?.rejection
        error.status = status ?? refusal?.status
        return error
    }
}
