internal import VestibuleProtocol

/// The dates of a token, and what they mean at a time.
struct TokenTimes: Sendable, Hashable {
    var expiration: NumericDate
    var notBefore: NumericDate?
    var issuedAt: NumericDate?

    /// - Throws: `claim_missing` where `exp` is absent, or one of the dates is no date.
    init(_ claims: JSONObject) throws(Rejection) {
        guard let expiration = try Self.date("exp", in: claims) else {
            throw Rejection(
                .claimMissing, "the token has no exp, so it would never expire; tokens here must (RFC 7519 §4.1.4)")
        }
        self.expiration = expiration
        self.notBefore = try Self.date("nbf", in: claims)
        self.issuedAt = try Self.date("iat", in: claims)
    }

    private static func date(_ claim: String, in claims: JSONObject) throws(Rejection) -> NumericDate? {
        guard let value = claims[claim] else { return nil }
        guard let number = value.number else {
            throw Rejection(
                .claimMissing,
                "the token's \(claim) is a \(value.kind); a number of seconds since 1970 is due (RFC 7519 §2)")
        }
        guard let seconds = number.double, NumericDate.plausible.contains(seconds) else {
            throw Rejection(
                .claimMissing,
                "the token's \(claim) lies outside the years 1 to 9999; seconds are due, perhaps these are milliseconds"
            )
        }
        return NumericDate(seconds)
    }

    /// The least that a clock must be ahead for `clock_skew` not to be the likelier story, in seconds.
    private static let greatestSkew = 3600.0

    /// - Throws: `token_expired`, `clock_skew`, `token_not_yet_valid`, `claim_missing` or `token_too_old`.
    func check(at now: NumericDate, for issuer: TrustedIssuer) throws(Rejection) {
        let leeway = issuer.leeway.inSeconds
        guard now.seconds < expiration.seconds + leeway else {
            throw Rejection(
                .tokenExpired, "the token expired \(SpokenDuration(now - expiration)) ago, at \(expiration)")
        }
        for (claim, date) in [("nbf", notBefore), ("iat", issuedAt)] {
            guard let date, date - now > leeway else { continue }
            if date - now < Self.greatestSkew {
                throw Rejection(
                    .clockSkew,
                    """
                    the token's \(claim) lies \(SpokenDuration(date - now)) ahead of this server's clock \
                    (\(now)): one of the two clocks is wrong
                    """)
            }
            throw Rejection(
                .tokenNotYetValid,
                "the token's \(claim) is \(date), \(SpokenDuration(date - now)) ahead of this server's clock")
        }
        guard let maximum = issuer.maximumTokenAge else { return }
        guard let issuedAt else {
            throw Rejection(
                .claimMissing,
                "the token has no iat; it is due because tokens of \(issuer.name.quoted) may be \(SpokenDuration(maximum)) old"
            )
        }
        guard now - issuedAt <= maximum.inSeconds + leeway else {
            throw Rejection(
                .tokenTooOld,
                """
                the token was issued \(SpokenDuration(now - issuedAt)) ago, at \(issuedAt); \
                tokens of \(issuer.name.quoted) are accepted for \(SpokenDuration(maximum))
                """)
        }
    }
}
