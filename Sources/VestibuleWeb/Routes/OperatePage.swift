internal import VestibuleServer

/// `/operate`: the operator's page, or the way to it.
struct OperatePage {
    let access: BrowserAccess
    let files: FileRoutes

    func answer(_ request: EndpointRequest) -> EndpointResponse? {
        guard let page = files.page("operate", request) else { return nil }
        switch access.authorizeOperator(request) {
        case .success: return page
        case .failure(.loginRequired): return .seeOther("\(SitePath.signIn)?return=\(SitePath.operate)")
        case .failure: return .page(403, Self.refusal)
        }
    }

    private static let refusal = SimplePage(
        title: "For operators",
        body: """
            <main class="sign-in">
            <h1>For operators</h1>
            <p>This page needs the role <code>operator</code>, which you are not signed in with.</p>
            <p><a href="/auth/sign-in?return=/operate">Sign in as somebody else</a> or <a href="/">go to the front \
            page</a>.</p>
            </main>
            """
    )
    .html
}
