public import VestibuleProtocol

/// How a client shows the token endpoint that it is itself (RFC 6749 §2.3, OpenID Connect Core §9).
public enum TokenEndpointAuthMethod: String, Sendable, Hashable, CaseIterable {
    /// A public client: its id alone.
    case none
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case privateKeyJWT = "private_key_jwt"
}

/// A client as an authorization server knows it. Its secret never shows in a description.
public struct OAuthClient: Sendable {
    /// The issuer that knows it; `nil` for one that belongs to whoever is asked first (and from then on to nobody else).
    public var issuer: String?
    public var id: String
    public var secret: String?
    /// The key that signs assertions for `private_key_jwt`.
    public var key: OAuthSigningKey?
    /// How it authenticates; `nil` to choose by what the server takes.
    public var authMethod: TokenEndpointAuthMethod?
    /// The redirect URIs that it was registered with; empty where that is not known.
    public var redirectURIs: [String]
    /// When its secret ends.
    public var secretExpiresAt: NumericDate?

    public init(
        issuer: String? = nil, id: String, secret: String? = nil, key: OAuthSigningKey? = nil,
        authMethod: TokenEndpointAuthMethod? = nil, redirectURIs: [String] = [], secretExpiresAt: NumericDate? = nil
    ) {
        self.issuer = issuer
        self.id = id
        self.secret = secret
        self.key = key
        self.authMethod = authMethod
        self.redirectURIs = redirectURIs
        self.secretExpiresAt = secretExpiresAt
    }
}

extension OAuthClient: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "OAuthClient(\(id), \(secret == nil ? "no secret" : "secret redacted"))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "issuer": issuer as Any]) }
}

/// What a client says of itself when it registers (RFC 7591 §2).
public struct OAuthClientMetadata: Sendable, Hashable {
    public var name: String
    /// A page about the client.
    public var uri: String?
    /// The version of the software.
    public var softwareVersion: String?

    public init(name: String = "Vestibule", uri: String? = nil, softwareVersion: String? = nil) {
        self.name = name
        self.uri = uri
        self.softwareVersion = softwareVersion
    }
}
