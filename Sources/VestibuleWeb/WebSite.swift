internal import HTTPTypes
public import VestibuleProtocol
public import VestibuleServer

/// What a browser sees of a server besides its MCP endpoint: pages, modules, sign-in, and the parts given to it.
///
/// A request goes one way:
///
/// 1. a `Host` that is not the server's is left to the endpoint, which refuses it; so is the endpoint's own path;
/// 2. the path says which part answers;
/// 3. what changes something needs a page of an allowed origin, a session and its CSRF token (``BrowserAccess``);
/// 4. every answer leaves with the security headers, and with a record for the log.
///
/// So its parts need not care for the first and the last.
public struct WebSite: HTTPSite {
    /// What there is besides the modules and the session's paths.
    public struct Features: Sendable {
        /// Whether `/` is a page.
        public var frontPage: Bool
        /// Whether `/replay` is among the parts.
        public var replay: Bool

        public init(frontPage: Bool = true, replay: Bool = false) {
            self.frontPage = frontPage
            self.replay = replay
        }
    }

    private let access: BrowserAccess
    private let features: Features
    private let policy: SitePolicy
    private let endpointPath: String
    private let files: FileRoutes
    private let sessions: SessionRoutes
    private let signIn: SignInRoutes?
    private let parts: [any HTTPSite]
    private let clock: any WallClock
    private let observer: @Sendable (RequestRecord) -> Void

    /// - Parameters:
    ///   - configuration: the endpoint's: its address, and which hosts and origins are welcome.
    ///   - signIn: how to sign in; without one nobody can.
    ///   - desk: makes tokens for who is signed in.
    ///   - parts: sites whose paths are this one's too, such as the operator's stream.
    ///   - observer: told of every request that was answered here, when its answer is ready.
    public init(
        configuration: EndpointConfiguration, access: BrowserAccess, features: Features = Features(),
        signIn: (any SignInProvider)? = nil, desk: TokenDesk? = nil, parts: [any HTTPSite] = [],
        clock: any WallClock = SystemClock(), observer: @escaping @Sendable (RequestRecord) -> Void = { _ in }
    ) {
        self.init(
            files: WebFiles(origin: access.address.origin), configuration: configuration, access: access,
            features: features, signIn: signIn, desk: desk, parts: parts, clock: clock, observer: observer)
    }

    init(
        files: WebFiles, configuration: EndpointConfiguration, access: BrowserAccess, features: Features,
        signIn: (any SignInProvider)?, desk: TokenDesk?, parts: [any HTTPSite], clock: any WallClock,
        observer: @escaping @Sendable (RequestRecord) -> Void
    ) {
        self.access = access
        self.features = features
        self.policy = SitePolicy(configuration)
        self.endpointPath = EndpointPaths.withoutTrailingSlash(configuration.path)
        self.files = FileRoutes(files: files)
        self.sessions = SessionRoutes(
            access: access, hasSignIn: signIn != nil, desk: desk, offersReplay: features.replay)
        self.signIn = signIn.map { SignInRoutes(access: access, provider: $0) }
        self.parts = parts
        self.clock = clock
        self.observer = observer
    }

    public func respond(to request: EndpointRequest) async -> EndpointResponse? {
        let began = ContinuousClock.now
        // The endpoint's path first: what is asked for most goes on with nothing but this comparison.
        guard !EndpointPaths.withoutTrailingSlash(request.path).hasSameBytes(as: endpointPath),
            policy.allows(host: request.head.authority)
        else { return nil }
        guard var answer = await answer(request) else { return nil }
        finish(&answer.response, to: request)
        observe(answer, of: request, since: began)
        return answer.response
    }

    // MARK: - The parts

    private func answer(_ request: EndpointRequest) async -> SiteAnswer? {
        switch request.path {
        case SitePath.home: return features.frontPage ? files.page("index", request).map { SiteAnswer($0) } : nil
        case SitePath.operate where signIn != nil:
            return OperatePage(access: access, files: files).answer(request).map { SiteAnswer($0) }
        case SitePath.troubleshooting: return files.page("troubleshooting", request).map { SiteAnswer($0) }
        case SitePath.session: return sessions.session(request)
        case SitePath.token: return sessions.token(request)
        case SitePath.signOut: return sessions.signOut(request)
        case let path where path.hasPrefix(FileRoutes.prefix): return SiteAnswer(files.answer(request))
        default: break
        }
        if let answer = await signIn?.answer(request) { return answer }
        for part in parts {
            if let response = await part.respond(to: request) { return SiteAnswer(response) }
        }
        return nil
    }

    public func drain() {
        for part in parts { part.drain() }
    }

    // MARK: - What every answer has

    private func finish(_ response: inout EndpointResponse, to request: EndpointRequest) {
        SecurityHeaders.add(to: &response.head.headerFields, isSecure: access.address.isSecure)
        if response.head.headerFields[.vestibuleRequestID] == nil {
            response.head.headerFields[.vestibuleRequestID] = RandomID.make()
        }
        if response.head.headerFields[.date] == nil {
            response.head.headerFields[.date] = HTTPDate.format(clock.now())
        }
        if request.head.method == .head, case .bytes(let bytes) = response.body {
            response.head.headerFields[.contentLength] = String(bytes.count)
            response.body = .empty
        }
    }

    /// Without the id of a replay's stage, which is the key to it.
    private static func shown(_ path: String) -> String {
        guard let stage = path.firstRange(of: "/replay/") else { return path }
        // Only what a stage answers: in a mistyped path the id may stand anywhere.
        let last = path[stage.upperBound...].split(separator: "/").last.map(String.init) ?? ""
        let isKnown = ["mcp", "token", "rotate", "report"].contains(where: last.hasSameBytes)
        return "\(path[..<stage.upperBound])…\(isKnown ? "/\(last)" : "")"
    }

    private func observe(_ answer: SiteAnswer, of request: EndpointRequest, since began: ContinuousClock.Instant) {
        let status = answer.response.head.status.code
        observer(
            RequestRecord(
                requestID: answer.response.head.headerFields[.vestibuleRequestID] ?? "",
                httpMethod: request.head.method.rawValue.cut(toBytes: 32),
                path: Self.shown(request.path).cut(toBytes: 128),
                verdict: status < 400 ? .admitted : [401, 403, 429].contains(status) ? .refused : .failed,
                detail: answer.detail?.cut(toBytes: 256), status: status, duration: ContinuousClock.now - began,
                remoteAddress: request.remoteAddress))
    }
}
