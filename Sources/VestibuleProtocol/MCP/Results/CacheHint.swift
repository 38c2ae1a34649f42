/// For how long and for whom an answer may be kept (MCP 2026-07-28, Caching).
public struct CacheHint: Sendable, Hashable {
    /// Who may be served the kept answer.
    public enum Scope: String, Sendable, Hashable {
        /// Anyone: the answer is the same whoever asks.
        case `public`
        /// Whoever asks with the same authorization.
        case `private`
    }

    /// At most this long, in whole milliseconds; zero is not at all.
    public var ttl: Duration
    public var scope: Scope

    /// - Parameter ttl: A negative one counts as zero.
    public init(ttl: Duration, scope: Scope) {
        self.ttl = max(ttl, .zero)
        self.scope = scope
    }

    /// Not to be kept, and nobody else's.
    public static let uncached = CacheHint(ttl: .zero, scope: .private)

    /// Reads the hint of a result: absent, unreadable or negative times are zero, and what does not say `public` is
    /// private. `nil` where a result carries no hint at all.
    public init?(result: JSONObject) {
        guard result["ttlMs"] != nil || result["cacheScope"] != nil else { return nil }
        let milliseconds = result["ttlMs"]?.integer ?? 0
        self.init(
            ttl: .milliseconds(max(0, min(milliseconds, Int.max / 1000))),
            scope: result["cacheScope"]?.string.flatMap(Scope.init) ?? .private)
    }

    /// The narrower of two: the shorter time, and private where either is.
    public func narrowed(by other: CacheHint) -> CacheHint {
        CacheHint(
            ttl: min(ttl, other.ttl), scope: scope == .public && other.scope == .public ? .public : .private)
    }
}

extension JSONObject {
    /// The members that end every result: in the modern era its type and, where one is due, its caching hint.
    mutating func finishResult(
        type: ResultType = .complete, cache: CacheHint? = nil, meta: JSONObject?, for version: ProtocolVersion?
    ) {
        if version.isModernEra {
            append("resultType", .string(type.rawValue))
            if let cache {
                append("ttlMs", .integer(cache.ttl.wholeMilliseconds))
                append("cacheScope", .string(cache.scope.rawValue))
            }
        }
        add(meta: meta)
    }
}
