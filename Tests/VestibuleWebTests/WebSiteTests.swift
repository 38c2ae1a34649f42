import HTTPTypes
import Testing
import VestibuleServer
import VestibuleWeb

@Suite("The web site")
struct WebSiteTests {
    @Test("leaves paths that are not its own to the endpoint")
    func leavesOtherPaths() async {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1", path: "/elsewhere")
        let response = await WebSite().respond(to: EndpointRequest(head: head))
        #expect(response?.head.status == nil)
    }
}
