internal import Crypto
internal import HTTPTypes
internal import Synchronization
public import VestibuleClient
public import VestibuleProtocol

/// A small OAuth 2.1 authorization server behind a transport, for tests of clients: it behaves unless told otherwise,
/// and remembers what came.
///
/// It registers clients, redirects at once with a code, checks client authentication, redirect URI, proof key (PKCE)
/// and `resource`, rotates refresh tokens, and binds tokens to keys (DPoP) where it is told to. Nobody has to sign in:
/// whoever opens the page is redirected, as `HeadlessAuthorizationUI` follows.
public final class ScriptedAuthorizationServer: HTTPTransport {
    /// How it behaves. Every default is what a good server does.
    public struct Behaviour: Sendable {
        /// Which `issuer` answers of the authorization endpoint name (RFC 9207).
        public enum Issuer: Sendable, Hashable {
            case own
            case missing
            case other(String)
        }

        /// The paths of its description; `nil` for the well-known path of RFC 8414. Empty for none.
        public var metadataPaths: [String]?
        /// The `issuer` of its description, where it is not the server's.
        public var metadataIssuer: String?
        /// What stands before `/authorize`, `/token` and `/register`.
        public var endpointPrefix = ""
        /// `code_challenge_methods_supported`; `nil` for none.
        public var codeChallengeMethods: [String]? = ["S256"]
        /// `authorization_response_iss_parameter_supported`; `nil` to leave it out.
        public var advertisesIssuer: Bool? = true
        public var issuerInAnswer = Issuer.own
        /// Whether clients may register (RFC 7591).
        public var registersClients = true
        /// The secret that registered clients get; `nil` for none.
        public var registeredSecret: String?
        /// The authentication method that registered clients are told; `nil` to say nothing.
        public var registeredAuthMethod: String?
        /// Whether it takes URLs as client ids.
        public var takesMetadataDocuments = false
        public var authMethods = ["none"]
        public var scopesSupported: [String]?
        public var grantTypes = ["authorization_code", "refresh_token"]
        /// Clients that are registered beforehand: id and secret.
        public var clients: [String: String] = [:]
        public var issuesRefreshTokens = false
        /// Whether each refresh brings a new refresh token and spends the old one.
        public var rotatesRefreshTokens = true
        /// The error that refreshes are refused with.
        public var refreshRefusal: String?
        /// `expires_in`; `nil` to leave it out.
        public var lifetime: Duration? = .seconds(3600)
        /// What the authorization endpoint answers instead of a code.
        public var refusal: String?
        /// Whether tokens are bound to the key of a proof (RFC 9449).
        public var bindsTokens = false
        /// The nonce that proofs have to hold; `nil` for none.
        public var nonce: String?
        /// What the token endpoint makes of a statement that is presented to it (RFC 7523); `nil` accepts.
        public var judgeAssertion: @Sendable (String) -> String? = { _ in nil }
        /// The token that an exchange gives (RFC 8693); `nil` refuses.
        public var exchangedToken: String?

        public init() {}
    }

    /// A request to the token endpoint.
    public struct TokenRequest: Sendable {
        public var form: [String: String]
        /// The authentication method that was used.
        public var authMethod: String
        public var clientID: String
        /// The proof of possession.
        public var proof: CompactToken?

        public var grantType: String { form["grant_type"] ?? "" }
        public var scope: [String] { form["scope"]?.split(separator: " ").map(String.init) ?? [] }
    }

    struct Grant: Sendable {
        var clientID: String
        var scope: [String]
        var resource: String?
        var redirectURI: String?
        var challenge: String?
    }

    struct Issued: Sendable {
        var scope: [String]
        var thumbprint: String?
    }

    private struct State {
        var behaviour: Behaviour
        var requests: [String] = []
        var registrations: [JSONObject] = []
        var authorizations: [[String: String]] = []
        var tokenRequests: [TokenRequest] = []
        var registered: [String: String] = [:]
        var codes: [String: Grant] = [:]
        var refreshTokens: [String: Grant] = [:]
        var tokens: [String: Issued] = [:]
        var count = 0
    }

    /// The issuer, without a slash at its end.
    public let issuer: String
    private let state: Mutex<State>

    public init(issuer: String = "https://auth.test", _ behaviour: Behaviour = Behaviour()) {
        self.issuer = issuer
        self.state = Mutex(State(behaviour: behaviour))
    }

    /// Changes how it behaves from now on.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// Ends tokens and refresh tokens that were issued.
    public func revokeEverything() {
        state.withLock { state in
            state.tokens = [:]
            state.refreshTokens = [:]
        }
    }

    /// Every request as `GET /path`.
    public var requests: [String] { state.withLock { $0.requests } }
    /// What clients said of themselves when they registered.
    public var registrations: [JSONObject] { state.withLock { $0.registrations } }
    /// The parameters of requests to the authorization endpoint.
    public var authorizations: [[String: String]] { state.withLock { $0.authorizations } }
    public var tokenRequests: [TokenRequest] { state.withLock { $0.tokenRequests } }

    /// The scope of a token that this server issued and has not ended; `nil` for any other.
    public func scope(of token: String) -> [String]? { state.withLock { $0.tokens[token]?.scope } }
    /// The key that a token is bound to, by its thumbprint.
    public func thumbprint(of token: String) -> String? { state.withLock { $0.tokens[token]?.thumbprint } }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        let path = Self.path(of: request.url)
        return state.withLock { state in
            state.requests.append("\(request.method.rawValue) \(path)")
            let behaviour = state.behaviour
            if request.method == .get, metadataPaths(behaviour).contains(path) {
                return Self.json(200, .object(metadata(behaviour)))
            }
            switch (request.method, path) {
            case (.get, "\(behaviour.endpointPrefix)/authorize"): return authorize(request, &state)
            case (.post, "\(behaviour.endpointPrefix)/token"): return token(request, &state)
            case (.post, "\(behaviour.endpointPrefix)/register") where behaviour.registersClients:
                return register(request, &state)
            default: return Self.json(404, ["error": "not_found"])
            }
        }
    }

    private static func path(of url: String) -> String {
        ServerAddress(url).map { String($0.path.prefix { $0 != "?" }) } ?? ""
    }

    private func metadataPaths(_ behaviour: Behaviour) -> [String] {
        if let paths = behaviour.metadataPaths { return paths }
        let path = Self.path(of: issuer)
        return ["/.well-known/oauth-authorization-server" + (path == "/" ? "" : path)]
    }

    private var origin: String {
        ServerAddress(issuer).map { "\($0.scheme)://\($0.authority)" } ?? issuer
    }

    private func metadata(_ behaviour: Behaviour) -> JSONObject {
        let base = origin + behaviour.endpointPrefix
        var document: JSONObject = [
            "issuer": .string(behaviour.metadataIssuer ?? issuer),
            "authorization_endpoint": .string("\(base)/authorize"), "token_endpoint": .string("\(base)/token"),
            "response_types_supported": ["code"], "grant_types_supported": .strings(behaviour.grantTypes),
            "token_endpoint_auth_methods_supported": .strings(behaviour.authMethods),
        ]
        if behaviour.registersClients { document["registration_endpoint"] = .string("\(base)/register") }
        if let methods = behaviour.codeChallengeMethods {
            document["code_challenge_methods_supported"] = .strings(methods)
        }
        if let sends = behaviour.advertisesIssuer {
            document["authorization_response_iss_parameter_supported"] = .bool(sends)
        }
        if behaviour.takesMetadataDocuments { document["client_id_metadata_document_supported"] = true }
        if let scopes = behaviour.scopesSupported { document["scopes_supported"] = .strings(scopes) }
        if behaviour.bindsTokens { document["dpop_signing_alg_values_supported"] = ["ES256"] }
        return document
    }

    static func json(_ status: Int, _ value: JSONValue, nonce: String? = nil) -> TransportResponse {
        var fields = HTTPFields()
        fields[.contentType] = "application/json"
        fields[.cacheControl] = "no-store"
        if let nonce, let name = HTTPField.Name("DPoP-Nonce") { fields[name] = nonce }
        return TransportResponse(status: status, fields: fields, bytes: value.serialized)
    }

    private static func refuse(_ error: String, _ description: String, status: Int = 400) -> TransportResponse {
        json(status, ["error": .string(error), "error_description": .string(description)])
    }
}

extension ScriptedAuthorizationServer {
    private func register(_ request: TransportRequest, _ state: inout State) -> TransportResponse {
        guard let document = (try? JSONParser().parse(request.body))?.object else {
            return Self.refuse("invalid_client_metadata", "the body is no JSON object")
        }
        state.registrations.append(document)
        state.count += 1
        let id = "client-\(state.count)"
        let secret = state.behaviour.registeredSecret
        state.registered[id] = secret ?? ""
        var answer = document
        answer["client_id"] = .string(id)
        if let secret { answer["client_secret"] = .string(secret) }
        answer["token_endpoint_auth_method"] = state.behaviour.registeredAuthMethod.map(JSONValue.string)
        return Self.json(201, .object(answer))
    }

    private func authorize(_ request: TransportRequest, _ state: inout State) -> TransportResponse {
        let names = [
            "response_type", "client_id", "redirect_uri", "state", "scope", "resource", "code_challenge",
            "code_challenge_method", "dpop_jkt", "prompt",
        ]
        guard let query = QueryParameters(url: request.url) else { return Self.refuse("invalid_request", "the query") }
        var parameters: [String: String] = [:]
        for name in names { parameters[name] = query[name] }
        state.authorizations.append(parameters)
        guard let id = parameters["client_id"], isKnown(id, state), parameters["response_type"] == "code",
            let redirectURI = parameters["redirect_uri"]
        else { return Self.refuse("invalid_request", "the client or its redirect URI is not known") }
        var answer: [(name: String, value: String)] = [("state", parameters["state"] ?? "")]
        if let refusal = state.behaviour.refusal {
            answer += [("error", refusal), ("error_description", "scripted")]
        } else {
            state.count += 1
            let code = "code-\(state.count)"
            state.codes[code] = Grant(
                clientID: id, scope: parameters["scope"]?.split(separator: " ").map(String.init) ?? [],
                resource: parameters["resource"], redirectURI: redirectURI, challenge: parameters["code_challenge"])
            answer.append(("code", code))
        }
        switch state.behaviour.issuerInAnswer {
        case .own: answer.append(("iss", state.behaviour.metadataIssuer ?? issuer))
        case .missing: break
        case .other(let other): answer.append(("iss", other))
        }
        var fields = HTTPFields()
        fields[.location] = redirectURI + "?" + String(decoding: FormEncoding.encode(answer), as: UTF8.self)
        return TransportResponse(status: 302, fields: fields)
    }

    private func isKnown(_ id: String, _ state: State) -> Bool {
        state.registered[id] != nil || state.behaviour.clients[id] != nil
            || (state.behaviour.takesMetadataDocuments && id.hasPrefix("https://"))
    }

    private func token(_ request: TransportRequest, _ state: inout State) -> TransportResponse {
        let text = String(decoding: request.body, as: UTF8.self)
        guard let received = Self.read(request, form: text) else {
            return Self.refuse("invalid_request", "the form cannot be read")
        }
        state.tokenRequests.append(received)
        if let problem = clientProblem(received, state) { return problem }
        var thumbprint: String?
        if state.behaviour.bindsTokens, let proof = received.proof {
            guard let verified = ProofOfPossession.verify(proof, method: "POST", url: request.url, token: nil) else {
                return Self.refuse("invalid_dpop_proof", "the proof does not hold")
            }
            if let nonce = state.behaviour.nonce, verified.nonce != nonce {
                return Self.json(400, ["error": "use_dpop_nonce"], nonce: nonce)
            }
            thumbprint = verified.thumbprint
        }
        switch grant(for: received, &state) {
        case .failure(let refusal): return Self.refuse(refusal.error, refusal.description)
        case .success(let grant): return issue(grant, thumbprint: thumbprint, to: received, &state)
        }
    }

    private struct Refusal: Error {
        var error: String
        var description: String
    }

    private func grant(for request: TokenRequest, _ state: inout State) -> Result<Grant, Refusal> {
        let form = request.form
        let plain = Grant(clientID: request.clientID, scope: request.scope, resource: form["resource"])
        switch request.grantType {
        case "authorization_code":
            guard let code = form["code"], let grant = state.codes.removeValue(forKey: code) else {
                return .failure(Refusal(error: "invalid_grant", description: "the code is not known"))
            }
            let hash = Base64URL.encode(Array(SHA256.hash(data: Array((form["code_verifier"] ?? "").utf8))))
            guard grant.clientID == request.clientID, grant.redirectURI == form["redirect_uri"],
                grant.challenge == hash, grant.resource == form["resource"]
            else { return .failure(Refusal(error: "invalid_grant", description: "the code is for somebody else")) }
            return .success(grant)
        case "refresh_token":
            if let error = state.behaviour.refreshRefusal {
                return .failure(Refusal(error: error, description: "scripted"))
            }
            guard let token = form["refresh_token"], let grant = state.refreshTokens[token] else {
                return .failure(Refusal(error: "invalid_grant", description: "the refresh token is not known"))
            }
            if state.behaviour.rotatesRefreshTokens { state.refreshTokens[token] = nil }
            return .success(grant)
        case "client_credentials" where state.behaviour.grantTypes.contains("client_credentials"):
            return .success(plain)
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            guard let assertion = form["assertion"] else {
                return .failure(Refusal(error: "invalid_request", description: "no assertion"))
            }
            if let error = state.behaviour.judgeAssertion(assertion) {
                return .failure(Refusal(error: error, description: "scripted"))
            }
            return .success(plain)
        case "urn:ietf:params:oauth:grant-type:token-exchange":
            return state.behaviour.exchangedToken == nil
                ? .failure(Refusal(error: "invalid_request", description: "scripted")) : .success(plain)
        default:
            return .failure(Refusal(error: "unsupported_grant_type", description: request.grantType))
        }
    }

    private func issue(
        _ grant: Grant, thumbprint: String?, to request: TokenRequest, _ state: inout State
    ) -> TransportResponse {
        if request.grantType.hasSuffix("token-exchange"), let token = state.behaviour.exchangedToken {
            let type = request.form["requested_token_type"] ?? ""
            return Self.json(
                200, ["access_token": .string(token), "issued_token_type": .string(type), "token_type": "N_A"])
        }
        state.count += 1
        let token = "token-\(state.count)-of-\(ServerAddress(issuer)?.authority ?? "")"
        state.tokens[token] = Issued(scope: grant.scope, thumbprint: thumbprint)
        var answer: JSONObject = [
            "access_token": .string(token), "token_type": thumbprint == nil ? "Bearer" : "DPoP",
        ]
        if let lifetime = state.behaviour.lifetime { answer["expires_in"] = .integer(Int(lifetime.inSeconds)) }
        if !grant.scope.isEmpty { answer["scope"] = .string(grant.scope.joined(separator: " ")) }
        let isNew = request.grantType != "refresh_token" || state.behaviour.rotatesRefreshTokens
        if state.behaviour.issuesRefreshTokens, isNew {
            let refreshToken = "refresh-\(state.count)"
            state.refreshTokens[refreshToken] = grant
            answer["refresh_token"] = .string(refreshToken)
        }
        return Self.json(200, .object(answer))
    }
}

// Who asks.
extension ScriptedAuthorizationServer {
    private static func read(_ request: TransportRequest, form text: String) -> TokenRequest? {
        guard let query = QueryParameters(url: "?" + text) else { return nil }
        var form: [String: String] = [:]
        for name in [
            "grant_type", "code", "redirect_uri", "code_verifier", "resource", "refresh_token", "scope", "client_id",
            "client_secret", "client_assertion", "client_assertion_type", "assertion", "audience", "subject_token",
            "subject_token_type", "requested_token_type",
        ] { form[name] = query[name] }
        let proof = HTTPField.Name("DPoP").flatMap { request.fields[$0] }.flatMap { try? CompactToken($0) }
        if let (id, secret) = basic(request.fields[.authorization]) {
            form["client_secret"] = secret
            return TokenRequest(form: form, authMethod: "client_secret_basic", clientID: id, proof: proof)
        }
        let method =
            form["client_assertion"] != nil
            ? "private_key_jwt" : form["client_secret"] != nil ? "client_secret_post" : "none"
        return TokenRequest(form: form, authMethod: method, clientID: form["client_id"] ?? "", proof: proof)
    }

    private static func basic(_ value: String?) -> (id: String, secret: String)? {
        guard let value, value.hasPrefix("Basic ") else { return nil }
        let url = value.dropFirst(6).utf8.filter { $0 != UInt8(ascii: "=") }
            .map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }
        guard let bytes = Base64URL.decode(url) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2,
            let query = QueryParameters(
                url:
                    "?id=\(String(decoding: parts[0], as: UTF8.self))&secret=\(String(decoding: parts[1], as: UTF8.self))"
            ), let id = query["id"], let secret = query["secret"]
        else { return nil }
        return (id, secret)
    }

    private func clientProblem(_ request: TokenRequest, _ state: State) -> TransportResponse? {
        let unknown = Self.refuse("invalid_client", "the client is not known", status: 401)
        guard isKnown(request.clientID, state) else { return unknown }
        guard state.behaviour.authMethods.contains(request.authMethod) else {
            return Self.refuse("invalid_client", "\(request.authMethod) is not taken here", status: 401)
        }
        switch request.authMethod {
        case "client_secret_basic", "client_secret_post":
            let secret = state.behaviour.clients[request.clientID] ?? state.registered[request.clientID]
            return secret == request.form["client_secret"] ? nil : unknown
        case "private_key_jwt":
            let claims = request.form["client_assertion"].flatMap { try? CompactToken($0) }?.claims
            return claims?["aud"]?.string == issuer && claims?["sub"]?.string == request.clientID ? nil : unknown
        default: return nil
        }
    }
}
