internal import VestibuleProtocol

/// Whether a token is meant for this resource (RFC 7519 §4.1.3, RFC 8707).
enum AudienceCheck {
    /// - Throws: `claim_missing` where `aud` is absent or of a wrong type, `audience_mismatch`.
    static func check(_ claims: JSONObject, for issuer: TrustedIssuer) throws(Rejection) {
        if let only = claims["aud"]?.string, issuer.audiences.contains(where: { $0.hasSameBytes(as: only) }) { return }
        let named = try audiences(claims)
        let isMeant = named.contains { name in issuer.audiences.contains { $0.hasSameBytes(as: name) } }
        guard !isMeant else { return }
        let due = issuer.audiences.isEmpty ? "none" : issuer.audiences.prefix(5).map(\.quoted).joined(separator: ", ")
        let given = named.isEmpty ? "nobody" : named.prefix(5).map(\.quoted).joined(separator: ", ")
        let isNear = named.contains { name in
            issuer.audiences.contains { $0.differsOnlyByTrailingSlash(from: name) }
        }
        throw Rejection(
            .audienceMismatch,
            "the token is meant for \(given); this resource is \(due)"
                + (isNear ? "; they differ by a trailing slash" : ""))
    }

    private static func audiences(_ claims: JSONObject) throws(Rejection) -> [String] {
        switch claims["aud"] {
        case .string(let name): return [name]
        case .array(let values):
            let names = values.compactMap(\.string)
            guard names.count == values.count else {
                throw Rejection(.claimMissing, "the token's aud is an array with something other than strings in it")
            }
            return names
        case nil:
            throw Rejection(.claimMissing, "the token has no aud, so nothing says that it is meant for this resource")
        case .some(let value):
            throw Rejection(
                .claimMissing, "the token's aud is a \(value.kind); a string or an array of strings is due")
        }
    }
}
