internal import Crypto
public import HTTPTypes
internal import VestibuleProtocol
public import VestibuleServer

/// Signs anybody in who asks, with no password: for a server that only its own machine can reach, to try things with.
///
/// The form is protected all the same: what another page sends signs nobody in (login CSRF).
public struct DevelopmentSignIn: SignInProvider {
    /// Somebody to choose from.
    public struct Choice: Sendable {
        public var subject: String
        public var name: String
        public var grant: Grant
        /// What this person may do, for whoever chooses.
        public var summary: String

        public init(subject: String, name: String, grant: Grant, summary: String) {
            self.subject = subject
            self.name = name
            self.grant = grant
            self.summary = summary
        }
    }

    /// The longest name, in bytes.
    public static let maximumNameLength = 64

    public let method = "development"
    public let completion: (method: HTTPRequest.Method, path: String) = (.post, SitePath.signIn)
    private let choices: [Choice]
    private let access: BrowserAccess
    private let key = SymmetricKey(size: .bits256)

    /// - Parameter choices: the persons with rights. Any other name signs in without any.
    public init(choices: [Choice], access: BrowserAccess) {
        self.choices = choices
        self.access = access
    }

    public func begin(_ request: EndpointRequest, returnTo: ReturnPath) async -> SignInStart {
        isPassedOn(request)
            ? SignInStart(.page(403, Self.proxyPage), detail: Self.proxyDetail)
            : SignInStart(form(200, request, returnTo: returnTo))
    }

    public func complete(_ request: EndpointRequest) async -> SignInOutcome {
        guard !isPassedOn(request) else { return .refused(.page(403, Self.proxyPage), detail: Self.proxyDetail) }
        let form: FormBody
        do throws(SiteRefusal) {
            if let refusal = access.refusalOfOrigin(request) { throw refusal }
            form = try FormBody(request)
        } catch {
            let response = self.form(error.status, request, returnTo: .home, problem: "\(error.detail).")
            return .refused(response, detail: error.detail)
        }
        let returnTo = ReturnPath(form["return"]) ?? .home
        guard let visitor = visitor(in: request), form["csrf"].isSameSecret(as: token(for: visitor)) else {
            let problem = "This form was out of date. Please choose again."
            return .refused(
                self.form(403, request, returnTo: returnTo, problem: problem), detail: "the form's csrf is not valid")
        }
        guard let person = person(named: form["user"]) else {
            let problem = "A name has 1 to \(Self.maximumNameLength) bytes, and no control characters."
            return .refused(
                self.form(400, request, returnTo: returnTo, problem: problem), detail: "the name is not acceptable")
        }
        return .signedIn(person, returnTo: returnTo, fields: [access.sessions.cookies.remove(Self.visitorCookie)])
    }

    private func person(named name: String) -> SignedInPerson? {
        let name = name.trimmingOptionalWhitespace
        // What a line cannot hold stays out of every place where the name is shown.
        guard (1...Self.maximumNameLength).contains(name.utf8.count), name.onOneLine().hasSameBytes(as: name) else {
            return nil
        }
        let choice = choices.first { $0.subject.hasSameBytes(as: name) }
        return SignedInPerson(
            subject: name, name: choice?.name ?? name, grant: choice?.grant ?? Grant(), method: method)
    }

    // MARK: The form

    /// Names the browser that got the form, before anybody is signed in with it.
    private static let visitorCookie = "sign-in"
    private static let visitorLifetime = Duration.seconds(3600)

    private func visitor(in request: EndpointRequest) -> String? {
        access.sessions.cookies.value(Self.visitorCookie, in: request)
            .flatMap { $0.utf8.count == 43 && $0.utf8.allSatisfy(\.isBase64URL) ? $0 : nil }
    }

    /// What the form sends back: only this server can make it, and only for that browser.
    private func token(for visitor: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("sign-in form \(visitor)".utf8), using: key)
        return Base64URL.encode(Array(code))
    }

    private func form(
        _ status: Int, _ request: EndpointRequest, returnTo: ReturnPath, problem: String? = nil
    ) -> EndpointResponse {
        // A second form in another tab belongs to the same browser.
        let visitor = visitor(in: request) ?? RandomID.makeSecret()
        let page = DevelopmentSignInPage(
            choices: choices, csrf: token(for: visitor), returnTo: returnTo, problem: problem,
            signedInAs: access.session(for: request)?.name)
        var response = EndpointResponse.page(
            status, page.html,
            fields: [
                access.sessions.cookies.set(
                    visitor, for: Self.visitorCookie, maximumAge: Self.visitorLifetime, sameSite: .strict)
            ])
        // With no-referrer a browser would send the form with `Origin: null` (Fetch standard, §3.2).
        response.head.headerFields[.referrerPolicy] = "same-origin"
        return response
    }
}
