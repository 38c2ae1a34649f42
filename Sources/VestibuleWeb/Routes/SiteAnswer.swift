internal import VestibuleServer

/// An answer with what the log says of it.
struct SiteAnswer {
    var response: EndpointResponse
    /// One line for a person; never a secret.
    var detail: String?

    init(_ response: EndpointResponse, detail: String? = nil) {
        self.response = response
        self.detail = detail
    }

    init(_ refusal: SiteRefusal) {
        self.init(refusal.response, detail: refusal.detail)
    }
}

/// The paths of the site.
enum SitePath {
    static let home = "/"
    static let operate = "/operate"
    /// What every reason means, as the documentation has it. The modules' links lead here.
    static let troubleshooting = "/docs/troubleshooting.md"
    static let session = "/auth/session"
    static let signIn = "/auth/sign-in"
    static let callback = "/auth/callback"
    static let token = "/auth/token"
    static let signOut = "/auth/sign-out"
}
