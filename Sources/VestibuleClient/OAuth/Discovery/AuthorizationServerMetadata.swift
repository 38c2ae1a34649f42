internal import VestibuleProtocol

/// What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3).
struct AuthorizationServerMetadata: Sendable, Hashable {
    /// The issuer identifier, to which credentials and tokens belong.
    var issuer: String
    var authorizationEndpoint: String?
    var tokenEndpoint: String
    var registrationEndpoint: String?
    var scopesSupported: [String]?
    /// `nil` where the document does not say, which means `client_secret_basic`.
    var tokenEndpointAuthMethods: [String]?
    var codeChallengeMethods: [String]?
    var grantTypes: [String]?
    /// Whether it takes a URL as client id (Client ID Metadata Documents).
    var supportsMetadataDocuments: Bool
    /// Whether each of its answers names the issuer (RFC 9207).
    var sendsIssuer: Bool
    var dpopAlgorithms: [String]?
    /// Whether this is a server of revision 2025-03-26, which is its own authorization server.
    var isLegacy: Bool

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - issuers: The issuers that may stand in it, byte by byte: the one whose document this is.
    ///   - isLegacy: Whether the server has no protected resource metadata.
    /// - Throws: ``MCPClientError`` of code `signInFailed`.
    init(
        _ json: JSONValue, for issuers: [String], at place: String, rule: AddressRule, isLegacy: Bool
    ) throws(MCPClientError) {
        guard let object = json.object else { throw .signInFailed("\(place) is no JSON object") }
        guard let issuer = object["issuer"]?.string else {
            throw .signInFailed("\(place) has no `issuer` (RFC 8414 §2); the authorization server must be mended")
        }
        guard issuers.contains(where: { $0.hasSameBytes(as: issuer) }) else {
            throw .signInFailed(
                "\(place) is the description of another issuer, \(issuer.shownURL) instead of "
                    + "\((issuers.first ?? "").shownURL); it is not used (RFC 8414 §3.3)")
        }
        guard let tokenEndpoint = object["token_endpoint"]?.string else {
            throw .signInFailed("\(place) has no `token_endpoint`; no tokens can be had there")
        }
        self.issuer = issuer
        self.tokenEndpoint = tokenEndpoint
        self.authorizationEndpoint = object["authorization_endpoint"]?.string
        self.registrationEndpoint = object["registration_endpoint"]?.string
        self.scopesSupported = object["scopes_supported"]?.array?.compactMap(\.string)
        self.tokenEndpointAuthMethods = object["token_endpoint_auth_methods_supported"]?.array?.compactMap(\.string)
        self.codeChallengeMethods = object["code_challenge_methods_supported"]?.array?.compactMap(\.string)
        self.grantTypes = object["grant_types_supported"]?.array?.compactMap(\.string)
        self.supportsMetadataDocuments = object["client_id_metadata_document_supported"]?.bool ?? false
        self.sendsIssuer = object["authorization_response_iss_parameter_supported"]?.bool ?? false
        self.dpopAlgorithms = object["dpop_signing_alg_values_supported"]?.array?.compactMap(\.string)
        self.isLegacy = isLegacy
        try rule.check(tokenEndpoint, "the token endpoint")
        if let authorizationEndpoint { try rule.check(authorizationEndpoint, "the authorization endpoint") }
        if let registrationEndpoint { try rule.check(registrationEndpoint, "the registration endpoint") }
    }

    /// What holds where a server of revision 2025-03-26 publishes nothing: the endpoints at the root of its host.
    init(fallbackAt origin: String) {
        self.issuer = origin
        self.authorizationEndpoint = "\(origin)/authorize"
        self.tokenEndpoint = "\(origin)/token"
        self.registrationEndpoint = "\(origin)/register"
        self.supportsMetadataDocuments = false
        self.sendsIssuer = false
        self.isLegacy = true
        // Nothing says how it takes secrets, and the form needs no guess about the encoding of a header.
        self.tokenEndpointAuthMethods = ["client_secret_post", "none"]
    }

    /// Where the document of an issuer may lie, in the order in which they are tried.
    static func places(of issuer: WebAddress) -> [String] {
        let name = "oauth-authorization-server"
        let other = "openid-configuration"
        guard !issuer.trimmedPath.isEmpty else { return [issuer.wellKnown(name), issuer.wellKnown(other)] }
        return [
            issuer.wellKnown(name), issuer.wellKnown(other), "\(issuer.canonical)/.well-known/\(other)",
        ]
    }

    /// Checks that a proof key protects the code (RFC 7636): whoever could read the code otherwise has the token.
    func checkProofKey() throws(MCPClientError) {
        guard let methods = codeChallengeMethods else {
            // Revision 2025-03-26 asks nobody to publish it.
            if isLegacy { return }
            throw .signInFailed(
                "the authorization server \(issuer.shownURL) does not say that it supports PKCE "
                    + "(`code_challenge_methods_supported` is missing), so signing in there is not safe")
        }
        guard methods.contains("S256") else {
            throw .signInFailed(
                "the authorization server \(issuer.shownURL) does not support PKCE with S256, "
                    + "so signing in there is not safe")
        }
    }

    /// Whether the server says that it gives refresh tokens to those who ask for `offline_access`.
    var knowsOfflineAccess: Bool { scopesSupported?.contains("offline_access") ?? false }
}
