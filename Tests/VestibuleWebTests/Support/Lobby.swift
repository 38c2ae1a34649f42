import Foundation
import HTTPTypes
import Synchronization
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

/// A web site with everything around it that a test turns: clock, keys, configuration, records.
struct Lobby: Sendable {
    static let origin = "http://127.0.0.1:8080"

    let clock = FakeClock(NumericDate(1_800_000_000))
    let keys: KeyFolder
    let endpoint: EndpointConfiguration
    let access: BrowserAccess
    let site: WebSite
    let records = RecordList()

    init(
        resource: String = Self.origin + "/mcp", features: WebSite.Features = WebSite.Features(),
        sessions: BrowserSessionConfiguration = BrowserSessionConfiguration(), offersSignIn: Bool = true,
        lifetime: Duration = .seconds(300), parts: [any HTTPSite] = [],
        configure: (inout EndpointConfiguration) -> Void = { _ in }
    ) throws {
        keys = try KeyFolder(clock: clock)
        var endpoint = EndpointConfiguration(
            serverInfo: Implementation(name: "lobby", version: "1"), resource: resource,
            allowedOrigins: ["https://app.example.com"], allowsLoopbackOrigins: resource.hasPrefix("http://127."))
        configure(&endpoint)
        let access = BrowserAccess(
            sessions: BrowserSessions(sessions, cookies: SiteCookies(SiteAddress(endpoint)), clock: clock),
            configuration: endpoint)
        self.endpoint = endpoint
        self.access = access
        site = WebSite(
            files: WebFiles(origin: access.address.origin, embedded: EmbeddedFile.all + Self.pages),
            configuration: endpoint, access: access, features: features,
            signIn: offersSignIn ? DevelopmentSignIn(choices: Self.people, access: access) : nil,
            desk: TokenDesk(
                ring: keys.ring, issuer: access.address.origin, audience: resource, lifetime: lifetime, clock: clock),
            parts: parts, clock: clock, observer: { [records] in records.add($0) })
    }

    static let people = [
        DevelopmentSignIn.Choice(
            subject: "ada", name: "Ada", grant: Grant(permissions: ["s3:ListBucket"], buckets: ["demo-bucket"]),
            summary: "may read"),
        DevelopmentSignIn.Choice(
            subject: "olga", name: "Olga", grant: Grant(roles: ["operator"], scope: ["mcp"]), summary: "may do all"),
    ]

    /// Pages of the site's own names, for builds without those of `Web/`.
    static let pages = [
        EmbeddedFile(path: "page/index.html", contents: "<!doctype html><title>front</title>"),
        EmbeddedFile(path: "page/operate.html", contents: "<!doctype html><title>operate</title>"),
    ]

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ headers: [String: String] = [:], body: String = "",
        host: String? = "127.0.0.1:8080"
    ) async -> SiteReply {
        await send(method, path, headers: headers.map { ($0.key, $0.value) }, body: body, host: host)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: [(String, String)], body: String = "",
        host: String? = "127.0.0.1:8080"
    ) async -> SiteReply {
        var head = HTTPRequest(method: method, scheme: "http", authority: host, path: path)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        let request = EndpointRequest(head: head, body: Array(body.utf8), remoteAddress: "127.0.0.1")
        return SiteReply(await site.respond(to: request))
    }

    /// Signs in as a browser would, form and all.
    func signIn(_ user: String, cookie: String? = nil, returnTo: String = "/") async throws -> Browser {
        let form = try await Form(self)
        let reply = await send(
            .post, "/auth/sign-in", form.headers(also: cookie), body: form.body(user: user, returnTo: returnTo))
        guard reply.status == 303, let cookie = reply.cookie(access.sessions.cookies.name()) else {
            throw Unexpected("sign-in of \(user): \(reply.status) \(reply.text)")
        }
        let state = await send(.get, "/auth/session", ["Cookie": cookie])
        return Browser(cookie: cookie, csrf: state.json?["csrf"]?.string ?? "", reply: reply)
    }
}

/// A signed-in browser.
struct Browser: Sendable {
    /// `name=value`.
    let cookie: String
    let csrf: String
    /// What signing in was answered with.
    let reply: SiteReply

    /// What its own pages send to change something.
    var headers: [String: String] { ["Cookie": cookie, "Vestibule-CSRF": csrf, "Origin": Lobby.origin] }
}

/// The sign-in form as a browser got it.
struct Form: Sendable {
    let cookie: String
    let csrf: String

    init(_ lobby: Lobby) async throws {
        let page = await lobby.send(.get, "/auth/sign-in")
        let name = lobby.access.sessions.cookies.name("sign-in")
        guard let cookie = page.cookie(name),
            let csrf = page.text.split(separator: "name=\"csrf\" value=\"").dropFirst().first?
                .prefix(while: { $0 != "\"" })
        else { throw Unexpected("no form: \(page.status) \(page.text)") }
        self.cookie = cookie
        self.csrf = String(csrf)
    }

    func headers(also other: String? = nil) -> [String: String] {
        [
            "Cookie": [cookie, other].compactMap(\.self).joined(separator: "; "), "Origin": Lobby.origin,
            "Content-Type": "application/x-www-form-urlencoded",
        ]
    }

    func body(user: String, returnTo: String = "/") -> String {
        "user=\(Self.escape(user))&csrf=\(csrf)&return=\(Self.escape(returnTo))"
    }

    static func escape(_ text: String) -> String {
        text.utf8.map { byte in "%" + [byte].hexadecimal }.joined()
    }
}

/// An answer, read.
struct SiteReply: Sendable {
    let response: EndpointResponse?

    init(_ response: EndpointResponse?) { self.response = response }

    /// 0 where the site left the request to the endpoint.
    var status: Int { response?.head.status.code ?? 0 }
    var bytes: [UInt8] { if case .bytes(let bytes)? = response?.body { bytes } else { [] } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var json: JSONValue? { try? JSONValue(parsing: bytes) }
    var error: String? { json?["error"]?.string }

    subscript(name: String) -> String? { HTTPField.Name(name).flatMap { response?.head.headerFields[$0] } }

    var setCookies: [String] { response?.head.headerFields[values: .setCookie] ?? [] }

    /// `name=value` of a cookie that was set.
    func cookie(_ name: String) -> String? {
        setCookies.first { $0.hasPrefix(name + "=") }.map { String($0.prefix { $0 != ";" }) }
    }
}

/// A key ring in a folder of its own, which goes with it.
final class KeyFolder: Sendable {
    private let folder: String
    private let file: KeyRingFile
    private let clock: FakeClock
    let ring: LiveKeyRing

    init(clock: FakeClock) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("vestibule-web-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        file = KeyRingFile(path: "\(folder)/keys.json")
        var ring = KeyRing()
        try ring.rotate(
            to: RingKey.generate(.es256, kid: "first", createdAt: clock.now()), overlap: .zero, now: clock.now())
        try file.save(ring)
        self.clock = clock
        self.ring = try LiveKeyRing(file: file, clock: clock)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func rotate(to kid: String) throws {
        var ring = try file.load()
        try ring.rotate(
            to: RingKey.generate(.es256, kid: kid, createdAt: clock.now()), overlap: .zero, now: clock.now())
        try file.save(ring)
    }
}

/// What the observer was told.
final class RecordList: Sendable {
    private let all = Mutex<[RequestRecord]>([])

    func add(_ record: RequestRecord) { all.withLock { $0.append(record) } }
    var list: [RequestRecord] { all.withLock { $0 } }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
