internal import VestibuleProtocol

/// An issuer whose tokens are accepted, and on which conditions.
public struct TrustedIssuer: Sendable {
    /// Where the issuer's keys come from.
    public enum Keys: Sendable {
        /// A ring that follows its files as they change.
        case live(LiveKeyRing)
        /// A ring that stays as it is.
        case fixed(KeyRing)
        /// What the issuer publishes.
        case remote(RemoteKeyRing)
    }

    /// What the configuration calls the issuer, for lines that people read.
    public var name: String
    /// The `iss` of its tokens, compared by bytes.
    public var issuer: String
    /// The audiences of which a token's `aud` must name one, compared by bytes. With none, every token is refused.
    public var audiences: [String]
    public var keys: Keys
    /// The algorithms that are accepted from this issuer; `nil` for whichever its keys have.
    public var algorithms: Set<SignatureAlgorithm>?
    /// How long after its `iat` a token is still accepted; `nil` for as long as its `exp` says. Tokens must have an
    /// `iat` where this is set.
    public var maximumTokenAge: Duration?
    /// How far two clocks may disagree. Applies to `exp`, `nbf`, `iat` and the age. Default 5 s.
    public var leeway: Duration
    /// Whether a token without `kid` is tried against the issuer's keys. Default false.
    public var acceptsMissingKeyID: Bool
    /// Which claims say who somebody is and what they may.
    public var claims: ClaimMapping
    /// What every token has to say besides; all of them.
    public var requiredClaims: [ClaimRequirement]
    /// The kind of token that the issuer promises; `nil` where a `typ` of `JWT`, or none, is good enough.
    public var tokenType: TokenType?
    /// How the issuer is asked about tokens that it alone can judge; `nil` where it is not. Of a verifier's issuers the
    /// first that has it is asked.
    public var introspection: TokenIntrospection?

    public init(
        name: String, issuer: String, audiences: [String], keys: Keys, algorithms: Set<SignatureAlgorithm>? = nil,
        maximumTokenAge: Duration? = nil, leeway: Duration = .seconds(5), acceptsMissingKeyID: Bool = false,
        claims: ClaimMapping = .standard, requiredClaims: [ClaimRequirement] = [], tokenType: TokenType? = nil,
        introspection: TokenIntrospection? = nil
    ) {
        self.name = name
        self.issuer = issuer
        self.audiences = audiences
        self.keys = keys
        self.algorithms = algorithms
        self.maximumTokenAge = maximumTokenAge
        self.leeway = leeway
        self.acceptsMissingKeyID = acceptsMissingKeyID
        self.claims = claims
        self.requiredClaims = requiredClaims
        self.tokenType = tokenType
        self.introspection = introspection
    }

    /// The issuer's keys as of at most 100 ms ago, the retired ones included.
    public var currentKeys: [RingKey] { ring().ring.keys }

    /// The issuer's keys as of now, or as of at most 100 ms ago.
    func ring(atOnce: Bool = false) -> (ring: KeyRing, generation: UInt64) {
        switch keys {
        case .live(let live): live.snapshot(atOnce: atOnce)
        case .fixed(let ring): (ring, 0)
        case .remote(let remote): remote.snapshot()
        }
    }

    /// The keys where they are fetched from the issuer.
    public var remoteKeys: RemoteKeyRing? {
        if case .remote(let remote) = keys { remote } else { nil }
    }
}
