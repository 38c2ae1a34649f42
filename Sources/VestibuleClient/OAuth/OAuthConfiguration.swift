internal import VestibuleProtocol

/// How a client gets its tokens from authorization servers. Every default is meant to be kept.
public struct OAuthConfiguration: Sendable {
    /// Clients that operators of authorization servers have registered, each for its issuer. One without an issuer
    /// belongs to the first issuer that it is used with, and to no other.
    ///
    /// With any of them no other way of registration is tried.
    public var clients: [OAuthClient]
    /// The `https` URL of the client's own description, its id wherever such ids are understood (Client ID Metadata
    /// Documents). The document there has to name the redirect URI that is used.
    public var clientMetadataDocument: String?
    /// What the client says of itself when it registers.
    public var metadata: OAuthClientMetadata
    /// What is asked for beyond what the server says is needed.
    public var scope: [String]
    /// Whether `offline_access` is asked for where the authorization server knows it, so that a refresh token comes.
    /// Default `true`.
    public var asksForOfflineAccess: Bool
    /// The issuers to choose first where a resource names several.
    public var preferredIssuers: [String]
    /// The key to bind tokens to (DPoP, RFC 9449). Default none: bearer tokens.
    public var dpopKey: OAuthSigningKey?
    /// How long a token without `expires_in` counts as fresh. Default 1 hour.
    public var assumedLifetime: Duration
    /// How often a wider scope is asked for one after another that the server still finds wanting. Default 3.
    public var maximumStepUps: Int
    /// How long one exchange with an authorization server may take. Default 15 s.
    public var requestTimeout: Duration
    /// How long getting a token may take in all, a person who signs in included. Default 6 minutes.
    public var signInTimeout: Duration

    public init(
        clients: [OAuthClient] = [], clientMetadataDocument: String? = nil,
        metadata: OAuthClientMetadata = OAuthClientMetadata(), scope: [String] = [],
        asksForOfflineAccess: Bool = true, preferredIssuers: [String] = [], dpopKey: OAuthSigningKey? = nil,
        assumedLifetime: Duration = .seconds(3600), maximumStepUps: Int = 3,
        requestTimeout: Duration = .seconds(15), signInTimeout: Duration = .seconds(360)
    ) {
        self.clients = clients
        self.clientMetadataDocument = clientMetadataDocument
        self.metadata = metadata
        self.scope = scope
        self.asksForOfflineAccess = asksForOfflineAccess
        self.preferredIssuers = preferredIssuers
        self.dpopKey = dpopKey
        self.assumedLifetime = assumedLifetime
        self.maximumStepUps = maximumStepUps
        self.requestTimeout = requestTimeout
        self.signInTimeout = signInTimeout
    }

    /// The client that is registered with an issuer.
    func client(for issuer: String) -> OAuthClient? {
        clients.first { $0.issuer?.hasSameBytes(as: issuer) ?? false } ?? clients.first { $0.issuer == nil }
    }
}
