/// Why a request was refused. The raw values are stable: they are the same on the wire, in logs, metrics, audit,
/// documentation and in every client.
public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// An operation came without a token.
    case tokenMissing = "token_missing"
    /// The credentials are not a token in JWS compact serialization (RFC 7515 §7.1) with a JSON header and claims.
    case tokenMalformed = "token_malformed"
    /// The header's `alg` is not the key's (RFC 8725 §3.1), or it demands an extension that nobody here knows (`crit`).
    case algorithmNotAllowed = "algorithm_not_allowed"
    /// No key of that `kid` is known for that issuer.
    case keyUnknown = "key_unknown"
    /// The signature proves that the token was signed by a key that was retired.
    case keyRetired = "key_retired"
    /// The signature does not verify with the key that the token names.
    case signatureInvalid = "signature_invalid"
    /// `exp` has passed (RFC 7519 §4.1.4).
    case tokenExpired = "token_expired"
    /// `nbf` lies an hour or more ahead (RFC 7519 §4.1.5).
    case tokenNotYetValid = "token_not_yet_valid"
    /// `iat` lies further back than this issuer's tokens may be old.
    case tokenTooOld = "token_too_old"
    /// `iat` or `nbf` lie ahead by more than the leeway but less than an hour: two clocks disagree.
    case clockSkew = "clock_skew"
    /// `iss` names nobody who is trusted here.
    case issuerUnknown = "issuer_unknown"
    /// `aud` does not name this resource (RFC 8707, RFC 9068 §4).
    case audienceMismatch = "audience_mismatch"
    /// A claim that an access token needs is absent or has the wrong type.
    case claimMissing = "claim_missing"
    /// The token, its subject or its key was revoked.
    case tokenRevoked = "token_revoked"
    /// The token's scope does not cover the operation (RFC 6750 §3.1).
    case scopeInsufficient = "scope_insufficient"
    /// The principal may not call this tool, and no new token would change that.
    case toolForbidden = "tool_forbidden"
    /// The principal may call this tool, but not with this argument.
    case argumentForbidden = "argument_forbidden"
    /// The session is not known here: it ended, expired, or never was.
    case sessionUnknown = "session_unknown"
    /// The session belongs to another subject.
    case sessionSubjectMismatch = "session_subject_mismatch"
    /// The page's origin is not allowed.
    case originForbidden = "origin_forbidden"
    /// The `Host` is none of this server's names.
    case hostForbidden = "host_forbidden"
    /// Too many refused tokens came from this address.
    case rateLimited = "rate_limited"
    /// The token cannot be judged at the moment: its issuer has to be asked about it or for its keys, and does not answer.
    case issuerUnavailable = "issuer_unavailable"
}

/// What a client should do about a refusal. The raw values are stable.
public enum Remedy: String, Sendable, Hashable, CaseIterable {
    /// Get a new token from the same source and try once more.
    case refresh
    /// Let the user sign in: no refresh will help.
    case signIn = "sign_in"
    /// Ask for the scope that the challenge names.
    case requestScope = "request_scope"
    /// Correct a clock.
    case fixClock = "fix_clock"
    /// Open a new session.
    case reinitialize
    /// Wait as long as `Retry-After` says.
    case wait
    /// Nothing that a client could do would change the answer.
    case none
}

extension Reason {
    /// The HTTP status with which this is refused where it is refused over HTTP.
    public var status: Int {
        switch self {
        case .tokenMissing, .tokenMalformed, .algorithmNotAllowed, .keyUnknown, .keyRetired, .signatureInvalid,
            .tokenExpired, .tokenNotYetValid, .tokenTooOld, .clockSkew, .issuerUnknown, .audienceMismatch,
            .claimMissing, .tokenRevoked:
            401
        case .scopeInsufficient, .toolForbidden, .argumentForbidden, .originForbidden, .hostForbidden: 403
        case .sessionUnknown, .sessionSubjectMismatch: 404
        case .rateLimited: 429
        case .issuerUnavailable: 503
        }
    }

    /// The `error` of the bearer challenge (RFC 6750 §3.1), or `nil` where the challenge carries none.
    public var oauthError: String? {
        switch self {
        case .tokenMissing: nil
        case .scopeInsufficient: "insufficient_scope"
        default: status == 401 ? "invalid_token" : nil
        }
    }

    public var remedy: Remedy {
        switch self {
        case .tokenMissing, .issuerUnknown, .audienceMismatch, .claimMissing, .tokenRevoked: .signIn
        case .tokenMalformed, .algorithmNotAllowed, .keyUnknown, .keyRetired, .signatureInvalid, .tokenExpired,
            .tokenNotYetValid, .tokenTooOld:
            .refresh
        case .clockSkew: .fixClock
        case .scopeInsufficient: .requestScope
        case .toolForbidden, .argumentForbidden, .originForbidden, .hostForbidden: .none
        case .sessionUnknown, .sessionSubjectMismatch: .reinitialize
        case .rateLimited, .issuerUnavailable: .wait
        }
    }

    /// Whether a *verified* principal was told no in a way that no new token could change, so that the refusal may be
    /// delivered in band.
    public var isFinalDenial: Bool {
        self == .toolForbidden || self == .argumentForbidden
    }
}
