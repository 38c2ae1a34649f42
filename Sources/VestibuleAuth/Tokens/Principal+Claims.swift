internal import VestibuleProtocol

extension Principal {
    /// The principal of claims that were verified.
    ///
    /// - Parameter keyID: of the key that signed them, if one did.
    /// - Throws: `claim_missing` where the subject is absent, empty, or neither a string nor a number.
    init(
        claims: JSONObject, by mapping: ClaimMapping, issuer: String, keyID: String?, times: TokenTimes
    ) throws(Rejection) {
        let mapped = try MappedClaims(claims, by: mapping)
        self.init(
            issuer: issuer, subject: mapped.subject, scope: mapped.scope, permissions: mapped.permissions,
            roles: mapped.roles, buckets: mapped.buckets, claims: claims, keyID: keyID, issuedAt: times.issuedAt,
            expiration: times.expiration, tokenID: claims["jti"]?.string)
    }
}
