/// Where tokens come from.
///
/// A source is asked by the ``TokenManager`` and by nobody else: one question at a time, never in parallel, never more
/// than two for one refresh. It need not cache anything, and had better not.
public protocol TokenSource: Sendable {
    /// Whether asking again at once may bring another token. A source that can only repeat itself is asked once.
    var canRefresh: Bool { get }
    /// Whether the source heeds ``TokenRequest/scope``, so that a step-up makes sense.
    var canWidenScope: Bool { get }
    /// Whether the source can get a token where no refresh helps: by asking a person, or for good by itself. A server
    /// that refuses a token with the remedy `sign_in` is then tried once more with a new one.
    var canSignIn: Bool { get }
    /// When its tokens count as fresh, and how long it may take, unless whoever makes a client says otherwise.
    var defaultConfiguration: TokenManagerConfiguration { get }
    /// What writes its tokens into requests.
    var authorizer: any RequestAuthorizer { get }
    /// A token.
    ///
    /// - Throws: An ``MCPClientError`` of code ``MCPClientError/Code/signInRequired`` where it waits for the server to
    ///   ask: the request then goes without a token. Anything else becomes the cause of an ``MCPClientError`` of code ``MCPClientError/Code/tokenSource``.
    func token(_ request: TokenRequest) async throws -> String
    /// A token together with what the issuer says of its lifetime. Calls ``token(_:)`` unless implemented.
    func issue(_ request: TokenRequest) async throws -> IssuedToken
}

extension TokenSource {
    public var canRefresh: Bool { true }
    public var canWidenScope: Bool { false }
    public var canSignIn: Bool { false }
    public var defaultConfiguration: TokenManagerConfiguration { TokenManagerConfiguration() }
    public var authorizer: any RequestAuthorizer { BearerAuthorizer() }

    public func issue(_ request: TokenRequest) async throws -> IssuedToken {
        IssuedToken(try await token(request))
    }
}
