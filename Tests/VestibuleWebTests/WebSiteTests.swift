import HTTPTypes
import Testing
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleWeb

@Suite("The web site")
struct WebSiteTests {
    @Test("leaves paths that are not its own to the endpoint")
    func leavesOtherPaths() async {
        let configuration = EndpointConfiguration(
            serverInfo: Implementation(name: "test", version: "1"), resource: "http://127.0.0.1:8080/mcp")
        let cookies = SiteCookies(SiteAddress(configuration))
        let access = BrowserAccess(
            sessions: BrowserSessions(cookies: cookies, clock: SystemClock()), configuration: configuration)
        let head = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1", path: "/elsewhere")
        let response = await WebSite(access: access).respond(to: EndpointRequest(head: head))
        #expect(response?.head.status == nil)
    }
}
