internal import HTTPTypes
internal import VestibuleProtocol
public import VestibuleServer

/// Who asks, and whether the page that asks may: what every part of the site goes by.
///
/// The parts of a ``WebSite`` get requests whose `Host` was checked already.
public struct BrowserAccess: Sendable {
    /// Which pages may send something with the person's cookie.
    public enum Origins: Sendable {
        /// Those of this server.
        case own
        /// Those of the origins that the configuration names, too. Loopback origins are not allowed by themselves:
        /// any program of the machine may serve pages there.
        case configured
    }

    public let sessions: BrowserSessions
    public let address: SiteAddress
    private let configured: Set<ByteKey>

    public init(sessions: BrowserSessions, configuration: EndpointConfiguration) {
        self.sessions = sessions
        self.address = SiteAddress(configuration)
        self.configured = Set(configuration.allowedOrigins.map { ByteKey(SitePolicy.normalised(origin: $0)) })
    }

    /// The session whose cookie the request carries.
    public func session(for request: EndpointRequest) -> BrowserSession? { sessions.session(for: request) }

    /// Whether a page of that origin may use the person's cookie.
    public func allows(origin: String, of request: EndpointRequest, from origins: Origins) -> Bool {
        let origin = SitePolicy.normalised(origin: origin)
        if origin.hasSameBytes(as: address.origin(host: request.head.authority)) { return true }
        if origin.hasSameBytes(as: address.origin) { return true }
        return origins == .configured && configured.contains(ByteKey(origin))
    }

    /// Why a request that changes something may not be carried out: the page that sent it is not one of the origins
    /// (403 `origin_forbidden`), nobody is signed in (401 `login_required`), or its `Vestibule-CSRF` is not the
    /// session's (403 `csrf`).
    ///
    /// - Returns: the session, or the answer.
    public func authorizeChange(
        _ request: EndpointRequest, from origins: Origins = .own
    ) -> Result<BrowserSession, SiteRefusal> {
        if let refusal = refusalOfOrigin(request, from: origins) { return .failure(refusal) }
        guard let session = session(for: request) else { return .failure(.loginRequired) }
        let sent = request.head.headerFields[values: .vestibuleCSRF]
        guard sent.count == 1, let token = sent.first, token.isSameSecret(as: session.csrf) else {
            return .failure(
                SiteRefusal(
                    status: 403, error: "csrf",
                    detail: "Vestibule-CSRF is not this session's; read it from /auth/session and send it again"))
        }
        return .success(session)
    }

    /// Why a request may not come from where it does: no browser sends a change without `Origin`.
    public func refusalOfOrigin(_ request: EndpointRequest, from origins: Origins = .own) -> SiteRefusal? {
        let fields = request.head.headerFields
        let sent = fields[values: .origin]
        guard sent.count == 1, let origin = sent.first else {
            return SiteRefusal(
                status: 403, error: "origin_forbidden", detail: "send this from a page of \(address.origin)")
        }
        guard allows(origin: origin, of: request, from: origins) else {
            return foreignOrigin
        }
        // Says the same as Origin where a browser is sound; a second lock that costs nothing.
        let isOwn = allows(origin: origin, of: request, from: .own)
        if isOwn, fields[.secFetchSite].map({ $0 != "same-origin" }) == true {
            return SiteRefusal(status: 403, error: "origin_forbidden", detail: "send this from a page of this server")
        }
        return nil
    }

    /// What a page of an origin is told that is not allowed.
    var foreignOrigin: SiteRefusal {
        SiteRefusal(
            status: 403, error: "origin_forbidden",
            detail: "pages of this origin may not use the sign-in of \(address.origin); see allowedOrigins")
    }

    /// The session of an operator, or why there is none: 401 `login_required`, 403 `operator_required`.
    public func authorizeOperator(_ request: EndpointRequest) -> Result<BrowserSession, SiteRefusal> {
        guard let session = session(for: request) else { return .failure(.loginRequired) }
        guard session.isOperator else {
            return .failure(
                SiteRefusal(
                    status: 403, error: "operator_required",
                    detail: "this is for the role operator; sign in as somebody who has it"))
        }
        return .success(session)
    }
}

/// A refusal that a program reads: `{"error":…,"detail":…}`.
public struct SiteRefusal: Error, Sendable, Hashable {
    public var status: Int
    /// A stable word.
    public var error: String
    /// One line for a person.
    public var detail: String

    public init(status: Int, error: String, detail: String) {
        self.status = status
        self.error = error
        self.detail = detail
    }

    /// Nobody is signed in with this browser.
    public static let loginRequired = SiteRefusal(
        status: 401, error: "login_required", detail: "nobody is signed in with this browser, or no longer; sign in")

    /// The answer that says so.
    public var response: EndpointResponse {
        var json: JSONObject = ["error": .string(error)]
        if status == 401 {
            json["reason"] = .string(Reason.tokenMissing.rawValue)
            json["remedy"] = .string(Remedy.signIn.rawValue)
        }
        json["detail"] = .string(detail)
        return .json(status, json)
    }
}

extension String {
    /// Compares in a time that depends on the lengths only.
    func isSameSecret(as other: String) -> Bool {
        let (left, right) = (Array(utf8), Array(other.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
