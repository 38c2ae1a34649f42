internal import HTTPTypes
internal import VestibuleServer

/// `/auth/sign-in` and `/auth/callback`: from nobody to a session.
struct SignInRoutes {
    let access: BrowserAccess
    let provider: any SignInProvider

    func answer(_ request: EndpointRequest) async -> SiteAnswer? {
        let completion = provider.completion
        if request.path == completion.path, request.head.method == completion.method {
            return await complete(request)
        }
        switch (request.path, request.head.method) {
        case (SitePath.signIn, .get), (SitePath.signIn, .head):
            let returnTo = request.query("return").flatMap(ReturnPath.init) ?? .home
            let start = await provider.begin(request, returnTo: returnTo)
            return SiteAnswer(start.response, detail: start.detail)
        case (SitePath.signIn, _):
            let isForm = completion.path == SitePath.signIn
            return SiteAnswer(.methodNotAllowed(isForm ? "GET, HEAD, POST" : "GET, HEAD"))
        case (completion.path, _): return SiteAnswer(.methodNotAllowed(completion.method.rawValue))
        default: return nil
        }
    }

    private func complete(_ request: EndpointRequest) async -> SiteAnswer {
        switch await provider.complete(request) {
        case .refused(let response, let detail): return SiteAnswer(response, detail: detail)
        case .signedIn(let person, let returnTo, let fields):
            let cookie = access.sessions.begin(person, replacing: request)
            return SiteAnswer(
                .seeOther(returnTo.path, fields: fields + [cookie]),
                detail: "signed in (\(person.method)): \(person.subject)")
        }
    }
}
