internal import VestibuleProtocol

/// Which scope to ask for (MCP 2026-07-28, Scope Selection Strategy).
enum ScopeChoice {
    /// - Parameters:
    ///   - challenged: What the server's challenge names; it alone says what the operation needs.
    ///   - supported: What the resource's metadata names; asked for where no challenge says more.
    ///   - earlier: What was asked for before, by whatever occasion; a new token grants no less.
    ///   - configured: What is always asked for.
    static func scope(
        challenged: [String], supported: [String]?, earlier: [String], configured: [String]
    ) -> [String] {
        let base = challenged.isEmpty && earlier.isEmpty ? supported ?? [] : challenged
        return union([earlier, base, configured])
    }

    /// Every part once, in the order in which it first comes. At most 100.
    static func union(_ lists: [[String]]) -> [String] {
        var seen = Set<ByteKey>()
        return Array(lists.joined().filter { !$0.isEmpty && seen.insert(ByteKey($0)).inserted }.prefix(100))
    }
}
