/// Where the server listens, and how long and how much it bears with a peer.
public struct HTTPServerConfiguration: Sendable {
    /// The address to listen on, as a name or in digits.
    public var host: String
    /// The port, or 0 for any that is free.
    public var port: Int
    /// How long running calls may go on after a graceful shutdown began. Then their tasks are cancelled.
    public var drain: Duration
    /// How long a request's head may take from its first byte (408).
    public var headTimeout: Duration
    /// How long a request's body may take at any rate; longer only at ``minimumBodyRate`` (408).
    public var bodyTimeout: Duration
    /// Bytes a second that a body has to keep up on average once ``bodyTimeout`` has passed.
    public var minimumBodyRate: Int
    /// How long a connection may do nothing before it is closed.
    public var idle: Duration
    /// How many connections are served at once; more wait in the listen backlog.
    public var maximumConnections: Int
    /// How many connections may wait to be accepted.
    public var backlog: Int
    /// How long a connection is read on, its input thrown away, after an answer that ends it, so that the peer gets
    /// to read that answer.
    public var linger: Duration

    public init(
        host: String = "127.0.0.1", port: Int = 8080, drain: Duration = .seconds(10),
        headTimeout: Duration = .seconds(10), bodyTimeout: Duration = .seconds(30), minimumBodyRate: Int = 1024,
        idle: Duration = .seconds(60), maximumConnections: Int = 10_000, backlog: Int = 1024,
        linger: Duration = .seconds(1)
    ) {
        self.host = host
        self.port = port
        self.drain = drain
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.minimumBodyRate = minimumBodyRate
        self.idle = idle
        self.maximumConnections = maximumConnections
        self.backlog = backlog
        self.linger = linger
    }
}
