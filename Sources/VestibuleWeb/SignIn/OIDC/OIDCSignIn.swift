public import HTTPTypes
internal import Synchronization
internal import VestibuleAuth
public import VestibuleClient
public import VestibuleProtocol
public import VestibuleServer

/// Signs people in with an identity provider: OpenID Connect Core 1.0, authorization code flow, always with PKCE.
///
/// What belongs to a sign-in that is under way lives in the browser's own cookie, sealed; the server keeps only what
/// the provider publishes, and which sign-ins have come back.
public final class OIDCSignIn: SignInProvider {
    public let method = "oidc"
    public let completion: (method: HTTPRequest.Method, path: String) = (.get, OIDCSignIn.callbackPath)

    /// Where the provider sends the browser back to.
    public static let callbackPath = "/auth/callback"
    static let cookie = "oidc"

    private let configuration: OIDCConfiguration
    private let address: SiteAddress
    private let cookies: SiteCookies
    private let transport: any HTTPTransport
    private let clock: any WallClock
    private let documents: ProviderDocuments
    private let seal = AttemptSeal()
    private let used = Mutex(UsedStates())
    private let redeeming = Mutex(Places())

    /// - Parameters:
    ///   - address: Whose origin the redirect URI has.
    ///   - transport: Must follow no redirects.
    public init(
        _ configuration: OIDCConfiguration, address: SiteAddress, cookies: SiteCookies,
        transport: any HTTPTransport, clock: any WallClock
    ) {
        self.configuration = configuration
        self.address = address
        self.cookies = cookies
        self.transport = transport
        self.clock = clock
        self.documents = ProviderDocuments(issuer: configuration.issuer, transport: transport, clock: clock)
    }

    /// The URI to register at the provider.
    public var redirectURI: String { address.origin + Self.callbackPath }

    public func begin(_ request: EndpointRequest, returnTo: ReturnPath) async -> SignInStart {
        if let elsewhere = address.originForCookies(host: request.head.authority) {
            return SignInStart(.seeOther("\(elsewhere)\(signInPath(returnTo))"))
        }
        do {
            let metadata = try await documents.metadata.current().value
            let attempt = SignInAttempt.make(returnTo: returnTo, now: clock.now())
            var attempts = seal.open(cookies.value(Self.cookie, in: request))
            attempts.add(attempt)
            let url = metadata.authorizationURL(attempt, configuration: configuration, redirectURI: redirectURI)
            return SignInStart(.seeOther(url, fields: [keep(attempts)]))
        } catch {
            let failure = error as? OIDCFailure ?? .interrupted
            return SignInStart(page(failure, returnTo: returnTo), detail: failure.line)
        }
    }

    public func complete(_ request: EndpointRequest) async -> SignInOutcome {
        var attempts = seal.open(cookies.value(Self.cookie, in: request))
        var returnTo = ReturnPath.home
        do {
            let parameters = try CallbackParameters(path: request.head.path ?? "")
            guard let attempt = attempts.take(parameters.state) else { throw OIDCFailure.stateMissing }
            returnTo = attempt.returnTo
            let person = try await person(for: attempt, parameters)
            return .signedIn(person, returnTo: returnTo, fields: [keep(attempts)])
        } catch {
            let failure = error as? OIDCFailure ?? .interrupted
            return .refused(page(failure, returnTo: returnTo, fields: [keep(attempts)]), detail: failure.line)
        }
    }

    private func person(
        for attempt: SignInAttempt, _ parameters: CallbackParameters
    ) async throws -> SignedInPerson {
        let now = clock.now()
        guard !attempt.isExpired(at: now) else { throw OIDCFailure.stateExpired }
        guard used.withLock({ $0.insert(attempt.state, now: now) }) else { throw OIDCFailure.stateUsed }
        let metadata = try await documents.metadata.current().value
        let code = try parameters.code(from: metadata)
        let exchange = TokenExchange(metadata: metadata, configuration: configuration, redirectURI: redirectURI)
        guard redeeming.withLock({ $0.enter() }) else { throw OIDCFailure.busy }
        defer { redeeming.withLock { $0.leave() } }
        let reply = try await run(
            try exchange.request(code: code, proofKey: attempt.proofKey),
            "the token endpoint \(metadata.tokenEndpoint.prefix { $0 != "?" })", limit: TokenExchange.maximumReplySize)
        let tokens = try exchange.tokens(status: reply.status, body: reply.body)
        var claims = try await verified(tokens.idToken, nonce: attempt.nonce)
        if configuration.asksForUserInfo {
            claims = try await withUserInfo(claims, accessToken: tokens.accessToken, metadata)
        }
        return try configuration.person(for: claims, method: method)
    }

    /// The claims of the ID token. Where its key is not among those at hand, the provider is asked for them anew.
    private func verified(_ token: String, nonce: String) async throws -> JSONObject {
        let keys = try await documents.keys.current()
        do throws(IDTokenCheck.Refusal) {
            return try idTokenCheck(nonce: nonce, keys.value).run(token)
        } catch {
            guard error.concernsKey else { throw error.failure }
            let newer = try await documents.keys.current(beyond: keys.generation)
            guard newer.generation != keys.generation else { throw error.failure }
            do throws(IDTokenCheck.Refusal) {
                return try idTokenCheck(nonce: nonce, newer.value).run(token)
            } catch {
                throw error.failure
            }
        }
    }

    private func withUserInfo(
        _ claims: JSONObject, accessToken: String?, _ metadata: ProviderMetadata
    ) async throws -> JSONObject {
        let userInfo = try UserInfo(metadata)
        guard let request = accessToken.flatMap(userInfo.request) else {
            throw userInfo.failure("cannot be asked: the provider gave no access token", .providerError)
        }
        let reply = try await run(request, userInfo.shown, limit: UserInfo.maximumReplySize)
        return try userInfo.merge(status: reply.status, body: reply.body, into: claims)
    }

    private func run(
        _ request: TransportRequest, _ shown: String, limit: Int
    ) async throws -> BoundedExchange.Reply {
        try await OIDCFailure.explaining {
            try await BoundedExchange(transport: transport, clock: clock, limit: limit).run(request, shown)
        }
    }

    private func idTokenCheck(nonce: String, _ keys: KeyRing) -> IDTokenCheck {
        IDTokenCheck(
            issuer: configuration.issuer, clientID: configuration.clientID, nonce: nonce, keys: keys, clock: clock)
    }

    private func keep(_ attempts: SignInAttempts) -> HTTPField {
        guard !attempts.isEmpty, let sealed = seal.seal(attempts) else { return cookies.remove(Self.cookie) }
        return cookies.set(sealed, for: Self.cookie, maximumAge: SignInAttempt.lifetime)
    }

    private func signInPath(_ returnTo: ReturnPath) -> String {
        let query = FormEncoding.encode([("return", returnTo.path)])
        return "/auth/sign-in?" + String(decoding: query, as: UTF8.self)
    }

    private func page(
        _ failure: OIDCFailure, returnTo: ReturnPath, fields: [HTTPField] = []
    ) -> EndpointResponse {
        .page(failure.status, OIDCPage.html(failure, again: signInPath(returnTo)), fields: fields)
    }
}

/// How many codes are being redeemed: a crowd that sends made-up ones must not set this server on its provider.
private struct Places: Sendable {
    static let maximum = 64
    private var taken = 0

    /// - Returns: Whether there was room.
    mutating func enter() -> Bool {
        guard taken < Self.maximum else { return false }
        taken += 1
        return true
    }

    mutating func leave() { taken -= 1 }
}

extension OIDCFailure {
    fileprivate static let busy = OIDCFailure(
        .busy, "\(Places.maximum) sign-ins wait for the provider's token endpoint already",
        advice: "try again in a while")
    fileprivate static let stateMissing = OIDCFailure(
        .stateMissing,
        "this browser has no such sign-in under way: it refused the cookie, came by another host name, "
            + "or the server was restarted", advice: startAgain)
    fileprivate static let stateExpired = OIDCFailure(
        .stateExpired, "the sign-in was begun more than \(SignInAttempt.lifetime.components.seconds / 60) minutes ago",
        advice: startAgain)
    fileprivate static let stateUsed = OIDCFailure(
        .stateUsed, "this answer of the provider was used already", advice: startAgain)
    fileprivate static let interrupted = OIDCFailure(
        .providerUnreachable, "the exchange with the provider was broken off", advice: "try again")
}
