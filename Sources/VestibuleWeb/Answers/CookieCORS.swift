internal import HTTPTypes
internal import VestibuleServer

/// CORS for what is asked for with a person's cookie (Fetch standard, CORS protocol): only for origins that the
/// configuration names, one by one, never `*`.
///
/// A browser sends the cookie from pages of the same site only, such as another port or subdomain (`SameSite=Lax`).
struct CookieCORS {
    let access: BrowserAccess

    /// Marks the answer as readable where the page that asked is allowed to.
    func open(_ response: EndpointResponse, to request: EndpointRequest) -> EndpointResponse {
        var response = response
        response.head.headerFields[.vary] = "Origin"
        let sent = request.head.headerFields[values: .origin]
        guard sent.count == 1, let origin = sent.first, access.allows(origin: origin, of: request, from: .configured)
        else { return response }
        response.head.headerFields[.accessControlAllowOrigin] = origin
        response.head.headerFields[.accessControlAllowCredentials] = "true"
        response.head.headerFields[.accessControlExposeHeaders] = "Retry-After, Date, Vestibule-Request-Id"
        return response
    }

    /// The answer to `OPTIONS`. To a page that may not ask it says so by its silence.
    func preflight(_ request: EndpointRequest, methods: String) -> EndpointResponse {
        var response = open(.empty(204), to: request)
        response.head.headerFields[.allow] = methods
        if response.head.headerFields[.accessControlAllowOrigin] != nil {
            response.head.headerFields[.accessControlAllowMethods] = methods
            response.head.headerFields[.accessControlAllowHeaders] = "Vestibule-CSRF, Content-Type"
            response.head.headerFields[.accessControlMaxAge] = "600"
        }
        return response
    }
}
