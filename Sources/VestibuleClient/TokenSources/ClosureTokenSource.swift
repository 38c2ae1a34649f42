/// Asks a closure.
public struct ClosureTokenSource: TokenSource {
    public let canRefresh: Bool
    public let canWidenScope: Bool
    private let body: @Sendable (TokenRequest) async throws -> IssuedToken

    /// - Parameters:
    ///   - canRefresh: Whether asking again at once may bring another token. Default `true`.
    ///   - canWidenScope: Whether the closure heeds ``TokenRequest/scope``. Default `false`.
    public init(
        canRefresh: Bool = true, canWidenScope: Bool = false,
        _ body: @escaping @Sendable (TokenRequest) async throws -> IssuedToken
    ) {
        self.canRefresh = canRefresh
        self.canWidenScope = canWidenScope
        self.body = body
    }

    public func token(_ request: TokenRequest) async throws -> String { try await body(request).text }
    public func issue(_ request: TokenRequest) async throws -> IssuedToken { try await body(request) }
}

extension TokenSource where Self == ClosureTokenSource {
    /// Asks a closure for each token.
    public static func closure(
        canRefresh: Bool = true, canWidenScope: Bool = false,
        _ body: @escaping @Sendable (TokenRequest) async throws -> String
    ) -> ClosureTokenSource {
        ClosureTokenSource(canRefresh: canRefresh, canWidenScope: canWidenScope) { IssuedToken(try await body($0)) }
    }
}
