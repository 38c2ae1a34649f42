/// Where tokens come from.
///
/// A source is asked by the ``TokenManager`` and by nobody else: one question at a time, never in parallel, never more
/// than two for one refresh. It need not cache anything, and had better not.
public protocol TokenSource: Sendable {
    /// Whether asking again at once may bring another token. A source that can only repeat itself is asked once.
    var canRefresh: Bool { get }
    /// Whether the source heeds ``TokenRequest/scope``, so that a step-up makes sense.
    var canWidenScope: Bool { get }
    /// A token.
    ///
    /// - Throws: Anything; it becomes the cause of an ``MCPClientError`` of code ``MCPClientError/Code/tokenSource``.
    func token(_ request: TokenRequest) async throws -> String
    /// A token together with what the issuer says of its lifetime. Calls ``token(_:)`` unless implemented.
    func issue(_ request: TokenRequest) async throws -> IssuedToken
}

extension TokenSource {
    public var canRefresh: Bool { true }
    public var canWidenScope: Bool { false }

    public func issue(_ request: TokenRequest) async throws -> IssuedToken {
        IssuedToken(try await token(request))
    }
}
