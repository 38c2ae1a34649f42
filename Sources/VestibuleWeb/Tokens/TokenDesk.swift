public import VestibuleAuth
public import VestibuleProtocol

/// Gives signed-in persons short-lived access tokens for this server's own resource.
public struct TokenDesk: Sendable {
    private let ring: LiveKeyRing
    private let issuer: String
    private let audience: String
    private let clock: any WallClock
    /// How long a token is valid.
    public let lifetime: Duration

    /// The `client_id` of its tokens: pages of this server, and those of origins that it allows.
    public static let clientID = "vestibule-web"

    /// The longest that a token of this desk may be valid: its holder asks for the next one without being asked.
    public static let maximumLifetime = Duration.seconds(3600)

    /// - Parameters:
    ///   - ring: the server's own keys. Its active key signs, the one of that very moment: what is minted after a
    ///     rotation is never of the old key.
    ///   - lifetime: cut to 1 s to ``maximumLifetime``.
    public init(ring: LiveKeyRing, issuer: String, audience: String, lifetime: Duration, clock: any WallClock) {
        self.ring = ring
        self.issuer = issuer
        self.audience = audience
        self.lifetime = min(max(lifetime, .seconds(1)), Self.maximumLifetime)
        self.clock = clock
    }

    /// A token with the person's rights.
    ///
    /// - Throws: `MintingError` where the ring has no active key.
    func token(for person: SignedInPerson) throws(MintingError) -> String {
        try TokenMinter(ring: ring.refreshed(), clock: clock)
            .mint(
                TokenClaims(
                    issuer: issuer, audience: [audience], subject: person.subject, scope: person.grant.scope,
                    permissions: person.grant.permissions, roles: person.grant.roles, buckets: person.grant.buckets,
                    clientID: Self.clientID, timeToLive: lifetime))
    }
}
