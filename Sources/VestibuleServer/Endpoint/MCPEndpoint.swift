public import HTTPTypes
public import VestibuleAuth
public import VestibuleProtocol

/// An MCP server behind one HTTP path, free of any HTTP engine: a request's head and bytes in, a response out.
///
/// Every request goes one way, and each stage either answers or hands on:
///
/// 1. bounds of the head (431), `Host` (403);
/// 2. path: the endpoint, its protected resource metadata (RFC 9728), or 404; `Origin` (403), CORS preflight (204);
/// 3. HTTP method (405), `Content-Type` (415), `Accept` (406), bound of the body (413);
/// 4. the body's envelope and the token are both looked at, then judged in this order:
///    a **refused token** (401) before a **malformed body** (400) before a **missing token** (401).
///    So who shows a bad token learns nothing else; and since what may be done without a token depends on the method,
///    a body without a readable method cannot be told "sign in";
/// 5. the gate (401, 403, 404 for the session), which alone decides who may do what;
/// 6. what the protocol asks: its version (400), a session (400);
/// 7. the method itself.
public final class MCPEndpoint: Sendable {
    let configuration: EndpointConfiguration
    let gate: Gate
    let verifier: TokenVerifier
    let clock: any WallClock
    /// What is behind the door.
    public let server: MCPServer
    let codec: ModernCodec
    let sessions: SessionStore
    let replies = RunningReplies()
    let longStreams: LongStreams
    let paths: EndpointPaths
    private let sites: SitePolicy
    private let limiter: RefusedTokenLimiter
    private let dateStamp = DateStamp()
    private let metadata: [UInt8]
    private let observer: @Sendable (RequestRecord) -> Void

    /// An endpoint of a server that offers tools alone, always the same ones.
    ///
    /// - Parameters:
    ///   - tools: in the order in which `tools/list` shows them. Of two with one name, the first counts.
    ///   - observer: told of every request when its answer is ready. Called on the request's task; must not block.
    public convenience init(
        configuration: EndpointConfiguration, gate: Gate, verifier: TokenVerifier, tools: [ServedTool],
        clock: any WallClock = SystemClock(), observer: @escaping @Sendable (RequestRecord) -> Void = { _ in }
    ) {
        let server = MCPServer(
            info: configuration.serverInfo, instructions: configuration.instructions, tools: tools,
            configuration: MCPServerConfiguration(
                offers: .tools, announcesChanges: false, offersLogging: false, callTimeout: configuration.toolTimeout,
                pageSize: configuration.toolsPerPage),
            clock: clock)
        self.init(
            configuration: configuration, gate: gate, verifier: verifier, server: server, clock: clock,
            observer: observer)
    }

    /// - Parameters:
    ///   - configuration: its bounds of tools and its name count for nothing here: those of the server do.
    ///   - observer: told of every request when its answer is ready. Called on the request's task; must not block.
    public init(
        configuration: EndpointConfiguration, gate: Gate, verifier: TokenVerifier, server: MCPServer,
        clock: any WallClock = SystemClock(), observer: @escaping @Sendable (RequestRecord) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.verifier = verifier
        self.clock = clock
        self.server = server
        self.codec = ModernCodec(server)
        var gate = gate
        gate.rules.prepare(for: server.offer.tools.entries.lazy.map(\.key))
        self.gate = gate
        self.longStreams = LongStreams(maximum: configuration.streams.maximumPerSubject)
        self.sessions = SessionStore(
            configuration.session, clock: clock,
            house: SessionStreams.House(
                configuration: configuration.streams, clock: clock,
                budget: KeptBudget(limit: configuration.streams.keptBytesInAll), changes: server.changes))
        self.paths = EndpointPaths(configuration)
        self.sites = SitePolicy(configuration)
        self.limiter = RefusedTokenLimiter(limit: configuration.refusedTokensPerMinute)
        self.metadata = ProtectedResourceMetadata(configuration).json.serialized
        self.observer = observer
    }

    var calls: RunningCalls { server.calls }

    /// The path of the endpoint, and the URL of its protected resource metadata.
    public var path: String { paths.endpoint }
    public var metadataURL: String? { paths.metadataURL }

    /// The bounds of a request, for the HTTP engine to keep before it hands one over.
    public var maximumBodySize: Int { configuration.maximumBodySize }
    public var maximumHeaderSize: Int { configuration.maximumHeaderSize }
    public var maximumHeaderFields: Int { configuration.maximumHeaderFields }

    /// How many sessions are open.
    public var sessionCount: Int { sessions.count }

    /// The open sessions.
    ///
    /// - Parameter limit: how many are listed at most; all are counted.
    public func sessionOverview(limit: Int) -> SessionOverview { sessions.overview(limit: max(0, limit)) }

    /// Answers one request. Never throws, never traps, whatever comes.
    public func respond(to request: EndpointRequest) async -> EndpointResponse {
        var exchange = Exchange(request, now: clock.now())
        let answer = await answer(&exchange)
        return finish(answer, of: exchange)
    }

    /// An answer to what never became a request that ``respond(to:)`` could have: a head or body that the HTTP engine
    /// gave up on. Carries CORS as far as the head is known, and is recorded like every other.
    ///
    /// - Parameter message: one line for a person.
    public func refuse(
        _ status: HTTPResponse.Status, _ message: String, head: HTTPRequest, remoteAddress: String? = nil
    ) -> EndpointResponse {
        let exchange = Exchange(EndpointRequest(head: head, remoteAddress: remoteAddress), now: clock.now())
        let answer = Answer.failure(status.code, message, requestID: exchange.requestID)
        return finish(answer, of: exchange)
    }

    // MARK: - The stages

    private func answer(_ exchange: inout Exchange) async -> Answer {
        let head = exchange.request.head
        if let answer = problemOfSize(exchange) { return answer }
        guard sites.allows(host: head.authority) else {
            return refusal(.forbiddenHost, in: exchange)
        }
        switch paths.target(of: head.path) {
        case .unknown:
            let message = "nothing is here; the MCP endpoint is \(paths.endpoint)"
            return .failure(404, message, requestID: exchange.requestID)
        case .metadata:
            return answerMetadata(exchange)
        case .endpoint:
            guard exchange.fields[values: .origin].allSatisfy(sites.allows(origin:)) else {
                return refusal(.forbiddenOrigin, in: exchange)
            }
            if let name = exchange.repeatedField {
                return .failure(
                    400, "the request has more than one \(name) field; send it once", requestID: exchange.requestID)
            }
        }
        switch head.method {
        case .options: return preflight(methods: Self.methods)
        case .post: return await answerPost(&exchange)
        case .get: return await answerGet(&exchange)
        case .delete: return await answerDelete(&exchange)
        default:
            var answer = Answer.failure(405, "no such method", requestID: exchange.requestID)
            answer.fields[.allow] = Self.methods
            return answer
        }
    }

    private func problemOfSize(_ exchange: Exchange) -> Answer? {
        let fields = exchange.fields
        let path = exchange.request.head.path?.utf8.count ?? 0
        let size = fields.reduce(path) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4 }
        guard size > configuration.maximumHeaderSize || fields.count > configuration.maximumHeaderFields else {
            return nil
        }
        let message =
            "the head has \(size) bytes in \(fields.count) fields; at most \(configuration.maximumHeaderSize) "
            + "in \(configuration.maximumHeaderFields) are accepted"
        return .failure(431, message, requestID: exchange.requestID)
    }

    static let methods = "GET, POST, DELETE, OPTIONS"

    private func answerMetadata(_ exchange: Exchange) -> Answer {
        switch exchange.request.head.method {
        case .get, .head:
            var answer = Answer.json(200, metadata)
            answer.fields[.cacheControl] = "max-age=300"
            return answer
        case .options: return preflight(methods: "GET, HEAD, OPTIONS")
        default:
            var answer = Answer.failure(405, "the metadata is read by GET", requestID: exchange.requestID)
            answer.fields[.allow] = "GET, HEAD, OPTIONS"
            return answer
        }
    }

    private func preflight(methods: String) -> Answer {
        var answer = Answer(204)
        answer.fields[.allow] = methods
        answer.fields[.accessControlAllowMethods] = methods
        answer.fields[.accessControlAllowHeaders] = CORS.allowedHeaders
        answer.fields[.accessControlMaxAge] = CORS.maximumAge
        return answer
    }

    /// What every answer carries.
    private func finish(_ answer: Answer, of exchange: Exchange) -> EndpointResponse {
        var answer = answer
        answer.fields[.vestibuleRequestID] = exchange.requestID
        answer.fields[.date] = dateStamp.text(for: exchange.now)
        answer.fields[.xContentTypeOptions] = "nosniff"
        if answer.fields[.cacheControl] == nil { answer.fields[.cacheControl] = "no-store" }
        if let ignored = exchange.ignoredToken {
            answer.fields[.vestibuleToken] = "rejected; reason=\(ignored.reason.rawValue)"
        }
        if paths.target(of: exchange.request.head.path) == .metadata {
            answer.fields[.accessControlAllowOrigin] = "*"
            answer.fields[.accessControlExposeHeaders] = CORS.exposedHeaders
        } else {
            answer.fields[.vary] = "Origin"
            if let origin = exchange.origin, sites.allows(origin: origin) {
                answer.fields[.accessControlAllowOrigin] = origin
                answer.fields[.accessControlExposeHeaders] = CORS.exposedHeaders
            }
        }
        if !exchange.isRecorded, !answer.isObservedLater { observe(answer, of: exchange) }
        let head = HTTPResponse(status: .init(code: answer.status), headerFields: answer.fields)
        if let stream = answer.stream { return EndpointResponse(head: head, body: .stream(stream)) }
        guard let body = answer.body, exchange.request.head.method != .head else { return EndpointResponse(head: head) }
        return EndpointResponse(head: head, body: .bytes(body))
    }
}

extension MCPEndpoint {
    func observe(_ answer: Answer, of exchange: Exchange) {
        observer(exchange.record(of: answer, issuers: verifier.issuers))
    }

    /// A refusal of a credential, which counts against its address, unless it is the issuer who is at fault.
    func refusalOfToken(_ rejection: Rejection, in exchange: Exchange) -> Answer {
        guard rejection.reason.status == 401 else { return refusal(rejection, in: exchange) }
        let credential = exchange.fields[values: .authorization].joined(separator: "\n")
        let wait = limiter.refuse(credential, from: exchange.request.remoteAddress, at: exchange.now)
        return refusal(wait.map(Rejection.tooManyTokens) ?? rejection, in: exchange)
    }
}
