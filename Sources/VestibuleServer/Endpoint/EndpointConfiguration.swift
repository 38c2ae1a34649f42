public import VestibuleProtocol

/// What an ``MCPEndpoint`` is: its name, its address, and its bounds.
public struct EndpointConfiguration: Sendable {
    /// How the server introduces itself at `initialize`.
    public var serverInfo: Implementation
    /// What `initialize` tells the model about the server, if anything.
    public var instructions: String?
    /// The resource identifier (RFC 8707): the endpoint's public URL, which tokens name as their audience.
    public var resource: String
    /// The path of the endpoint, which begins with `/` and does not end with one.
    public var path: String
    /// Origins whose pages may talk to the endpoint, as `scheme://host[:port]`.
    public var allowedOrigins: [String]
    /// Whether pages and `Host`s of the loopback interface are welcome: right where the server listens on loopback.
    public var allowsLoopbackOrigins: Bool
    /// `Host` values besides the one of ``resource``: a host, with a port where only that port is meant; `*` for any.
    public var allowedHosts: [String]
    /// Issuers that give out tokens for this resource (RFC 9728 §2).
    public var authorizationServers: [String]
    /// The URL of the resource's own public keys (RFC 9728 §2, `jwks_uri`), where it signs tokens itself.
    public var keySetURL: String?
    /// The basic scopes of this resource, for its metadata and its challenges.
    public var scopesSupported: [String]
    public var session: SessionConfiguration
    public var streams: StreamConfiguration
    /// Distinct refused tokens that one address may send in a minute before the next is answered 429.
    public var refusedTokensPerMinute: Int
    /// Bytes of a request body (413). Default 4 MiB.
    public var maximumBodySize: Int
    /// Bytes of a request's head: names and values of its fields and its path (431). Default 32 KiB.
    public var maximumHeaderSize: Int
    /// Fields of a request's head (431). Default 100.
    public var maximumHeaderFields: Int
    /// How long a tool may run before its task is cancelled and the call ends with `isError`. Default 60 s.
    public var toolTimeout: Duration
    /// Bytes of a batch's answers after which no further request of it is carried out. Default 16 MiB.
    public var maximumBatchAnswer: Int
    /// Tools on one page of `tools/list`. Default 200.
    public var toolsPerPage: Int

    public init(
        serverInfo: Implementation, instructions: String? = nil, resource: String, path: String = "/mcp",
        allowedOrigins: [String] = [], allowsLoopbackOrigins: Bool = false, allowedHosts: [String] = [],
        authorizationServers: [String] = [], keySetURL: String? = nil, scopesSupported: [String] = [],
        session: SessionConfiguration = SessionConfiguration(), refusedTokensPerMinute: Int = 60,
        maximumBodySize: Int = 4 << 20, maximumHeaderSize: Int = 32 << 10, maximumHeaderFields: Int = 100,
        toolTimeout: Duration = .seconds(60), toolsPerPage: Int = 200,
        maximumBatchAnswer: Int = 16 << 20, streams: StreamConfiguration = StreamConfiguration()
    ) {
        self.serverInfo = serverInfo
        self.instructions = instructions
        self.resource = resource
        self.path = path
        self.allowedOrigins = allowedOrigins
        self.allowsLoopbackOrigins = allowsLoopbackOrigins
        self.allowedHosts = allowedHosts
        self.authorizationServers = authorizationServers
        self.keySetURL = keySetURL
        self.scopesSupported = scopesSupported
        self.session = session
        self.streams = streams
        self.refusedTokensPerMinute = refusedTokensPerMinute
        self.maximumBodySize = maximumBodySize
        self.maximumHeaderSize = maximumHeaderSize
        self.maximumHeaderFields = maximumHeaderFields
        self.toolTimeout = toolTimeout
        self.toolsPerPage = toolsPerPage
        self.maximumBatchAnswer = maximumBatchAnswer
    }
}

/// The `session:` part of the configuration.
public struct SessionConfiguration: Sendable, Hashable {
    /// Where a request's identity comes from.
    public enum Authority: String, Sendable, Hashable, CaseIterable {
        /// From the request's own token, always.
        case request
        /// From the token that the session saw last, until that token's own `exp`, where the request has none.
        ///
        /// For front ends that send their token once. The session id then is as good as the token.
        case session
    }

    /// How long a session lives without a request.
    public var idle: Duration
    /// How many sessions there are at most, 1 at least.
    public var maximum: Int
    public var authority: Authority

    public init(idle: Duration = .seconds(3600), maximum: Int = 10_000, authority: Authority = .request) {
        self.idle = idle
        self.maximum = max(1, maximum)
        self.authority = authority
    }
}
