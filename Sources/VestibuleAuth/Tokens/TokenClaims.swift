public import VestibuleProtocol

/// What a token is to say.
public struct TokenClaims: Sendable, Hashable {
    /// Five minutes: long enough for a call, short enough to be of little use to a thief.
    public static let defaultTimeToLive = Duration.seconds(300)

    /// The client of whoever mints a token without saying for which.
    public static let defaultClientID = "vestibule"

    public var issuer: String
    public var audience: [String]
    public var subject: String
    public var scope: [String]
    public var permissions: [String]
    public var roles: [String]
    public var buckets: [String]
    /// `client_id`: which client the token is for (RFC 9068 §2.2). A `client_id` in ``extra`` comes before it.
    public var clientID: String
    /// How long the token is valid; more than zero, at most 10 years.
    public var timeToLive: Duration
    /// `jti`; by default 128 random bits.
    public var tokenID: String?
    /// Further claims. None of those that this type has a property for.
    public var extra: JSONObject

    public init(
        issuer: String, audience: [String], subject: String, scope: [String] = [], permissions: [String] = [],
        roles: [String] = [], buckets: [String] = [], clientID: String = Self.defaultClientID,
        timeToLive: Duration = Self.defaultTimeToLive,
        tokenID: String? = nil, extra: JSONObject = JSONObject()
    ) {
        self.issuer = issuer
        self.audience = audience
        self.subject = subject
        self.scope = scope
        self.permissions = permissions
        self.roles = roles
        self.buckets = buckets
        self.clientID = clientID
        self.timeToLive = timeToLive
        self.tokenID = tokenID
        self.extra = extra
    }

    /// The claims that ``extra`` may not set.
    public static let reserved = [
        "iss", "aud", "sub", "iat", "nbf", "exp", "jti", "scope", "permissions", "roles", "buckets",
    ]
}

/// Why a token cannot be made, in one line.
public struct MintingError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
