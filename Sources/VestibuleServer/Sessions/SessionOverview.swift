public import VestibuleAuth
public import VestibuleProtocol

/// The open sessions of an endpoint at one moment, for an operator. Never their ids, which open them.
public struct SessionOverview: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        /// Eight hexadecimal digits that tell sessions apart: the same as in ``RequestRecord/sessionFingerprint``.
        public var fingerprint: String
        /// To whom the session is bound; `nil` while nobody showed a token on it.
        public var owner: Principal.Identity?
        /// `clientInfo.name`, on one line of at most 128 bytes.
        public var client: String?
        public var createdAt: NumericDate
        public var lastSeen: NumericDate
        /// Messages that named the session, its `initialize` included.
        public var requests: Int
    }

    public var total: Int
    public var bound: Int
    /// The most recently used, the newest first.
    public var newest: [Entry]
}
