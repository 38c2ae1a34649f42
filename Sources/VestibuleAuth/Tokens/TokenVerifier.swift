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
/// 7. What the issuer's tokens are: `typ` and the claims of RFC 9068 where its configuration says so
///    (`claim_missing`), `aud` (`claim_missing`, `audience_mismatch`), the claims that it requires and the subject
///    (`claim_missing`).
/// 8. Revocation (`token_revoked`, or whatever the hook returns).
public struct TokenVerifier: Sendable {
    /// Looks at a principal whose token is good otherwise; returns why it is refused all the same, or `nil`.
    ///
    /// Asked for every request, also where the token's verification comes from the cache. Should return at once.
    public typealias Revocation = @Sendable (Principal) -> Rejection?

    /// How many verified tokens of up to 1 KiB are remembered by default: twice as many as can be in use in turn, since
    /// half of them are those that were not used lately.
    public static let defaultCacheSize = 8192

    /// The issuers whose tokens are accepted. Where two have the same `iss`, the first is used.
    public let issuers: [TrustedIssuer]
    let clock: any WallClock
    let revocation: Revocation?
    let cache: TokenCache<VerifiedToken>
    let refusals: TokenCache<RefusedToken>
    /// The issuer that is asked about tokens, if one is.
    private let introspected: IntrospectedIssuer?

    /// - Parameters:
    ///   - issuers: Whose tokens are accepted; with none, no token is.
    ///   - clock: By which `exp`, `nbf` and `iat` are judged.
    ///   - cacheSize: How many verified tokens of up to 1 KiB are remembered (a larger one counts once more for each
    ///     KiB), at most an eighth of them of one subject, and a quarter as many that were refused for their key;
    ///     0 for none.
    ///   - revocation: A last word on tokens that are good otherwise.
    public init(
        issuers: [TrustedIssuer], clock: any WallClock, cacheSize: Int = Self.defaultCacheSize,
        revocation: Revocation? = nil
    ) {
        self.issuers = issuers
        self.clock = clock
        self.revocation = revocation
        self.cache = TokenCache(size: cacheSize)
        self.refusals = TokenCache(size: cacheSize / 4)
        self.introspected = issuers.lazy.compactMap(IntrospectedIssuer.init).first
    }

    /// Who the token's bearer is, or why the token is refused.
    ///
    /// Waits only where a remote issuer's keys at hand are not enough and asking for them may help (see
    /// ``RemoteKeyRing``), or where the issuer has to be asked about the token itself (see ``TokenIntrospection``).
    /// Never traps.
    public func authenticate(_ token: String) async -> Result<Principal, Rejection> {
        if let introspected { return await introspect(token, of: introspected) }
        return await authenticateByKeys(token)
    }

    /// As ``authenticate(_:)``, for tokens that are judged by keys.
    func authenticateByKeys(_ token: String) async -> Result<Principal, Rejection> {
        var missing: MissingKey?
        let first = judge(token, &missing)
        guard case .failure = first, let missing else { return first }
        let isChanged = await missing.keys.refresh(for: missing.question, beyond: missing.generation)
        // Where there are still none, the line says by now what became of the fetch.
        return isChanged || missing.generation == RemoteKeys.none ? verifyByKeys(token) : first
    }

    /// Who the token's bearer is, or why the token is refused, by the keys at hand. Never traps, never waits for
    /// anything; where an issuer may be remote, ``authenticate(_:)`` is what a server needs.
    public func verify(_ token: String) -> Result<Principal, Rejection> {
        if let introspected { return verify(token, of: introspected) }
        return verifyByKeys(token)
    }

    func verifyByKeys(_ token: String) -> Result<Principal, Rejection> {
        var missing: MissingKey?
        return judge(token, &missing)
    }

    /// - Parameter missing: Is set where a token is refused and other keys of its issuer might change that.
    private func judge(_ token: String, _ missing: inout MissingKey?) -> Result<Principal, Rejection> {
        do throws(Rejection) {
            let now = clock.now()
            // What is too long to be a token is not worth a hash either.
            let digest = token.utf8.count <= CompactToken.maximumLength ? TokenDigest(token) : nil
            let verified =
                if let digest, let known = try remembered(digest, now: now, &missing) { known } else {
                    try verifyAnew(token, digest: digest, now: now, &missing)
                }
            if let rejection = revocation?(verified.principal) { throw rejection }
            return .success(verified.principal)
        } catch {
            return .failure(error)
        }
    }

    /// What an earlier request found out about the token, as far as it still holds. Whatever depends on the time or on
    /// the ring is looked at again; only the parsing and the signature are saved.
    private func remembered(
        _ digest: TokenDigest, now: NumericDate, _ missing: inout MissingKey?
    ) throws(Rejection) -> VerifiedToken? {
        if let refused = refusals[digest] {
            // At once, as for any token that is refused for its key: a rotation may just have made it good.
            guard issuers[refused.issuerIndex].ring(atOnce: true).generation != refused.generation else {
                missing = refused.missing
                throw refused.rejection
            }
            refusals.remove(digest)
        }
        guard let verified = cache[digest] else { return nil }
        let issuer = issuers[verified.issuerIndex]
        guard issuer.ring().generation == verified.generation, !verified.keyState.settled(at: now).isRetired else {
            cache.remove(digest)
            return nil
        }
        try verified.times.check(at: now, for: issuer)
        return verified
    }

    private func verifyAnew(
        _ text: String, digest: TokenDigest?, now: NumericDate, _ missing: inout MissingKey?
    ) throws(Rejection) -> VerifiedToken {
        let token = try TokenShape.read(text)
        let algorithm = try TokenHeader.check(token)
        let (issuerIndex, issuer) = try trustedIssuer(of: token)
        let generation = issuer.ring().generation
        let signer: (key: RingKey, generation: UInt64)
        do throws(Rejection) {
            signer = try SignatureCheck(token: token, algorithm: algorithm, issuer: issuer, now: now).run()
        } catch {
            // No passing of time makes such a token good, only another ring does. The generation is the one from before
            // the check, so that a change during it is not missed.
            missing = MissingKey(error.reason, token: token, algorithm: algorithm, issuer: issuer, generation)
            if let digest, generation != RemoteKeys.none {
                refusals.insert(
                    RefusedToken(
                        rejection: error, issuerIndex: issuerIndex, generation: generation, missing: missing),
                    for: digest)
            }
            throw error
        }
        let times = try TokenTimes(token.claims)
        try times.check(at: now, for: issuer)
        try issuer.tokenType?.check(token, of: issuer.name)
        try AudienceCheck.check(token.claims, for: issuer)
        for requirement in issuer.requiredClaims { try requirement.check(token.claims, of: issuer.name) }
        let principal = try Principal(
            claims: token.claims, by: issuer.claims, issuer: issuer.issuer, keyID: signer.key.kid, times: times)
        let verified = VerifiedToken(
            principal: principal, times: times, issuerIndex: issuerIndex, generation: signer.generation,
            keyState: signer.key.state)
        if let digest {
            cache.insert(
                verified, for: digest, owner: principal.identity.hashValue, length: text.utf8.count)
        }
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

/// A token that was refused for its key or signature, and the ring by which it was.
struct RefusedToken: Sendable {
    var rejection: Rejection
    var issuerIndex: Int
    var generation: UInt64
    var missing: MissingKey?
}

/// What a token that was refused for its key would need of its issuer, where that one can be asked.
struct MissingKey: Sendable {
    var keys: RemoteKeyRing
    var question: KeyQuestion
    /// Of the keys by which it was refused.
    var generation: UInt64

    init?(
        _ reason: Reason, token: CompactToken, algorithm: SignatureAlgorithm, issuer: TrustedIssuer,
        _ generation: UInt64
    ) {
        guard case .remote(let keys) = issuer.keys, issuer.algorithms?.contains(algorithm) ?? true,
            token.keyID != nil || issuer.acceptsMissingKeyID
        else { return nil }
        switch reason {
        // The issuer may have a new key, also under a name that another one had.
        case .keyUnknown, .signatureInvalid, .algorithmNotAllowed, .issuerUnavailable: break
        default: return nil
        }
        self.keys = keys
        self.question = KeyQuestion(kid: token.keyID)
        self.generation = generation
    }
}

extension String {
    func differsOnlyByTrailingSlash(from other: String) -> Bool {
        (self + "/").hasSameBytes(as: other) || hasSameBytes(as: other + "/")
    }
}
