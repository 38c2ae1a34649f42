import HTTPTypes
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

/// An endpoint, its telemetry and the operator's site, by a clock that a test turns.
struct OperatorHouse {
    static let resource = "http://127.0.0.1:8080/mcp"

    let clock = FakeClock(NumericDate(1_800_000_000))
    let telemetry: Telemetry
    let endpoint: MCPEndpoint
    let sessions: BrowserSessions
    let site: OperatorSite

    init(schedules: [String: RotationSchedule] = [:]) throws {
        let now = clock.now()
        var ring = KeyRing()
        try ring.rotate(to: RingKey.generate(.hs256, kid: "old", createdAt: now), overlap: .zero, now: now)
        try ring.rotate(to: RingKey.generate(.hs256, kid: "late", createdAt: now), overlap: .zero, now: now)
        try ring.rotate(
            to: RingKey.generate(.hs256, kid: "k1", createdAt: now), overlap: .seconds(600), now: now)
        let issuer = TrustedIssuer(
            name: "own", issuer: "http://127.0.0.1:8080", audiences: [Self.resource], keys: .fixed(ring))
        let configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "house", version: "1"), resource: Self.resource,
            allowsLoopbackOrigins: true)
        let telemetry = Telemetry(clock: clock)
        self.telemetry = telemetry
        endpoint = MCPEndpoint(
            configuration: configuration, gate: Gate(rules: RuleSet([])),
            verifier: TokenVerifier(issuers: [issuer], clock: clock), tools: [], clock: clock,
            observer: telemetry.observe)
        sessions = BrowserSessions(cookies: SiteCookies(SiteAddress(configuration)), clock: clock)
        site = OperatorSite(
            access: BrowserAccess(sessions: sessions, configuration: configuration), endpoint: endpoint,
            issuers: [issuer], telemetry: telemetry, schedules: schedules, clock: clock)
    }

    /// The cookie of somebody with these roles.
    func signIn(roles: [String] = ["operator"]) -> String {
        let person = SignedInPerson(subject: "ada", name: "Ada", grant: Grant(roles: roles), method: "development")
        return String(sessions.begin(person).value.prefix { $0 != ";" })
    }

    func get(_ path: String, cookie: String?, method: HTTPRequest.Method = .get) async throws -> EndpointResponse {
        guard let response = await site.respond(to: Self.request(path, cookie: cookie, method: method)) else {
            throw Unexpected("\(path) is not the site's")
        }
        return response
    }

    static func request(
        _ path: String, cookie: String?, method: HTTPRequest.Method = .get
    ) -> EndpointRequest {
        var head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:8080", path: path)
        if let cookie { head.headerFields[.cookie] = cookie }
        return EndpointRequest(head: head)
    }

    /// The pieces of a new stream.
    func events(cookie: String) async throws -> ByteStream {
        let response = try await get("/operate/events", cookie: cookie)
        guard case .stream(let pieces) = response.body else {
            throw Unexpected("no stream, but \(response.head.status)")
        }
        return pieces
    }

    /// A message without a token from a client of that name.
    func initialize(client: String = "test") async {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "127.0.0.1:8080", path: "/mcp")
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.accept] = "application/json, text/event-stream"
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","#
            + #""capabilities":{},"clientInfo":{"name":"\#(client)","version":"1"}}}"#
        _ = await endpoint.respond(to: EndpointRequest(head: head, body: Array(body.utf8)))
    }
}

extension RequestRecord {
    static func refused(
        _ reason: Reason, kid: String? = "k0", client: String? = nil, userAgent: String? = nil, token: Bool = true,
        verdict: Verdict = .refused
    ) -> RequestRecord {
        RequestRecord(
            requestID: "r", httpMethod: "POST", tokenSent: token, keyID: kid, tokenAge: .seconds(90),
            verdict: verdict, reason: reason, status: 401, duration: .zero, userAgent: userAgent, clientName: client)
    }

    static let admitted = RequestRecord(
        requestID: "r", httpMethod: "POST", verdict: .admitted, status: 200, duration: .zero)
}
