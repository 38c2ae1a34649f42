internal import Crypto
public import HTTPTypes
internal import Synchronization
public import VestibuleProtocol
public import VestibuleServer

/// How long browsers stay signed in, and how many do.
public struct BrowserSessionConfiguration: Sendable, Hashable {
    /// How long a session lives without a request.
    public var idle: Duration
    /// How long a session lives at most.
    public var lifetime: Duration
    /// How many sessions there are at most, 1 at least; then the one idle longest goes.
    public var maximum: Int
    /// How many tokens a session may fetch in a minute.
    public var tokensPerMinute: Int

    public init(
        idle: Duration = .seconds(8 * 3600), lifetime: Duration = .seconds(24 * 3600), maximum: Int = 10_000,
        tokensPerMinute: Int = 60
    ) {
        self.idle = idle
        self.lifetime = lifetime
        self.maximum = max(1, maximum)
        self.tokensPerMinute = max(1, tokensPerMinute)
    }
}

/// The signed-in browsers of one server, in memory.
///
/// The id of a session is 256 random bits in a cookie; only its SHA-256 is kept. Signing in always makes a new id, so
/// an id that somebody planted before is worth nothing afterwards.
public final class BrowserSessions: Sendable {
    private struct Entry {
        var session: BrowserSession
        var lastSeen: NumericDate
        var tokens: MinuteCount
    }

    public let cookies: SiteCookies
    private let configuration: BrowserSessionConfiguration
    private let clock: any WallClock
    private let entries = Mutex<[SessionKey: Entry]>([:])

    public init(
        _ configuration: BrowserSessionConfiguration = BrowserSessionConfiguration(), cookies: SiteCookies,
        clock: any WallClock
    ) {
        self.configuration = configuration
        self.cookies = cookies
        self.clock = clock
    }

    /// How many there are, those that have expired unseen included.
    public var count: Int { entries.withLock { $0.count } }

    /// The session whose cookie the request carries; its idle time begins anew.
    public func session(for request: EndpointRequest) -> BrowserSession? {
        guard let key = key(in: request) else { return nil }
        let now = clock.now()
        return entries.withLock { entries in
            guard var entry = entries[key] else { return nil }
            guard isAlive(entry, at: now) else {
                entries[key] = nil
                return nil
            }
            entry.lastSeen = now
            entries[key] = entry
            return entry.session
        }
    }

    /// Whether the session still is one. Unlike a request, the question keeps no session from expiring.
    func isAlive(_ session: BrowserSession) -> Bool {
        let now = clock.now()
        return entries.withLock { entries in entries[session.key].map { isAlive($0, at: now) } ?? false }
    }

    /// Begins a session with a new id, and ends the one that the request came with.
    ///
    /// - Returns: the `Set-Cookie` field that carries the id: its only copy.
    public func begin(_ person: SignedInPerson, replacing request: EndpointRequest? = nil) -> HTTPField {
        let id = RandomID.makeSecret()
        let now = clock.now()
        let key = Self.key(of: id)
        let session = BrowserSession(
            person: person, csrf: RandomID.makeSecret(), createdAt: now, expiresAt: now + configuration.lifetime,
            fingerprint: key.digest.prefix(4).hexadecimal, key: key)
        let former = request.flatMap(self.key(in:))
        entries.withLock { entries in
            if let former { entries[former] = nil }
            if entries.count >= configuration.maximum { makeRoom(in: &entries, at: now) }
            entries[key] = Entry(session: session, lastSeen: now, tokens: MinuteCount(from: now))
        }
        return cookies.set(id)
    }

    /// Ends the session.
    ///
    /// - Returns: the `Set-Cookie` field that removes the cookie.
    public func end(_ session: BrowserSession) -> HTTPField {
        entries.withLock { $0[session.key] = nil }
        return cookies.remove()
    }

    /// Counts one token for the session.
    ///
    /// - Returns: how long to wait where the minute's tokens are used up, else `nil`.
    func countToken(of session: BrowserSession) -> Duration? {
        let now = clock.now()
        return entries.withLock { entries in
            entries[session.key]?.tokens.count(at: now, limit: configuration.tokensPerMinute)
        }
    }

    private func isAlive(_ entry: Entry, at now: NumericDate) -> Bool {
        now < entry.session.expiresAt && now < entry.lastSeen + configuration.idle
    }

    /// Drops what has expired, or else the session that was idle longest.
    private func makeRoom(in entries: inout [SessionKey: Entry], at now: NumericDate) {
        entries = entries.filter { isAlive($0.value, at: now) }
        while entries.count >= configuration.maximum,
            let idlest = entries.min(by: { $0.value.lastSeen < $1.value.lastSeen })
        {
            entries[idlest.key] = nil
        }
    }

    private func key(in request: EndpointRequest) -> SessionKey? {
        guard let id = cookies.value(in: request), id.utf8.count == 43, id.utf8.allSatisfy(\.isBase64URL) else {
            return nil
        }
        return Self.key(of: id)
    }

    private static func key(of id: String) -> SessionKey {
        SessionKey(digest: Array(SHA256.hash(data: Array(id.utf8))))
    }
}

/// How often something happened in the running minute.
struct MinuteCount: Sendable {
    private var began: NumericDate
    private var number = 0

    init(from now: NumericDate) {
        self.began = now
    }

    /// - Returns: how long the minute still lasts where the limit is reached, else `nil`.
    mutating func count(at now: NumericDate, limit: Int) -> Duration? {
        // By magnitude, because a wall clock may be set back.
        if (now - began).magnitude >= 60 {
            began = now
            number = 0
        }
        guard number < limit else { return .seconds(max(1, 60 - (now - began))) }
        number += 1
        return nil
    }
}
