internal import VestibuleProtocol

/// A token for which its issuer vouches, with what must be looked at again whenever it is used.
struct IntrospectedToken: Sendable {
    var principal: Principal
    var times: TokenTimes

    /// - Throws: `claim_missing`, `issuer_unknown`, `audience_mismatch`, or what ``TokenTimes`` says.
    init(
        _ claims: JSONObject, of issuer: TrustedIssuer, acceptsMissingAudience: Bool, now: NumericDate
    ) throws(Rejection) {
        try Self.checkKind(claims)
        if let value = claims["iss"] {
            guard let said = value.string, said.hasSameBytes(as: issuer.issuer) else {
                throw Rejection(
                    .issuerUnknown, "the issuer \(issuer.name.quoted) vouches for a token that is another issuer's")
            }
        }
        times = try TokenTimes(claims)
        try times.check(at: now, for: issuer)
        if claims["aud"] != nil || !acceptsMissingAudience { try AudienceCheck.check(claims, for: issuer) }
        for requirement in issuer.requiredClaims { try requirement.check(claims, of: issuer.name) }
        principal = try Principal(claims: claims, by: issuer.claims, issuer: issuer.issuer, keyID: nil, times: times)
    }

    /// An issuer also knows tokens that are not for calls: refresh tokens, and those that need a proof of possession,
    /// which nobody asked for.
    private static func checkKind(_ claims: JSONObject) throws(Rejection) {
        if let value = claims["token_type"] {
            guard let type = value.string, type.utf8.lowercasedASCII.elementsEqual("bearer".utf8) else {
                throw Rejection(
                    .claimMissing,
                    "the token's issuer says that it is not a bearer token (token_type); send one that is")
            }
        }
        if let value = claims["token_use"] {
            guard value.string == "access_token" else {
                throw Rejection(
                    .claimMissing,
                    "the token's issuer says that it is not an access token (token_use); send one that is")
            }
        }
    }
}
