internal import Synchronization
internal import VestibuleProtocol

/// Lists and resources that the server allows to keep for a while (`ttlMs`, `cacheScope`; modern era).
///
/// What is private is kept under the token with which it was asked for, and never found under another. The cache holds a
/// bounded number of results; the one that ends soonest makes room.
final class ResultCache: Sendable {
    /// One question: method and parameters, by their bytes, and in whose name.
    struct Key: Hashable, Sendable {
        var method: String
        var params: [UInt8]
        /// `nil` where everybody gets the same.
        var owner: Owner?
    }

    enum Owner: Hashable, Sendable {
        case anonymous
        case token(TokenDigest)
    }

    private struct Entry {
        var json: JSONValue
        var end: NumericDate
        var uri: String?
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let maximumCount: Int

    init(maximumCount: Int) {
        self.maximumCount = maximumCount
    }

    func result(_ method: String, _ params: JSONObject?, for owner: Owner, at now: NumericDate) -> JSONValue? {
        let bytes = params.map { JSONValue.object($0).serialized } ?? []
        return entries.withLock { entries in
            for owner in [nil, owner] {
                let key = Key(method: method, params: bytes, owner: owner)
                guard let entry = entries[key] else { continue }
                guard entry.end > now else {
                    entries[key] = nil
                    continue
                }
                return entry.json
            }
            return nil
        }
    }

    func keep(_ json: JSONValue, _ method: String, _ params: JSONObject?, for owner: Owner, at now: NumericDate) {
        guard maximumCount > 0, let hint = json.object.flatMap(CacheHint.init(result:)), hint.ttl > .zero else {
            return
        }
        let bytes = params.map { JSONValue.object($0).serialized } ?? []
        let key = Key(method: method, params: bytes, owner: hint.scope == .public ? nil : owner)
        entries.withLock { entries in
            if entries[key] == nil, entries.count >= maximumCount,
                let soonest = entries.min(by: { $0.value.end < $1.value.end })?.key
            {
                entries[soonest] = nil
            }
            entries[key] = Entry(json: json, end: now + hint.ttl, uri: params?["uri"]?.string)
        }
    }

    /// Forgets what a notification says has changed.
    func invalidate(by notification: ServerNotification) {
        switch notification {
        case .toolsChanged: forget { key, _ in key.method == MCPMethod.listTools }
        case .promptsChanged: forget { key, _ in key.method == MCPMethod.listPrompts }
        case .resourcesChanged:
            forget { key, _ in
                key.method == MCPMethod.listResources || key.method == MCPMethod.listResourceTemplates
            }
        case .resourceUpdated(let uri):
            // It may name what lies below the resource that was read.
            forget { _, entry in
                entry.uri.map { uri.utf8.starts(with: $0.utf8) || $0.utf8.starts(with: uri.utf8) } ?? false
            }
        default: break
        }
    }

    private func forget(where isStale: (Key, Entry) -> Bool) {
        entries.withLock { entries in
            for (key, entry) in entries where isStale(key, entry) { entries[key] = nil }
        }
    }
}
