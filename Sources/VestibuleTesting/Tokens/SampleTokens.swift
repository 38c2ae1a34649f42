public import VestibuleAuth
public import VestibuleProtocol

/// Tokens for tests of clients: well-formed JWTs whose signature is random, so that no server could accept them.
public enum SampleTokens {
    /// A token.
    ///
    /// - Parameters:
    ///   - keyID: `kid`; `nil` for none.
    ///   - issuedAt: `iat`.
    ///   - lifetime: `exp` counted from `iat`; `nil` for no `exp`.
    ///   - notBefore: `nbf`.
    ///   - claims: More claims; they win over the others.
    public static func token(
        keyID: String? = "k1", issuedAt: NumericDate?, lifetime: Duration? = .seconds(300),
        notBefore: NumericDate? = nil, claims: JSONObject = [:]
    ) -> String {
        var header: JSONObject = ["alg": "HS256", "typ": "JWT"]
        header["kid"] = keyID.map(JSONValue.string)
        var payload: JSONObject = ["iss": "https://issuer.test", "sub": "ada", "aud": "https://resource.test/mcp"]
        payload["iat"] = issuedAt.flatMap { JSONNumber($0.seconds) }.map(JSONValue.number)
        payload["nbf"] = notBefore.flatMap { JSONNumber($0.seconds) }.map(JSONValue.number)
        if let issuedAt, let lifetime {
            payload["exp"] = JSONNumber((issuedAt + lifetime).seconds).map(JSONValue.number)
        }
        for member in claims.members { payload[member.name] = member.value }
        let signature = (0..<32).map { _ in UInt8.random(in: 0...255) }
        return [JSONValue.object(header).serialized, JSONValue.object(payload).serialized, signature]
            .map { Base64URL.encode($0) }.joined(separator: ".")
    }
}

extension Principal {
    /// Somebody for tests, whom nobody verified.
    public static func sample(
        issuer: String = "https://issuer.test", subject: String = "ada", scope: [String] = [],
        permissions: [String] = [], roles: [String] = [], buckets: [String] = [], claims: JSONObject = [:],
        keyID: String? = "k1", issuedAt: NumericDate? = NumericDate(1_700_000_000),
        expiration: NumericDate = NumericDate(1_700_000_300), tokenID: String? = nil
    ) -> Principal {
        Principal(
            issuer: issuer, subject: subject, scope: scope, permissions: permissions, roles: roles, buckets: buckets,
            claims: claims, keyID: keyID, issuedAt: issuedAt, expiration: expiration, tokenID: tokenID)
    }
}
