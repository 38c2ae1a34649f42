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

    /// Which era of MCP the client speaks.
    public enum Era: String, Sendable, Hashable, CaseIterable {
        /// That of the server: it is asked once (`server/discover`), and remembered in ``eraCache``.
        case automatic
        /// Sessions that open with `initialize` (2025-03-26 to 2025-11-25), without asking.
        case legacy
        /// Requests that stand for themselves (2026-07-28), without asking.
        case modern
    }

    /// Whether a session of the legacy era keeps a stream open for what the server says by itself (GET).
    public enum Listening: Sendable, Hashable {
        /// Where there are handlers, since many servers ask there, and once somebody listens to
        /// ``MCPClient/notifications`` or subscribes to something.
        case automatic
        case always
        case never
    }

    /// What becomes of a tool's result whose `structuredContent` is not what the tool's output schema says.
    public enum OutputValidation: Sendable, Hashable {
        /// It is an error (`invalidOutput`).
        case strict
        /// Nobody looks.
        case off
    }

    /// Who we are, as the server is told.
    public var clientInfo: Implementation
    /// What the client answers when the server asks: sampling, elicitation, roots. Default nothing, and so it says.
    public var handlers: MCPClientHandlers
    /// Which era the client speaks. Default ``Era/automatic``.
    public var era: Era
    /// The revisions of the legacy era that the client speaks, oldest first. Default all.
    public var legacyVersions: [ProtocolVersion]
    /// The revisions of the modern era that the client speaks, oldest first. Default all.
    public var modernVersions: [ProtocolVersion]
    /// What is known of servers' eras. Default one of its own; clients that share one ask each server once.
    public var eraCache: any EraCache
    public var handshakeToken: HandshakeToken
    /// How long opening a session may take, the question for the era included. Default 30 s.
    public var handshakeTimeout: Duration
    /// How long a server behind pipes may take to answer the question for its era before it counts as legacy. Default
    /// 5 s.
    public var probeTimeout: Duration
    /// How long a call may take without a sign of progress. Default 60 s.
    public var callTimeout: Duration
    /// How long a call may take in all, however much progress it reports. Default 10 minutes.
    public var maximumCallDuration: Duration
    /// The largest message that is read, in bytes. Default 16 MiB.
    public var maximumReplySize: Int
    /// The longest stream of events that is read in answer to one request, in bytes. Default 1 GiB: nothing of it is
    /// kept.
    public var maximumStreamSize: Int
    /// How often in a row a stream is taken up again without anything coming through it. Default 5.
    public var maximumResumptions: Int
    /// The longest wait that a server may ask for (`Retry-After`). Default 30 s; what is longer is an error at once.
    public var maximumWait: Duration
    /// How often a request is sent again because the server was busy (429, 503). Default 2.
    public var maximumBusyRetries: Int
    /// How many pages of one list are read. Default 100.
    public var maximumPages: Int
    /// How many entries of one list are kept. Default 10,000.
    public var maximumListLength: Int
    /// How often a server may ask for more input before it completes one request. Default 10.
    public var maximumInputRounds: Int
    /// How many lists and resources are remembered for as long as the server allows (`ttlMs`). Default 64; none with 0.
    public var maximumCachedResults: Int
    /// Default ``OutputValidation/strict``.
    public var outputValidation: OutputValidation
    /// Whether a session of the legacy era keeps a stream open for what the server says by itself. Default
    /// ``Listening/automatic``.
    public var listens: Listening
    /// Whether a server of the modern era may answer a call with a task, whose end the client then waits for
    /// (`io.modelcontextprotocol/tasks`). Default yes.
    public var acceptsTasks: Bool
    /// `User-Agent`. Default `vestibule-client/` and the version of ``clientInfo``.
    public var userAgent: String

    public init(
        clientInfo: Implementation = Implementation(name: "vestibule-client", version: "0.1.0"),
        handlers: MCPClientHandlers = MCPClientHandlers(), era: Era = .automatic,
        legacyVersions: [ProtocolVersion] = ProtocolVersion.legacy,
        modernVersions: [ProtocolVersion] = ProtocolVersion.modern, eraCache: any EraCache = InMemoryEraCache(),
        handshakeToken: HandshakeToken = .withheld, handshakeTimeout: Duration = .seconds(30),
        probeTimeout: Duration = .seconds(5), callTimeout: Duration = .seconds(60),
        maximumCallDuration: Duration = .seconds(600), maximumReplySize: Int = 16 << 20,
        maximumStreamSize: Int = 1 << 30, maximumResumptions: Int = 5, maximumWait: Duration = .seconds(30),
        maximumBusyRetries: Int = 2, maximumPages: Int = 100, maximumListLength: Int = 10_000,
        maximumInputRounds: Int = 10, maximumCachedResults: Int = 64, outputValidation: OutputValidation = .strict,
        listens: Listening = .automatic, acceptsTasks: Bool = true, userAgent: String? = nil
    ) {
        self.clientInfo = clientInfo
        self.handlers = handlers
        self.era = era
        self.legacyVersions = legacyVersions
        self.modernVersions = modernVersions
        self.eraCache = eraCache
        self.handshakeToken = handshakeToken
        self.handshakeTimeout = handshakeTimeout
        self.probeTimeout = probeTimeout
        self.callTimeout = callTimeout
        self.maximumCallDuration = maximumCallDuration
        self.maximumReplySize = maximumReplySize
        self.maximumStreamSize = maximumStreamSize
        self.maximumResumptions = maximumResumptions
        self.maximumWait = maximumWait
        self.maximumBusyRetries = maximumBusyRetries
        self.maximumPages = maximumPages
        self.maximumListLength = maximumListLength
        self.maximumInputRounds = maximumInputRounds
        self.maximumCachedResults = maximumCachedResults
        self.outputValidation = outputValidation
        self.listens = listens
        self.acceptsTasks = acceptsTasks
        self.userAgent = userAgent ?? "vestibule-client/\(clientInfo.version)"
    }

    /// What the server is told that the client can do.
    var capabilities: ClientCapabilities {
        var capabilities = handlers.capabilities
        if acceptsTasks {
            var extensions = capabilities.extensions ?? [:]
            extensions[MetaKey.tasksExtension] = [:]
            capabilities.extensions = extensions
        }
        return capabilities
    }

    var spoken: SpokenVersions { SpokenVersions(legacy: legacyVersions, modern: modernVersions) }
}
