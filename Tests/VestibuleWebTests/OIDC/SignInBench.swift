import Crypto
import Foundation
import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleWeb

/// A provider, a server that signs people in with it, and browsers.
struct SignInBench {
    static let secret = "s3cr3t of the client: +/%"
    let clock = FakeClock()
    let provider: FakeProvider
    let signIn: OIDCSignIn
    let cookies: SiteCookies

    init(
        secret: String? = Self.secret, authentication: ClientAuthentication? = nil, grants: [GrantRule] = [],
        asksForUserInfo: Bool = false, resource: String = "http://127.0.0.1:8080/mcp"
    ) {
        let configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "test", version: "1"), resource: resource, allowsLoopbackOrigins: true)
        let address = SiteAddress(configuration)
        provider = FakeProvider(clock: clock)
        cookies = SiteCookies(address)
        signIn = OIDCSignIn(
            OIDCConfiguration(
                issuer: FakeProvider.issuer, clientID: FakeProvider.clientID,
                clientSecret: secret.map(ClientSecret.init), clientAuthentication: authentication,
                asksForUserInfo: asksForUserInfo, grants: grants),
            address: address, cookies: cookies, transport: provider, clock: clock)
    }

    /// What one browser has in its hands.
    struct Tab {
        var cookie: String?
        var location: String
        var state: String { parameters["state"] ?? "" }
        var parameters: [String: String] {
            // In a form, + is a space.
            let items = URLComponents(string: location.replacing("+", with: "%20"))?.queryItems ?? []
            return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
        }
    }

    static func request(_ path: String, cookie: String? = nil, host: String = "127.0.0.1:8080") -> EndpointRequest {
        var head = HTTPRequest(method: .get, scheme: "http", authority: host, path: path)
        head.headerFields[.cookie] = cookie
        return EndpointRequest(head: head)
    }

    /// The cookie that an answer leaves in the browser, as the browser sends it.
    static func cookie(_ fields: [HTTPField], former: String? = nil) -> String? {
        guard let set = fields.last(where: { $0.name == .setCookie })?.value else { return former }
        let pair = String(set.prefix { $0 != ";" })
        return pair.hasSuffix("=") ? nil : pair
    }

    /// Begins a sign-in in a tab of the browser that has this cookie.
    func begin(_ cookie: String? = nil, returnTo: String = "/operate?x=1") async throws -> Tab {
        let answer =
            await signIn.begin(
                Self.request("/auth/sign-in", cookie: cookie), returnTo: try #require(ReturnPath(returnTo))
            )
            .response
        #expect(answer.head.status == .seeOther, "\(text(answer))")
        let tab = Tab(
            cookie: Self.cookie(Array(answer.head.headerFields), former: cookie),
            location: answer.head.headerFields[.location] ?? "")
        provider.change { $0.nonce = tab.parameters["nonce"] ?? "" }
        return tab
    }

    /// The provider sends the tab back; changes replace parameters, `nil` takes one out.
    func complete(_ tab: Tab, _ changes: [String: String?] = [:]) async -> SignInOutcome {
        var parameters: [String: String?] = [
            "code": "the-code-of-the-provider", "state": tab.state, "iss": FakeProvider.issuer,
        ]
        for (name, value) in changes { parameters[name] = value }
        let query = FormEncoding.encode(
            parameters.compactMap { name, value in value.map { (name, $0) } }.sorted { $0.0 < $1.0 })
        return await complete("?" + String(decoding: query, as: UTF8.self), cookie: tab.cookie)
    }

    func complete(_ query: String, cookie: String?) async -> SignInOutcome {
        await signIn.complete(Self.request(OIDCSignIn.callbackPath + query, cookie: cookie))
    }

    /// Somebody signs in from the first click to the last.
    func run(_ changes: [String: String?] = [:]) async throws -> SignInOutcome {
        await complete(try await begin(), changes)
    }
}

func text(_ response: EndpointResponse) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
}

extension SignInOutcome {
    var person: SignedInPerson? {
        if case .signedIn(let person, _, _) = self { person } else { nil }
    }

    var page: String? {
        if case .refused(let response, _) = self { text(response) } else { nil }
    }

    var status: Int? {
        if case .refused(let response, _) = self { response.head.status.code } else { nil }
    }

    /// The line for the log.
    var detail: String {
        if case .refused(_, let detail) = self { detail } else { "signed in" }
    }

    var fields: [HTTPField] {
        switch self {
        case .signedIn(_, _, let fields): fields
        case .refused(let response, _): Array(response.head.headerFields)
        }
    }
}
