internal import HTTPTypes
internal import Synchronization
public import VestibuleClient
internal import VestibuleProtocol

/// Guards an MCP server behind a transport with the tokens of authorization servers, and carries the requests to these
/// as well, by their origins. What no server is at is a connection that fails.
public final class ScriptedProtectedServer: HTTPTransport {
    /// How it asks for tokens.
    public struct Behaviour: Sendable {
        /// The path of its metadata (RFC 9728); `nil` for none.
        public var metadataPath: String?
        /// Whether its challenges name the metadata.
        public var namesMetadata = true
        /// The `resource` of its metadata, where it is not the server's URL.
        public var resource: String?
        public var scopesSupported: [String]?
        /// Which authorization servers its metadata name, by their places in the list.
        public var servers = [0]
        /// The scope that a method needs, by its name: `nil` for none but a token, and no entry for no token at all.
        public var needs: @Sendable (_ method: String) -> [String]? = { method in
            method == "initialize" || method.hasPrefix("notifications/") ? nil : []
        }
        /// Whether the challenge names the scope.
        public var namesScope = false
        /// Whether it says 403 to every token.
        public var neverEnough = false
        /// Whether tokens have to be bound to a key, and requests to prove it (RFC 9449).
        public var wantsProofs = false
        /// The nonce that proofs have to hold; `nil` for none.
        public var nonce: String?

        public init() {}
    }

    private struct State {
        var behaviour: Behaviour
        var requests: [String] = []
        var schemes: [String] = []
        var proofs: [String] = []
        var replays = 0
    }

    /// The URL of the MCP server.
    public let url: String
    private let server: any HTTPTransport
    private let authorizationServers: [ScriptedAuthorizationServer]
    private let state: Mutex<State>

    public init(
        _ server: any HTTPTransport, at url: String = "https://server.test/mcp",
        tokensFrom authorizationServers: ScriptedAuthorizationServer..., behaviour: Behaviour? = nil
    ) {
        self.server = server
        self.url = url
        self.authorizationServers = authorizationServers
        var usual = behaviour ?? Behaviour()
        if behaviour == nil {
            usual.metadataPath = "/.well-known/oauth-protected-resource" + Self.path(of: url)
        }
        self.state = Mutex(State(behaviour: usual))
    }

    /// Changes how it behaves from now on.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// Every request to the MCP server's host as `GET /path`.
    public var requests: [String] { state.withLock { $0.requests } }
    /// The `Authorization` schemes of the requests that carried a token.
    public var schemes: [String] { state.withLock { $0.schemes } }
    /// How many proofs came a second time.
    public var replays: Int { state.withLock { $0.replays } }

    private static func path(of url: String) -> String {
        ServerAddress(url).map { String($0.path.prefix { $0 != "?" }) } ?? ""
    }

    private static func origin(of url: String) -> String? {
        ServerAddress(url).map { "\($0.scheme)://\($0.authority)" }
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        let origin = Self.origin(of: request.url)
        guard origin == Self.origin(of: url) else {
            guard let other = authorizationServers.first(where: { Self.origin(of: $0.issuer) == origin }) else {
                throw TransportError(.notSent, "nobody is at \(request.url.prefix { $0 != "?" })")
            }
            return try await other.send(request)
        }
        let path = Self.path(of: request.url)
        state.withLock { $0.requests.append("\(request.method.rawValue) \(path)") }
        let behaviour = state.withLock { $0.behaviour }
        if path == Self.path(of: url) {
            if let refusal = refusal(of: request, behaviour) { return refusal }
            return try await server.send(request)
        }
        if request.method == .get, path == behaviour.metadataPath {
            return ScriptedAuthorizationServer.json(200, .object(metadata(behaviour)))
        }
        // Before revision 2025-06-18 the server itself was the authorization server.
        if let own = authorizationServers.first(where: { Self.origin(of: $0.issuer) == origin }) {
            return try await own.send(request)
        }
        return ScriptedAuthorizationServer.json(404, ["error": "not_found"])
    }

    private func metadata(_ behaviour: Behaviour) -> JSONObject {
        let issuers = behaviour.servers.filter(authorizationServers.indices.contains)
            .map { authorizationServers[$0].issuer }
        var document: JSONObject = [
            "resource": .string(behaviour.resource ?? url), "authorization_servers": .strings(issuers),
        ]
        if let scopes = behaviour.scopesSupported { document["scopes_supported"] = .strings(scopes) }
        return document
    }

    private func refusal(of request: TransportRequest, _ behaviour: Behaviour) -> TransportResponse? {
        let method = (try? JSONParser().parse(request.body))?["method"]?.string ?? ""
        guard let needed = behaviour.needs(method), request.method == .post else { return nil }
        guard let (scheme, token) = Self.credential(request.fields[.authorization]) else {
            return challenge(401, error: nil, scope: needed, behaviour)
        }
        state.withLock { $0.schemes.append(scheme) }
        let trusted = behaviour.servers.filter(authorizationServers.indices.contains).map { authorizationServers[$0] }
        guard let issuer = trusted.first(where: { $0.scope(of: token) != nil }), let scope = issuer.scope(of: token)
        else { return challenge(401, error: "invalid_token", scope: needed, behaviour) }
        if behaviour.wantsProofs, let refusal = proofRefusal(request, scheme, token, issuer, behaviour) {
            return refusal
        }
        guard !behaviour.neverEnough, needed.allSatisfy(scope.contains) else {
            return challenge(403, error: "insufficient_scope", scope: needed, behaviour, namesScope: true)
        }
        return nil
    }

    private static func credential(_ value: String?) -> (scheme: String, token: String)? {
        guard let value, let space = value.firstIndex(of: " ") else { return nil }
        return (String(value[..<space]), String(value[value.index(after: space)...]))
    }

    private func proofRefusal(
        _ request: TransportRequest, _ scheme: String, _ token: String, _ issuer: ScriptedAuthorizationServer,
        _ behaviour: Behaviour
    ) -> TransportResponse? {
        let text = HTTPField.Name("DPoP").flatMap { request.fields[$0] }
        guard scheme == "DPoP", let proof = text.flatMap({ try? CompactToken($0) }),
            let verified = ProofOfPossession.verify(
                proof, method: request.method.rawValue, url: request.url, token: token),
            verified.thumbprint == issuer.thumbprint(of: token)
        else { return challenge(401, error: "invalid_dpop_proof", scope: [], behaviour) }
        state.withLock { state in
            if state.proofs.contains(verified.identifier) { state.replays += 1 }
            state.proofs.append(verified.identifier)
        }
        if let nonce = behaviour.nonce, verified.nonce != nonce {
            return challenge(401, error: "use_dpop_nonce", scope: [], behaviour, nonce: nonce)
        }
        return nil
    }

    private func challenge(
        _ status: Int, error: String?, scope: [String], _ behaviour: Behaviour, namesScope: Bool = false,
        nonce: String? = nil
    ) -> TransportResponse {
        let place = behaviour.metadataPath.flatMap { path in Self.origin(of: url).map { $0 + path } }
        let challenge = BearerChallenge(
            error: error, scope: behaviour.namesScope || namesScope ? scope : [],
            resourceMetadata: behaviour.namesMetadata ? place : nil, scheme: behaviour.wantsProofs ? .dpop : .bearer)
        var response = ScriptedAuthorizationServer.json(
            status, ["error": .string(error ?? "unauthorized")], nonce: nonce)
        response.fields[.wwwAuthenticate] = challenge.headerValue
        return response
    }
}
