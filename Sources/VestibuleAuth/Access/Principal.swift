public import VestibuleProtocol

/// Somebody whose token was verified for this very request.
///
/// Only verification makes one: there is no public initialiser. Fakes for tests are in `VestibuleTesting`.
public struct Principal: Sendable, Hashable {
    /// Who vouches: the token's `iss`.
    public let issuer: String
    /// Who it is, within that issuer: the token's `sub`, a number as its text.
    public let subject: String
    /// OAuth scope (RFC 6749 §3.3).
    public let scope: Set<ByteKey>
    public let permissions: Set<ByteKey>
    public let roles: Set<ByteKey>
    /// The buckets that the token lists, by their plain names, in its order.
    public let buckets: [String]
    /// Every claim of the token, for rules and handlers.
    public let claims: JSONObject
    /// The `kid` of the key that signed the token.
    public let keyID: String?
    public let issuedAt: NumericDate?
    /// When the token stops being valid.
    public let expiration: NumericDate
    /// The token's `jti`.
    public let tokenID: String?

    package init(
        issuer: String, subject: String, scope: some Sequence<String> = [], permissions: some Sequence<String> = [],
        roles: some Sequence<String> = [], buckets: [String] = [], claims: JSONObject = JSONObject(),
        keyID: String? = nil, issuedAt: NumericDate? = nil, expiration: NumericDate, tokenID: String? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.scope = Self.keys(scope)
        self.permissions = Self.keys(permissions)
        self.roles = Self.keys(roles)
        self.buckets = buckets
        self.claims = claims
        self.keyID = keyID
        self.issuedAt = issuedAt
        self.expiration = expiration
        self.tokenID = tokenID
    }

    private static func keys(_ names: some Sequence<String>) -> Set<ByteKey> {
        var keys = Set<ByteKey>(minimumCapacity: names.underestimatedCount)
        for name in names { keys.insert(ByteKey(name)) }
        return keys
    }

    /// What a session is bound to: issuer and subject, never the token's bytes, so that a refreshed token still fits.
    public var identity: Identity { Identity(issuer: issuer, subject: subject) }

    public struct Identity: Sendable, Hashable {
        public let issuer: String
        public let subject: String

        public init(issuer: String, subject: String) {
            self.issuer = issuer
            self.subject = subject
        }

        public static func == (left: Identity, right: Identity) -> Bool {
            left.issuer.hasSameBytes(as: right.issuer) && left.subject.hasSameBytes(as: right.subject)
        }

        public func hash(into hasher: inout Hasher) {
            issuer.hashBytes(into: &hasher)
            subject.hashBytes(into: &hasher)
        }
    }
}
