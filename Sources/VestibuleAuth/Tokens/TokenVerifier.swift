public import VestibuleProtocol

/// Decides whether a token is good, and says exactly why where it is not.
///
/// The steps, in this order; the first that fails gives the reason:
///
/// 1. Shape: three parts of strict base64url, header and payload strict JSON objects, at most 16 KiB
///    (`token_malformed`).
/// 2. Header: no `crit`, an `alg` that is known and not `none` (`algorithm_not_allowed`), a `typ` of an access token or
///    none. `jku`, `jwk`, `x5u` and `x5c` are ignored: keys come from the issuer's ring, never from the token.
/// 3. Issuer: `iss` is there (`claim_missing`) and trusted (`issuer_unknown`), and the issuer uses that algorithm
///    (`algorithm_not_allowed`).
/// 4. Key: by `kid`, among that issuer's keys (`key_unknown`), for the algorithm that the key has
///    (`algorithm_not_allowed`).
/// 5. Signature, with the keys of that name that may verify (`signature_invalid`, or `key_retired` where it proves that
///    a key signed that we retired).
/// 6. Time: `exp`, `nbf`, `iat` (`claim_missing`, `token_expired`, `clock_skew`, `token_not_yet_valid`,
///    `token_too_old`).
/// 7. `aud` (`claim_missing`, `audience_mismatch`), then `sub` (`claim_missing`).
/// 8. Revocation (`token_revoked`, or whatever the hook returns).
public struct TokenVerifier: Sendable {
    /// Looks at a principal whose token is good otherwise; returns why it is refused all the same, or `nil`.
    ///
    /// Asked for every request, also where the token's verification comes from the cache. Should return at once.
    public typealias Revocation = @Sendable (Principal) -> Rejection?

    /// How many verified tokens are remembered by default.
    public static let defaultCacheSize = 4096

    /// The issuers whose tokens are accepted. Where two have the same `iss`, the first is used.
    public let issuers: [TrustedIssuer]
    let clock: any WallClock
    let revocation: Revocation?
    let cache: VerifiedTokenCache

    /// - Parameters:
    ///   - issuers: Whose tokens are accepted; with none, no token is.
    ///   - clock: By which `exp`, `nbf` and `iat` are judged.
    ///   - cacheSize: How many verified tokens are remembered; 0 for none.
    ///   - revocation: A last word on tokens that are good otherwise.
    public init(
        issuers: [TrustedIssuer], clock: any WallClock, cacheSize: Int = Self.defaultCacheSize,
        revocation: Revocation? = nil
    ) {
        self.issuers = issuers
        self.clock = clock
        self.revocation = revocation
        self.cache = VerifiedTokenCache(size: cacheSize)
    }

    /// Who the token's bearer is, or why the token is refused. Never traps, never waits for anything.
    public func verify(_ token: String) -> Result<Principal, Rejection> {
        do throws(Rejection) {
            let now = clock.now()
            let verified =
                if let known = try cached(token, now: now) { known } else { try verifyAnew(token, now: now) }
            if let rejection = revocation?(verified.principal) { throw rejection }
            return .success(verified.principal)
        } catch {
            return .failure(error)
        }
    }

    private func cached(_ token: String, now: NumericDate) throws(Rejection) -> VerifiedToken? {
        guard let verified = cache[token] else { return nil }
        let issuer = issuers[verified.issuerIndex]
        guard issuer.ring().generation == verified.generation, !verified.keyState.settled(at: now).isRetired else {
            cache.remove(token)
            return nil
        }
        try verified.times.check(at: now, for: issuer)
        return verified
    }

    private func verifyAnew(_ token: String, now: NumericDate) throws(Rejection) -> VerifiedToken {
        let token = try TokenShape.read(token)
        let algorithm = try TokenHeader.check(token)
        let (issuerIndex, issuer) = try trustedIssuer(of: token)
        let (key, generation) = try SignatureCheck(token: token, algorithm: algorithm, issuer: issuer, now: now).run()
        let times = try TokenTimes(token.claims)
        try times.check(at: now, for: issuer)
        try AudienceCheck.check(token.claims, for: issuer)
        let principal = try Principal(claims: token.claims, issuer: issuer.issuer, key: key, times: times)
        let verified = VerifiedToken(
            principal: principal, times: times, issuerIndex: issuerIndex, generation: generation, keyState: key.state)
        cache.insert(verified, for: token.text)
        return verified
    }

    private func trustedIssuer(of token: CompactToken) throws(Rejection) -> (Int, TrustedIssuer) {
        guard let value = token.claims["iss"] else {
            let what =
                token.keyID == nil
                ? "no iss and no kid: this looks like a registry token, not an access token" : "no iss"
            throw Rejection(.claimMissing, "the token has \(what); sign in to get an access token of \(trustedNames)")
        }
        guard let issuer = value.string else {
            throw Rejection(.claimMissing, "the token's iss is a \(value.kind); a string is due (RFC 7519 §4.1.1)")
        }
        if let index = issuers.firstIndex(where: { $0.issuer.hasSameBytes(as: issuer) }) {
            return (index, issuers[index])
        }
        let near = issuers.first { $0.issuer.differsOnlyByTrailingSlash(from: issuer) }
        let hint = near == nil ? "" : "; they differ by a trailing slash"
        throw Rejection(
            .issuerUnknown, "the token's issuer \(issuer.quoted) is not trusted here; trusted: \(trustedNames)\(hint)")
    }

    private var trustedNames: String {
        guard !issuers.isEmpty else { return "none" }
        let names = issuers.prefix(5).map(\.issuer.quoted).joined(separator: ", ")
        return issuers.count > 5 ? "\(names) and \(issuers.count - 5) more" : names
    }
}

/// A token that passed every step, with what must be looked at again whenever it is used.
struct VerifiedToken: Sendable {
    var principal: Principal
    var times: TokenTimes
    var issuerIndex: Int
    /// Of the issuer's ring by which it was verified.
    var generation: UInt64
    /// Of the key that signed it.
    var keyState: KeyState
}

extension String {
    func differsOnlyByTrailingSlash(from other: String) -> Bool {
        (self + "/").hasSameBytes(as: other) || hasSameBytes(as: other + "/")
    }
}
