/// When a token counts as fresh, and how long getting one may take.
public struct TokenManagerConfiguration: Sendable, Hashable {
    /// How old a token may be by its `iat` (by its arrival where it names none). Default 5 minutes; `nil` for any age.
    ///
    /// Opaque tokens have no age: the issuer's `expires_in` alone says when they end.
    public var maximumAge: Duration?
    /// How long before its `exp` a token is renewed. Default 30 s; a tenth of the token's lifetime where that is less.
    public var margin: Duration
    /// How far `nbf` and `iat` may lie ahead of the server's clock. Default 5 s.
    public var leeway: Duration
    /// How long the source may take for one refresh, both of its answers and the wait for the lock included.
    /// Default 30 s.
    public var refreshTimeout: Duration
    /// A file to lock (`flock`) while the source is asked, so that several processes which share a token file or a
    /// token command refresh one after another. It is made where it does not exist. Default none.
    public var lockFile: String?
    /// How long tokens that name a key which the server refused (`key_retired`, `key_unknown`, `signature_invalid`)
    /// are not even sent. Default 1 minute, since a key that is unknown today may be known in a minute.
    ///
    /// A key counts as refused after two of its tokens were: a secret may change under one `kid`, so one token that is
    /// no older than the refused one is tried. Zero trusts no `kid` at all.
    public var refusedKeyMemory: Duration

    public init(
        maximumAge: Duration? = .seconds(300), margin: Duration = .seconds(30), leeway: Duration = .seconds(5),
        refreshTimeout: Duration = .seconds(30), lockFile: String? = nil, refusedKeyMemory: Duration = .seconds(60)
    ) {
        self.maximumAge = maximumAge
        self.margin = margin
        self.leeway = leeway
        self.refreshTimeout = refreshTimeout
        self.lockFile = lockFile
        self.refusedKeyMemory = refusedKeyMemory
    }
}
