internal import VestibuleProtocol

/// What a client may still do about refusals of one call: each cure once, patience a few times. A pure table; with it,
/// no call can loop.
struct Recovery: Sendable {
    /// The next step.
    enum Step: Sendable {
        /// Get a token and send the call again with it.
        case obtainToken
        /// Give up this token, get a new one, send the call again.
        case replaceToken(Rejection)
        /// As `replaceToken`, after the server's clock was learnt.
        case adoptClock(Rejection)
        /// Send the call again with the same token and a new proof of the right to it.
        case renewProof
        /// Get a token of this scope instead.
        case widenScope([String])
        /// Open a new session, send the call again.
        case openSession
        /// Find out anew which era the server speaks, send the call again.
        case reprobe
        /// Go on in one of the revisions that the server offers; else the error.
        case renegotiate([ProtocolVersion], MCPClientError)
        /// Read the tools' schemas anew, whose arguments are mirrored in header fields; send the call again.
        case readSchemasAgain
        case wait(Duration)
        case fail(MCPClientError)
    }

    /// What was sent, and what the client could do.
    struct Circumstances: Sendable {
        var tokenSent: Bool
        var sessionSent: Bool
        var hasTokens: Bool
        var canWidenScope: Bool
        var canSignIn: Bool
        /// Whether nothing but the proof that went with the token was wrong.
        var proofIsStale: Bool
        /// Whether the request was of the modern era.
        var isModern: Bool
        /// Whether the server has shown that it speaks that era.
        var isConfirmed: Bool
        /// Whether the era is the client's to find out.
        var mayReprobe: Bool
        /// Whether it does no harm twice.
        var isRepeatable: Bool
        /// Whether arguments of the request are mirrored in header fields.
        var mayReadSchemas: Bool
        var serverTime: NumericDate
        var maximumWait: Duration
        var maximumBusyRetries: Int
        /// `tools/call of echo`, for messages.
        var what: String
    }

    private var hasObtained = false
    private var hasRenewedProof = false
    private var hasReplaced = false
    private var hasWidened = false
    private var hasOpened = false
    private var hasChangedEra = false
    private var hasReadSchemas = false
    private var waits = 0

    mutating func step(after refusal: Refusal, _ circumstances: Circumstances) -> Step {
        if circumstances.isModern, let cure = cureForEra(refusal, circumstances) { return cure }
        return switch refusal.status {
        case 401 where circumstances.proofIsStale && !hasRenewedProof: renewProof()
        case 401: unauthorized(refusal, circumstances)
        case 403: forbidden(refusal, circumstances)
        case 404 where circumstances.sessionSent: sessionLost(refusal, circumstances)
        case 429, 503: busy(refusal, circumstances)
        default: .fail(unexpected(refusal, circumstances))
        }
    }

    /// What a request of the modern era can still do about an error of the server, whatever status it came with.
    mutating func cure(for error: RPCError, _ circumstances: Circumstances) -> Step? {
        guard circumstances.isModern else { return nil }
        switch error.code {
        case .unsupportedProtocolVersion:
            guard let offered = error.offeredVersions, !hasChangedEra else { return nil }
            hasChangedEra = true
            return .renegotiate(offered, MCPClientError(error, of: circumstances.what, status: nil))
        case .headerMismatch where circumstances.mayReadSchemas && !hasReadSchemas:
            hasReadSchemas = true
            return .readSchemasAgain
        default:
            return nil
        }
    }

    private mutating func cureForEra(_ refusal: Refusal, _ circumstances: Circumstances) -> Step? {
        if let error = refusal.rpcError, let cure = cure(for: error, circumstances) { return cure }
        // A server of sessions wants one, or does not know the path: nothing of that is said in the modern era.
        let isForeign = [400, 404, 405, 406, 415].contains(refusal.status) && !refusal.isOfModernEra
        guard isForeign, circumstances.mayReprobe, !hasChangedEra else { return nil }
        hasChangedEra = true
        return .reprobe
    }

    private mutating func renewProof() -> Step {
        hasRenewedProof = true
        return .renewProof
    }

    private mutating func unauthorized(_ refusal: Refusal, _ circumstances: Circumstances) -> Step {
        let rejection = refusal.rejection ?? Rejection(.tokenMissing, "the server wants a token")
        guard circumstances.hasTokens else {
            return .fail(
                error(.unauthorized, "needs a token, and this client has no token source", refusal, circumstances))
        }
        if !circumstances.tokenSent {
            guard !hasObtained else { return .fail(error(.unauthorized, "was refused", refusal, circumstances)) }
            hasObtained = true
            return .obtainToken
        }
        if rejection.remedy == .requestScope { return forbidden(refusal, circumstances) }
        guard !hasReplaced else {
            return .fail(error(.unauthorized, "was refused again with a new token", refusal, circumstances))
        }
        switch rejection.remedy {
        case .refresh:
            hasReplaced = true
            return .replaceToken(rejection)
        case .fixClock:
            hasReplaced = true
            return .adoptClock(rejection)
        case .signIn where circumstances.canSignIn:
            hasReplaced = true
            return .replaceToken(rejection)
        case .signIn, .requestScope, .reinitialize, .wait, .none:
            return .fail(error(.unauthorized, "was refused, and no refresh will help: sign in", refusal, circumstances))
        }
    }

    private mutating func forbidden(_ refusal: Refusal, _ circumstances: Circumstances) -> Step {
        guard let rejection = refusal.rejection, rejection.reason == .scopeInsufficient else {
            return .fail(error(.forbidden, "is forbidden", refusal, circumstances))
        }
        guard circumstances.canWidenScope, circumstances.tokenSent else {
            let line = "needs a wider scope, which this token source cannot ask for"
            return .fail(error(.forbidden, line, refusal, circumstances))
        }
        guard !hasWidened else {
            return .fail(error(.forbidden, "was refused again with a wider scope", refusal, circumstances))
        }
        hasWidened = true
        return .widenScope(rejection.requiredScope)
    }

    private mutating func sessionLost(_ refusal: Refusal, _ circumstances: Circumstances) -> Step {
        guard !hasOpened else {
            return .fail(error(.sessionLost, "lost its session, and the new one too", refusal, circumstances))
        }
        hasOpened = true
        return .openSession
    }

    private mutating func busy(_ refusal: Refusal, _ circumstances: Circumstances) -> Step {
        guard circumstances.isRepeatable || refusal.showsThatNothingRan else {
            let line =
                "was answered with HTTP \(refusal.status); nobody knows whether it ran, so it was not sent again "
                + "(look before you repeat it)"
            return .fail(error(.outcomeUnknown, line, refusal, circumstances))
        }
        let wait = refusal.retryAfter?.wait(serverTime: circumstances.serverTime) ?? .seconds(1 << min(waits, 4))
        guard wait <= circumstances.maximumWait else {
            let time = TokenJudge.inWords(wait.inSeconds)
            return .fail(error(.busy, "must wait \(time), longer than is allowed here", refusal, circumstances))
        }
        guard waits < circumstances.maximumBusyRetries else {
            return .fail(error(.busy, "found the server busy \(waits + 1) times", refusal, circumstances))
        }
        waits += 1
        return .wait(wait)
    }

    private func unexpected(_ refusal: Refusal, _ circumstances: Circumstances) -> MCPClientError {
        if (300..<400).contains(refusal.status) {
            return error(
                .protocolViolation,
                "was redirected (HTTP \(refusal.status)); redirects are not followed: use the final URL",
                refusal, circumstances)
        }
        if refusal.rpcError?.code == .methodNotFound, circumstances.isModern {
            return error(.serverError, "failed", refusal, circumstances)
        }
        // No session was named, so none was lost: nobody is at home under that path.
        if refusal.status == 404, !circumstances.sessionSent {
            var refusal = refusal
            refusal.rejection = nil
            return error(
                .protocolViolation,
                "was answered with HTTP 404; no MCP server is at that path: check the URL", refusal, circumstances)
        }
        if refusal.rpcError != nil { return error(.serverError, "failed", refusal, circumstances) }
        let hint = refusal.isFromMCP ? "" : "; something other than an MCP server seems to answer: check the URL"
        return error(.protocolViolation, "was answered with HTTP \(refusal.status)\(hint)", refusal, circumstances)
    }

    private func error(
        _ code: MCPClientError.Code, _ what: String, _ refusal: Refusal, _ circumstances: Circumstances
    ) -> MCPClientError {
        let detail = refusal.rejection?.detail ?? refusal.excerpt
        return MCPClientError(
            code, "\(circumstances.what) \(what): \(detail)", rejection: refusal.rejection, rpcError: refusal.rpcError,
            status: refusal.status)
    }
}
