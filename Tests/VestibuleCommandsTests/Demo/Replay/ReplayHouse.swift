import HTTPTypes
import VestibuleBuckets
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleCommands
@testable import VestibuleWeb

/// The replay's site, with somebody signed in at a page of it.
struct ReplayHouse: Sendable {
    static let origin = "http://127.0.0.1:8080"

    let clock: FakeClock
    let site: ReplaySite
    let sessions: BrowserSessions
    private let cookie: String
    private let csrf: String

    init(folder: TestFolder) throws {
        let clock = FakeClock(NumericDate(1_800_000_000))
        let configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "house", version: "1"), resource: Self.origin + "/mcp",
            allowsLoopbackOrigins: true)
        let sessions = BrowserSessions(cookies: SiteCookies(SiteAddress(configuration)), clock: clock)
        try SampleBuckets.create(in: folder.path)
        let tools = ToolCatalogue.tools(
            on: FolderBucketStore(root: folder.path), visibility: .claimed, clock: clock)
        self.clock = clock
        self.sessions = sessions
        site = ReplaySite(
            access: BrowserAccess(sessions: sessions, configuration: configuration), tools: tools, clock: clock)
        let person = SignedInPerson(subject: "ada", name: "Ada", grant: Grant(), method: "development")
        cookie = String(sessions.begin(person).value.prefix { $0 != ";" })
        var head = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:8080", path: "/")
        head.headerFields[.cookie] = cookie
        csrf = sessions.session(for: EndpointRequest(head: head))?.csrf ?? ""
    }

    struct Answer: Sendable {
        var status: Int
        var json: JSONValue?

        subscript(name: String) -> JSONValue? { json?[name] }
    }

    /// What the page sends, as a browser does.
    func page(
        _ method: HTTPRequest.Method, _ path: String, body: String = "", origin: String? = Self.origin,
        signedIn: Bool = true, csrf: Bool = true
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1:8080", path: path)
        if signedIn { head.headerFields[.cookie] = cookie }
        if csrf, let name = HTTPField.Name("Vestibule-CSRF") { head.headerFields[name] = self.csrf }
        head.headerFields[.origin] = origin
        guard let response = await site.respond(to: EndpointRequest(head: head, body: Array(body.utf8))) else {
            throw Unexpected("\(path) is not the site's")
        }
        guard case .bytes(let bytes) = response.body else { return Answer(status: response.head.status.code) }
        return Answer(status: response.head.status.code, json: try JSONValue(parsing: bytes))
    }

    func open(_ part: String) async throws -> Answer {
        try await page(.post, "/replay", body: #"{"part":"\#(part)"}"#)
    }

    /// To the MCP endpoints of the stages, without a cookie.
    var transport: InProcessTransport {
        InProcessTransport { [site] request in
            await site.respond(to: request) ?? EndpointResponse(head: HTTPResponse(status: .internalServerError))
        }
    }

    /// One message to a stage, as a front end without a client of ours sends it.
    func send(
        _ message: String, to stage: Answer, token: String? = nil, session: String? = nil
    ) async throws -> TransportResponse {
        var fields = HTTPFields()
        fields[.contentType] = "application/json"
        fields[.accept] = "application/json, text/event-stream"
        fields[.origin] = Self.origin
        if let token { fields[.authorization] = "Bearer \(token)" }
        if let session, let name = HTTPField.Name(MCPHeader.sessionID) { fields[name] = session }
        return try await transport.send(
            TransportRequest(
                method: .post, url: Self.origin + (stage["url"]?.string ?? ""), fields: fields,
                body: Array(message.utf8)))
    }

    static let initialize =
        #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","#
        + #""capabilities":{},"clientInfo":{"name":"naive-front-end","version":"1"}}}"#
    static let initialized = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
    static let call =
        #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"bucket_objects_list","#
        + #""arguments":{"bucket":"demo-bucket"}}}"#
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
