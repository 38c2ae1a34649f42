internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// `/auth/session`, `/auth/token` and `/auth/sign-out`: what a page does with the cookie that it cannot see.
struct SessionRoutes {
    let access: BrowserAccess
    let hasSignIn: Bool
    let desk: TokenDesk?
    let offersReplay: Bool

    // MARK: /auth/session

    func session(_ request: EndpointRequest) -> SiteAnswer {
        switch request.head.method {
        case .get, .head: break
        case .options: return SiteAnswer(CookieCORS(access: access).preflight(request, methods: "GET, HEAD, OPTIONS"))
        default: return SiteAnswer(.methodNotAllowed("GET, HEAD, OPTIONS"))
        }
        var answer = readSession(request)
        answer.response = CookieCORS(access: access).open(answer.response, to: request)
        return answer
    }

    private func readSession(_ request: EndpointRequest) -> SiteAnswer {
        // A browser names the origin of a page elsewhere. One that may not read the answer gets none.
        let origins = request.head.headerFields[values: .origin]
        guard origins.allSatisfy({ access.allows(origin: $0, of: request, from: .configured) }) else {
            return SiteAnswer(access.foreignOrigin)
        }
        return SiteAnswer(.json(200, state(for: request)))
    }

    private func state(for request: EndpointRequest) -> JSONObject {
        let session = access.session(for: request)
        var json: JSONObject = ["signed_in": .bool(session != nil)]
        if let session {
            json["subject"] = .string(session.subject)
            json["name"] = .string(session.name)
            json["roles"] = .strings(session.grant.roles)
            json["method"] = .string(session.method)
            json["expires_at"] = .integer(Int(exactly: session.expiresAt.seconds.rounded(.down)) ?? 0)
        }
        json["csrf"] = session.map { .string($0.csrf) } ?? .null
        json["operator"] = .bool(session?.isOperator == true)
        json["replay"] = .bool(offersReplay)
        json["sign_in"] = hasSignIn ? .string(SitePath.signIn) : .null
        json["resource"] = .string(access.address.resource)
        json["endpoint"] = .string(access.address.endpoint(host: request.head.authority))
        return json
    }

    // MARK: /auth/token

    func token(_ request: EndpointRequest) -> SiteAnswer {
        let cors = CookieCORS(access: access)
        switch request.head.method {
        case .post: break
        case .options: return SiteAnswer(cors.preflight(request, methods: "POST, OPTIONS"))
        default: return SiteAnswer(.methodNotAllowed("POST, OPTIONS"))
        }
        var answer = mint(for: request)
        answer.response = cors.open(answer.response, to: request)
        return answer
    }

    private func mint(for request: EndpointRequest) -> SiteAnswer {
        guard let desk, hasSignIn else {
            return SiteAnswer(
                SiteRefusal(
                    status: 404, error: "no_sign_in",
                    detail: "nobody can sign in here; configure signIn.oidc, or get a token from its issuer"))
        }
        let session: BrowserSession
        switch access.authorizeChange(request, from: .configured) {
        case .success(let found): session = found
        case .failure(let refusal): return SiteAnswer(refusal)
        }
        if let wait = access.sessions.countToken(of: session) {
            let seconds = max(1, Int(wait.inSeconds.rounded(.up)))
            var answer = SiteAnswer(
                SiteRefusal(
                    status: 429, error: "rate_limited",
                    detail: "this session has fetched too many tokens; the next one in \(seconds) s"))
            answer.response.head.headerFields[.retryAfter] = String(seconds)
            return answer
        }
        do throws(MintingError) {
            let token = try desk.token(for: session.person)
            return SiteAnswer(
                .json(
                    200,
                    [
                        "access_token": .string(token), "token_type": "Bearer",
                        "expires_in": .integer(Int(desk.lifetime.components.seconds)),
                    ]))
        } catch {
            return SiteAnswer(SiteRefusal(status: 503, error: "no_signing_key", detail: error.description))
        }
    }

    // MARK: /auth/sign-out

    func signOut(_ request: EndpointRequest) -> SiteAnswer {
        guard request.head.method == .post else { return SiteAnswer(.methodNotAllowed("POST")) }
        switch access.authorizeChange(request) {
        case .failure(let refusal): return SiteAnswer(refusal)
        case .success(let session):
            return SiteAnswer(
                .empty(204, fields: [access.sessions.end(session)]), detail: "signed out: \(session.subject)")
        }
    }
}
