public import VestibuleProtocol

/// That tokens are refused though nothing else is wrong with them, and which.
public struct Revocation: Sendable, Hashable {
    /// What the revoked tokens have in common.
    public enum Target: Sendable, Hashable {
        /// The one token of that `jti`.
        case token(id: ByteKey)
        /// All tokens of that `sub` that were issued before the revocation; those without an `iat`, too. A new sign-in
        /// is good again: `iat` counts whole seconds, so from the next second on.
        case subject(ByteKey)
        /// All tokens that a key of that `kid` signed, whenever that was.
        case key(id: ByteKey)
    }

    public var target: Target
    /// The `iss` of the tokens; `nil` for every issuer's.
    public var issuer: ByteKey?
    /// When they were revoked.
    public var date: NumericDate
    /// When the last of them has expired by itself, so that the revocation may be forgotten; `nil` for never.
    public var until: NumericDate?

    public init(_ target: Target, issuer: String? = nil, date: NumericDate, until: NumericDate? = nil) {
        self.target = target
        self.issuer = issuer.map(ByteKey.init)
        self.date = date
        self.until = until
    }

    /// Why the principal's token is refused, or `nil` where it is none of those that are meant.
    func rejection(of principal: Principal) -> Rejection? {
        if let issuer, !issuer.text.hasSameBytes(as: principal.issuer) { return nil }
        switch target {
        case .token(let id):
            guard let token = principal.tokenID, id.text.hasSameBytes(as: token) else { return nil }
            return Rejection(.tokenRevoked, "the token was revoked at \(date); sign in again for another")
        case .subject(let subject):
            guard subject.text.hasSameBytes(as: principal.subject) else { return nil }
            if let issuedAt = principal.issuedAt, issuedAt >= date { return nil }
            return Rejection(
                .tokenRevoked,
                "the tokens of this subject that were issued before \(date) are revoked; sign in again for another")
        case .key(let id):
            guard let key = principal.keyID, id.text.hasSameBytes(as: key) else { return nil }
            return Rejection(
                .tokenRevoked,
                "the tokens of key \(id.text.quoted) were revoked at \(date); sign in again for one of another key")
        }
    }
}

extension Revocation.Target {
    /// `jti`, `subject` or `kid`: its name in files, listings and options.
    public var kind: String {
        switch self {
        case .token: "jti"
        case .subject: "subject"
        case .key: "kid"
        }
    }

    public var value: String {
        switch self {
        case .token(let id), .subject(let id), .key(let id): id.text
        }
    }
}
