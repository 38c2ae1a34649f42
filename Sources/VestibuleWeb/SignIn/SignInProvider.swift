public import HTTPTypes
public import VestibuleServer

/// A way to sign in.
///
/// The site has checked the `Host` before it asks, adds the security headers to every answer, and alone makes and ends
/// sessions; a provider only says who somebody is.
public protocol SignInProvider: Sendable {
    /// What `/auth/session` says about it: `development` or `oidc`.
    var method: String { get }

    /// How a sign-in ends: `POST /auth/sign-in` for a form, `GET /auth/callback` for a redirect from elsewhere.
    var completion: (method: HTTPRequest.Method, path: String) { get }

    /// Answers `GET /auth/sign-in`.
    ///
    /// - Parameter returnTo: a path of this origin, checked.
    func begin(_ request: EndpointRequest, returnTo: ReturnPath) async -> SignInStart

    /// Answers ``completion``.
    func complete(_ request: EndpointRequest) async -> SignInOutcome
}

/// What an attempt to sign in begins with.
public struct SignInStart: Sendable {
    /// A form, a redirect, or a page that says why there is neither.
    public var response: EndpointResponse
    /// A line for the log, where there is something to say.
    public var detail: String?

    public init(_ response: EndpointResponse, detail: String? = nil) {
        self.response = response
        self.detail = detail
    }
}

/// How an attempt to sign in ended.
public enum SignInOutcome: Sendable {
    /// The site begins a session of a new id and redirects there (303).
    ///
    /// - Parameter fields: further `Set-Cookie` fields, to remove what the attempt needed.
    case signedIn(SignedInPerson, returnTo: ReturnPath, fields: [HTTPField] = [])
    /// The answer as it is, with a line for the log. No session is begun.
    case refused(EndpointResponse, detail: String)
}
