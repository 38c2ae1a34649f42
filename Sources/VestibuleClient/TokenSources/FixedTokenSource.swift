/// One token and no other. It is sent while it is fresh; when it is stale or refused, that is the end.
public struct FixedTokenSource: TokenSource {
    private let text: String

    public init(_ token: String) {
        self.text = token
    }

    public var canRefresh: Bool { false }
    public func token(_ request: TokenRequest) async throws -> String { text }
}

extension FixedTokenSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "FixedTokenSource(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension TokenSource where Self == FixedTokenSource {
    /// One token and no other.
    public static func fixed(_ token: String) -> FixedTokenSource { FixedTokenSource(token) }
}
