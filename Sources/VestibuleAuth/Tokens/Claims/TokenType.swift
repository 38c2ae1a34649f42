internal import VestibuleProtocol

/// A kind of token that an issuer promises: `issuers[].tokenType`.
public enum TokenType: String, Sendable, Hashable, CaseIterable {
    /// A JWT access token by RFC 9068.
    case accessToken = "at+jwt"

    /// RFC 9068 §4: the `typ` is due, and so are the claims of §2.2. `iss`, `exp`, `aud` and `sub` are checked of every
    /// token.
    ///
    /// - Throws: `claim_missing`.
    func check(_ token: CompactToken, of issuer: String) throws(Rejection) {
        guard let type = token.header["typ"]?.string, Self.names.contains(where: type.hasSameLetters) else {
            throw Rejection(
                .claimMissing,
                "the token's typ is not \(rawValue), which tokens of \(issuer.quoted) need (RFC 9068 §4): perhaps this "
                    + "is an ID token; send the access token")
        }
        for name in ["client_id", "jti"] {
            guard token.claims[name]?.string?.isEmpty == false else {
                throw Rejection(
                    .claimMissing, "the token has no \(name), which is due in an access token (RFC 9068 §2.2)")
            }
        }
        guard token.claims["iat"] != nil else {
            throw Rejection(.claimMissing, "the token has no iat, which is due in an access token (RFC 9068 §2.2)")
        }
    }

    private static let names = ["at+jwt", "application/at+jwt"]
}

extension String {
    /// Whether both are the same but for the case of ASCII letters: media types have none (RFC 2045 §5.1).
    fileprivate func hasSameLetters(as other: String) -> Bool {
        utf8.lowercasedASCII.elementsEqual(other.utf8.lowercasedASCII)
    }
}
