internal import HTTPTypes
internal import VestibuleServer

/// The form asks for no password because only this machine can reach it. Where a proxy stands before the server, every
/// request comes from this machine, and that is no longer so.
extension DevelopmentSignIn {
    /// What the log says of a request that a proxy passed on.
    static let proxyDetail = "a proxy passed this on; the development sign-in is for this machine only"

    private static let traces = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"]
        .compactMap { HTTPField.Name($0) }

    func isPassedOn(_ request: EndpointRequest) -> Bool {
        Self.traces.contains { request.head.headerFields[$0] != nil }
    }

    static let proxyPage = SimplePage(
        title: "Not through a proxy",
        body: """
            <main class="sign-in">
            <h1>Not through a proxy</h1>
            <p>The development sign-in asks for no password, so it serves this machine only, and this request was \
            passed on by a proxy.</p>
            <p>Start the server with a configuration file and set <code>signIn.oidc</code>, or open the page by the \
            server’s own address.</p>
            </main>
            """
    )
    .html
}
