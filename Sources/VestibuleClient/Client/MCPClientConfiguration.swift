public import VestibuleProtocol

/// How a client behaves. Every default is meant to be kept.
public struct MCPClientConfiguration: Sendable {
    /// Whether the handshake carries a token.
    public enum HandshakeToken: Sendable, Hashable {
        /// No: the handshake needs none. A server that asks for one gets a fresh one at once.
        case withheld
        /// Yes, a fresh one.
        case sent
    }

    /// Who we are, as `initialize` tells the server.
    public var clientInfo: Implementation
    public var handshakeToken: HandshakeToken
    /// How long opening a session may take. Default 30 s.
    public var handshakeTimeout: Duration
    /// How long a call may take without a sign of progress. Default 60 s.
    public var callTimeout: Duration
    /// How long a call may take in all, however much progress it reports. Default 10 minutes.
    public var maximumCallDuration: Duration
    /// The largest reply that is read, in bytes. Default 16 MiB.
    public var maximumReplySize: Int
    /// The longest wait that a server may ask for (`Retry-After`). Default 30 s; what is longer is an error at once.
    public var maximumWait: Duration
    /// How often a request is sent again because the server was busy (429, 503). Default 2.
    public var maximumBusyRetries: Int
    /// How many pages of one list are read. Default 100.
    public var maximumPages: Int
    /// How many tools of one list are kept. Default 10,000.
    public var maximumListLength: Int
    /// `User-Agent`. Default `vestibule-client/` and the version of ``clientInfo``.
    public var userAgent: String

    public init(
        clientInfo: Implementation = Implementation(name: "vestibule-client", version: "0.1.0"),
        handshakeToken: HandshakeToken = .withheld, handshakeTimeout: Duration = .seconds(30),
        callTimeout: Duration = .seconds(60), maximumCallDuration: Duration = .seconds(600),
        maximumReplySize: Int = 16 << 20, maximumWait: Duration = .seconds(30), maximumBusyRetries: Int = 2,
        maximumPages: Int = 100, maximumListLength: Int = 10_000, userAgent: String? = nil
    ) {
        self.clientInfo = clientInfo
        self.handshakeToken = handshakeToken
        self.handshakeTimeout = handshakeTimeout
        self.callTimeout = callTimeout
        self.maximumCallDuration = maximumCallDuration
        self.maximumReplySize = maximumReplySize
        self.maximumWait = maximumWait
        self.maximumBusyRetries = maximumBusyRetries
        self.maximumPages = maximumPages
        self.maximumListLength = maximumListLength
        self.userAgent = userAgent ?? "vestibule-client/\(clientInfo.version)"
    }
}
