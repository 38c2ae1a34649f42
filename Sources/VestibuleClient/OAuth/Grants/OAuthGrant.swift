/// By which right a client gets tokens.
public enum OAuthGrant: Sendable {
    /// A person signs in (RFC 6749 §4.1, with PKCE).
    case authorizationCode(any AuthorizationUI)
    /// The client acts for itself (RFC 6749 §4.4; MCP extension `oauth-client-credentials`). It has to be registered
    /// beforehand, with a secret or a key.
    case clientCredentials
    /// A signed statement of somebody whom the authorization server trusts, such as a workload's identity (RFC 7523
    /// §2.1). It is presented once; where it is refused, nothing else is tried.
    ///
    /// - Parameter assertion: Gives the statement for an audience, the issuer of the authorization server.
    case jwtBearer(assertion: @Sendable (_ audience: String) async throws -> String)
    /// An organisation's identity provider vouches for the person (RFC 8693, then RFC 7523; MCP extension
    /// `enterprise-managed-authorization`).
    case enterpriseManaged(EnterpriseIdentity)
}

/// The identity provider of an organisation, and the person who signed in there.
public struct EnterpriseIdentity: Sendable {
    /// The identity provider's token endpoint, for the token exchange.
    public var tokenEndpoint: String
    /// The identity provider's issuer, the audience of this client's assertions there.
    public var issuer: String
    /// This client as the identity provider knows it.
    public var client: OAuthClient
    /// Gives the ID token of the person, as it came from the identity provider.
    public var identityToken: @Sendable () async throws -> String

    public init(
        tokenEndpoint: String, issuer: String, client: OAuthClient,
        identityToken: @escaping @Sendable () async throws -> String
    ) {
        self.tokenEndpoint = tokenEndpoint
        self.issuer = issuer
        self.client = client
        self.identityToken = identityToken
    }
}

extension EnterpriseIdentity: CustomStringConvertible, CustomReflectable {
    public var description: String { "EnterpriseIdentity(\(issuer))" }
    public var customMirror: Mirror { Mirror(self, children: ["issuer": issuer]) }
}
