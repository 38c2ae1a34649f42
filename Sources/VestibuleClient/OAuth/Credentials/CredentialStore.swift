public import VestibuleProtocol

/// Keeps what a client got from authorization servers: its registrations, one for each issuer, and its tokens, one set
/// for each issuer and resource. Nothing of one issuer is ever handed out for another.
public protocol CredentialStore: Sendable {
    /// The registration with an issuer.
    func client(issuer: String) async throws -> OAuthClient?
    /// Stores a registration in place of an older one with the same issuer.
    ///
    /// - Precondition: The client names its issuer.
    func save(_ client: OAuthClient) async throws
    func removeClient(issuer: String) async throws
    /// The tokens for a resource from an issuer; from the issuer that was last signed in with, where none is named.
    func signIn(resource: String, issuer: String?) async throws -> StoredSignIn?
    /// Stores tokens in place of older ones of the same issuer and resource.
    func save(_ signIn: StoredSignIn) async throws
    func removeSignIn(resource: String, issuer: String) async throws
    /// Runs `body` while nobody else who shares the store runs theirs, so that two of them do not use up one refresh
    /// token.
    func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value
}

extension CredentialStore {
    public func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await body()
    }
}

/// Tokens as they are kept. None of them shows in a description.
public struct StoredSignIn: Sendable {
    /// The MCP server's URL in its canonical form.
    public var server: String
    /// The resource identifier that the tokens are for.
    public var resource: String
    public var issuer: String
    public var clientID: String
    public var accessToken: String
    public var scheme: BearerChallenge.Scheme
    public var expiresAt: NumericDate
    public var refreshToken: String?
    /// What was asked for; a later sign-in asks for no less.
    public var requestedScope: [String]
    /// The key that the tokens are bound to, by its thumbprint (RFC 7638), where they are.
    public var keyThumbprint: String?
    /// Whether the issuer is a server of revision 2025-03-26 without metadata of its own resource.
    public var isLegacy: Bool

    public init(
        server: String, resource: String, issuer: String, clientID: String, accessToken: String,
        scheme: BearerChallenge.Scheme = .bearer, expiresAt: NumericDate, refreshToken: String? = nil,
        requestedScope: [String] = [], keyThumbprint: String? = nil, isLegacy: Bool = false
    ) {
        self.server = server
        self.resource = resource
        self.issuer = issuer
        self.clientID = clientID
        self.accessToken = accessToken
        self.scheme = scheme
        self.expiresAt = expiresAt
        self.refreshToken = refreshToken
        self.requestedScope = requestedScope
        self.keyThumbprint = keyThumbprint
        self.isLegacy = isLegacy
    }
}

extension StoredSignIn: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "StoredSignIn(\(server), issuer: \(issuer), tokens redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["server": server, "issuer": issuer]) }
}
