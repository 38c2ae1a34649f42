internal import Crypto
internal import VestibuleProtocol

/// The proof that whoever redeems a code is who asked for it (RFC 7636): a secret, and its hash for everybody to see.
struct ProofKey: Sendable {
    let verifier: String
    var challenge: String { Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8)))) }

    /// 32 random bytes: 43 characters.
    init(_ random: RandomSource) {
        self.verifier = Base64URL.encode(random.bytes(32))
    }
}

/// A sign-in between the request and its answer: what the answer is judged by. Never in a log or description.
struct PendingSignIn: Sendable {
    /// The issuer as its validated metadata write it.
    let issuer: String
    /// Whether every answer of this issuer names it.
    let sendsIssuer: Bool
    let state: String
    let proofKey: ProofKey
    let redirectURI: String
    private let nonce: String

    init(server: AuthorizationServerMetadata, redirectURI: String, random: RandomSource) {
        self.issuer = server.issuer
        self.sendsIssuer = server.sendsIssuer
        self.state = Base64URL.encode(random.bytes(32))
        self.proofKey = ProofKey(random)
        self.redirectURI = redirectURI
        self.nonce = Base64URL.encode(random.bytes(16))
    }

    /// The URL that a person opens (RFC 6749 §4.1.1).
    ///
    /// - Throws: ``MCPClientError`` of code `signInFailed`, where the server has no such endpoint.
    func url(
        server: AuthorizationServerMetadata, clientID: String, resource: String, scope: [String],
        dpopThumbprint: String?
    ) throws(MCPClientError) -> String {
        guard let endpoint = server.authorizationEndpoint else {
            throw .signInFailed(
                "the authorization server \(server.issuer.shownURL) has no authorization endpoint; no person can "
                    + "sign in there")
        }
        var parameters: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI), ("state", state),
            ("code_challenge", proofKey.challenge), ("code_challenge_method", "S256"), ("resource", resource),
        ]
        if !scope.isEmpty { parameters.append(("scope", scope.joined(separator: " "))) }
        if scope.contains("offline_access") { parameters.append(("prompt", "consent")) }
        // Some OpenID providers insist on it; of the ID token that it is for nothing is used.
        if scope.contains("openid") { parameters.append(("nonce", nonce)) }
        if let dpopThumbprint { parameters.append(("dpop_jkt", dpopThumbprint)) }
        let query = String(decoding: FormEncoding.encode(parameters), as: UTF8.self)
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }

    /// The code of an answer (RFC 6749 §4.1.2, RFC 9207 §2.4).
    ///
    /// An answer of another state is none of ours, and one of another issuer may be an attack: neither its error nor
    /// its code is acted on or shown.
    ///
    /// - Throws: ``MCPClientError``: `unauthorized` where the person or the server said no, else `signInFailed`.
    func code(from answer: String) throws(MCPClientError) -> String {
        guard let query = QueryParameters(url: answer) else {
            throw .signInFailed("the answer of the sign-in cannot be read; try again")
        }
        guard let state = query["state"], state.hasSameBytes(as: self.state) else {
            throw .signInFailed("the answer of the sign-in belongs to another one (its state differs); try again")
        }
        if let issuer = query["iss"] {
            guard issuer.hasSameBytes(as: self.issuer) else {
                throw .signInFailed(
                    "the answer of the sign-in names another issuer than \(self.issuer.shownURL), which may be an "
                        + "attack (RFC 9207); nothing of it was used")
            }
        } else if sendsIssuer {
            throw .signInFailed(
                "the answer of the sign-in does not name its issuer, though \(self.issuer.shownURL) says that it "
                    + "always does (RFC 9207); nothing of it was used")
        }
        if let error = query["error"] {
            let reply = OAuthErrorReply(error: error, description: query["error_description"])
            throw MCPClientError(.unauthorized, "the sign-in was refused: \(reply.inWords)")
        }
        guard let code = query["code"], !code.isEmpty else {
            throw .signInFailed("the answer of the sign-in holds neither a code nor an error; try again")
        }
        return code
    }
}

extension PendingSignIn: CustomStringConvertible, CustomReflectable {
    var description: String { "PendingSignIn(\(issuer), redacted)" }
    var customMirror: Mirror { Mirror(self, children: ["issuer": issuer]) }
}
