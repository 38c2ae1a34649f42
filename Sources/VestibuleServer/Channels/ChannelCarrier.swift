public import VestibuleAuth
public import VestibuleProtocol

/// Serves one peer over a channel of messages, in both eras of MCP: the pipes of a process (``StdioCarrier``), or a pair
/// of ends within one process.
///
/// ```swift
/// let (ours, theirs) = InProcessChannel.pair()
/// async let serving: Void = server.run(.channel(ours))
/// ```
///
/// A message that names its version in `params._meta` is served by itself, as 2026-07-28 has it; `initialize` opens a
/// legacy session, which lasts as long as the channel. When the peer has closed its side, what still runs may end within
/// ``ChannelConfiguration/drain``; then it is cancelled.
public struct ChannelCarrier: ServerCarrier {
    private let channel: any MessageChannel
    private let principal: Principal?
    private let configuration: ChannelConfiguration

    /// - Parameter principal: who the peer is, where the embedding program knows; MCP's authorization is for HTTP only.
    public init(
        _ channel: any MessageChannel, principal: Principal? = nil,
        configuration: ChannelConfiguration = ChannelConfiguration()
    ) {
        self.channel = channel
        self.principal = principal
        self.configuration = configuration
    }

    /// Serves until the peer closes its side, or the task is cancelled; closes the channel then.
    ///
    /// - Throws: what the channel throws when it cannot be read.
    public func serve(_ server: MCPServer) async throws {
        try await ChannelPeer(server, channel, principal: principal, configuration).serve()
    }
}

extension ServerCarrier where Self == ChannelCarrier {
    /// One peer at the other end of a channel.
    public static func channel(
        _ channel: any MessageChannel, principal: Principal? = nil,
        configuration: ChannelConfiguration = ChannelConfiguration()
    ) -> ChannelCarrier {
        ChannelCarrier(channel, principal: principal, configuration: configuration)
    }
}

/// How much and how long a server bears with the peer of a channel.
public struct ChannelConfiguration: Sendable {
    /// Bytes of one message; a longer one is answered with an error and passed over. Default 4 MiB.
    public var maximumMessageSize: Int
    /// Requests that run at once; another one is refused. Default 64.
    public var maximumRunning: Int
    /// Subscriptions that are open at once (2026-07-28); another one is refused. Default 16.
    public var maximumSubscriptions: Int
    /// How long the peer may take to answer a question of the server (legacy era). Default 10 min.
    public var questionTimeout: Duration
    /// How long what runs may go on when the peer has closed its side. Default 1 s.
    public var drain: Duration

    public init(
        maximumMessageSize: Int = 4 << 20, maximumRunning: Int = 64, maximumSubscriptions: Int = 16,
        questionTimeout: Duration = .seconds(600), drain: Duration = .seconds(1)
    ) {
        self.maximumMessageSize = max(1024, maximumMessageSize)
        self.maximumRunning = max(1, maximumRunning)
        self.maximumSubscriptions = max(1, maximumSubscriptions)
        self.questionTimeout = questionTimeout
        self.drain = drain
    }
}

/// A message that was longer than it may be, and was passed over. The channel goes on.
package struct MessageTooLong: Error, Sendable {
    package let limit: Int

    package init(limit: Int) {
        self.limit = limit
    }
}
