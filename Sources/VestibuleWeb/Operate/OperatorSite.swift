internal import HTTPTypes
public import VestibuleAuth
public import VestibuleProtocol
public import VestibuleServer

/// What the operator's page reads: `GET /operate/state` once, `GET /operate/events` as it changes. Only for browsers
/// that somebody with the role `operator` signed in with.
///
/// The stream begins with the state as it is, and then has an event at most once a second, when something changed; a
/// comment every 15 s keeps it open. It ends when the browser's session does and when the server shuts down.
public struct OperatorSite: HTTPSite {
    private let access: BrowserAccess
    private let state: OperatorState
    private let feed: OperatorFeed
    private let clock: any WallClock

    /// - Parameters:
    ///   - issuers: whose keys are shown.
    ///   - schedules: when the active key of an issuer is replaced by itself, by the issuer's name.
    ///   - telemetry: has to be the endpoint's observer, too.
    public init(
        access: BrowserAccess, endpoint: MCPEndpoint, issuers: [TrustedIssuer], telemetry: Telemetry,
        schedules: [String: RotationSchedule] = [:], clock: any WallClock = SystemClock()
    ) {
        let state = OperatorState(endpoint: endpoint, issuers: issuers, telemetry: telemetry, schedules: schedules)
        self.access = access
        self.state = state
        self.feed = OperatorFeed(clock: clock) { state.members(at: $0) }
        self.clock = clock
    }

    public func respond(to request: EndpointRequest) async -> EndpointResponse? {
        let answer: (BrowserSession) -> EndpointResponse
        switch request.head.path?.prefix(while: { $0 != "?" }) {
        case "/operate/state": answer = { _ in self.snapshot }
        case "/operate/events": answer = events
        default: return nil
        }
        guard request.head.method == .get else { return .methodNotAllowed("GET") }
        // Another site of this machine may not read the answer, but could use up the streams.
        guard ["same-origin", "none", nil].contains(request.head.headerFields[.secFetchSite]) else {
            return SiteRefusal(
                status: 403, error: "origin_forbidden", detail: "read this from a page of this server"
            )
            .response
        }
        switch access.authorizeOperator(request) {
        case .success(let session): return answer(session)
        case .failure(let refusal): return refusal.response
        }
    }

    public func drain() { feed.drain() }

    /// How many streams are open.
    public var streamCount: Int { feed.streamCount }

    private var snapshot: EndpointResponse {
        let now = clock.now()
        var head = HTTPResponse(status: .ok)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.cacheControl] = "no-store"
        return EndpointResponse(head: head, body: .bytes(OperatorState.document(state.members(at: now), at: now)))
    }

    private func events(for session: BrowserSession) -> EndpointResponse {
        let sessions = access.sessions
        guard let stream = feed.stream(while: { sessions.isAlive(session) }) else {
            return SiteRefusal(
                status: 503, error: "too_many_streams",
                detail:
                    "\(OperatorFeed.maximumStreams) operator's pages are open, or the server is shutting down; close "
                    + "one, or read /operate/state"
            )
            .response
        }
        var head = HTTPResponse(status: .ok)
        head.headerFields[.contentType] = "text/event-stream"
        head.headerFields[.xAccelBuffering] = "no"
        head.headerFields[.cacheControl] = "no-store"
        return EndpointResponse(head: head, body: .stream(stream))
    }
}
