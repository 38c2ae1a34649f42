internal import VestibuleProtocol

extension Principal {
    /// The principal of claims that were verified.
    ///
    /// - Throws: `claim_missing` where `sub` is absent, empty, or neither a string nor a number.
    init(claims: JSONObject, issuer: String, key: RingKey, times: TokenTimes) throws(Rejection) {
        self.init(
            issuer: issuer, subject: try Self.subject(claims), scope: claims.words("scope"),
            permissions: claims.words("permissions"), roles: claims.words("roles"), buckets: claims.buckets,
            claims: claims, keyID: key.kid, issuedAt: times.issuedAt, expiration: times.expiration,
            tokenID: claims["jti"]?.string)
    }

    private static func subject(_ claims: JSONObject) throws(Rejection) -> String {
        switch claims["sub"] {
        case .string(let text) where !text.isEmpty: return text
        case .string: throw Rejection(.claimMissing, "the token's sub is empty, so it names nobody")
        // Some issuers number their users; the digits as written are the name.
        case .number(let number): return number.literal
        case nil: throw Rejection(.claimMissing, "the token has no sub, so it names nobody")
        case .some(let value):
            throw Rejection(.claimMissing, "the token's sub is a \(value.kind); a string or a number is due")
        }
    }
}

extension JSONObject {
    /// The words of a claim: an array of strings, or one string with spaces between them (RFC 6749 §3.3). A value of
    /// another type, or an element that is not a string, grants nothing.
    func words(_ claim: String) -> [String] {
        switch self[claim] {
        case .string(let text): text.utf8.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        case .array(let values): values.compactMap(\.string)
        default: []
        }
    }

    /// The plain names of the buckets that the token lists, each once.
    var buckets: [String] {
        var seen: Set<BucketName> = []
        return words("buckets").compactMap(BucketName.init).filter { seen.insert($0).inserted }.map(\.name)
    }
}
