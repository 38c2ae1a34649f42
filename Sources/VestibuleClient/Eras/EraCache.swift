internal import Synchronization
public import VestibuleProtocol

/// Which era of MCP a server speaks.
public enum EraVerdict: Sendable, Hashable {
    /// It opens sessions with `initialize`.
    case legacy
    /// It takes every request on its own, in this revision.
    case modern(ProtocolVersion)
}

/// Remembers which era a server speaks, so that it is asked once and not by every client.
///
/// An implementation may keep verdicts beyond the process. It lets those of the legacy era expire: a server that has
/// learnt the modern era goes on accepting `initialize`, so a stale verdict of that kind would never be found out. A stale
/// modern verdict is found out by the first request, and then forgotten.
public protocol EraCache: Sendable {
    /// - Parameter server: The server's origin, such as `https://mcp.example.com`.
    func verdict(for server: String, at now: NumericDate) async -> EraVerdict?

    /// Keeps a verdict; `nil` forgets what was kept.
    func keep(_ verdict: EraVerdict?, for server: String, at now: NumericDate) async
}

/// Remembers in memory.
public final class InMemoryEraCache: EraCache {
    /// How many servers are remembered; the one whose verdict is oldest makes room.
    public static let maximumCount = 256

    private struct Entry {
        var verdict: EraVerdict
        var since: NumericDate
    }

    private let entries = Mutex<[ByteKey: Entry]>([:])
    /// How long a legacy verdict counts.
    public let legacyLifetime: Duration

    /// - Parameter legacyLifetime: How long a legacy verdict counts. Default 1 hour.
    public init(legacyLifetime: Duration = .seconds(3600)) {
        self.legacyLifetime = legacyLifetime
    }

    public func verdict(for server: String, at now: NumericDate) async -> EraVerdict? {
        entries.withLock { entries in
            guard let entry = entries[ByteKey(server)] else { return nil }
            guard entry.verdict == .legacy, now - entry.since >= legacyLifetime.inSeconds else { return entry.verdict }
            entries[ByteKey(server)] = nil
            return nil
        }
    }

    public func keep(_ verdict: EraVerdict?, for server: String, at now: NumericDate) async {
        entries.withLock { entries in
            guard let verdict else {
                entries[ByteKey(server)] = nil
                return
            }
            // Whoever uses a legacy server does not make the verdict any younger.
            if entries[ByteKey(server)]?.verdict == verdict { return }
            if entries[ByteKey(server)] == nil, entries.count >= Self.maximumCount,
                let oldest = entries.min(by: { $0.value.since < $1.value.since })?.key
            {
                entries[oldest] = nil
            }
            entries[ByteKey(server)] = Entry(verdict: verdict, since: now)
        }
    }
}
