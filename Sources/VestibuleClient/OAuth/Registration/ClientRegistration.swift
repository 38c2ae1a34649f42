internal import HTTPTypes
internal import VestibuleProtocol

/// How a client comes to its id (MCP 2026-07-28, Client Registration), in the order in which the ways are tried.
enum RegistrationWay: Sendable {
    /// The operator of the authorization server has registered it.
    case preRegistered(OAuthClient)
    /// The URL of its own description is its id.
    case metadataDocument(String)
    /// It registered before, with this server.
    case stored(OAuthClient)
    /// It registers now, here.
    case dynamic(endpoint: String)

    /// - Parameters:
    ///   - redirectURI: Where the answer will go; `nil` where the grant needs none.
    /// - Throws: ``MCPClientError`` of code `signInFailed`: what somebody has to do to be known there.
    static func choose(
        server: AuthorizationServerMetadata, configuration: OAuthConfiguration, stored: OAuthClient?,
        boundIssuer: String?, redirectURI: String?, now: NumericDate
    ) throws(MCPClientError) -> RegistrationWay {
        if let client = configuration.client(for: server.issuer) {
            if client.issuer == nil, let boundIssuer, !boundIssuer.hasSameBytes(as: server.issuer) {
                throw .signInFailed(
                    "the client id \(client.id.shownWord) belongs to \(boundIssuer.shownURL), and the server now "
                        + "names \(server.issuer.shownURL): register there and configure the new id")
            }
            return .preRegistered(client)
        }
        if let other = configuration.clients.first {
            throw .signInFailed(
                "the client id \(other.id.shownWord) belongs to \((other.issuer ?? "").shownURL), but the server "
                    + "names \(server.issuer.shownURL): register there and configure the new id")
        }
        if server.supportsMetadataDocuments, let url = configuration.clientMetadataDocument {
            return .metadataDocument(try checkedDocument(url))
        }
        if let stored, stored.isUsable(redirectURI: redirectURI, now: now) { return .stored(stored) }
        if let endpoint = server.registrationEndpoint { return .dynamic(endpoint: endpoint) }
        throw .signInFailed(
            "the authorization server \(server.issuer.shownURL) registers no clients by itself: register this one "
                + "there and configure its client id (--client-id)")
    }

    /// A client id that is a URL: `https`, with a path (draft-ietf-oauth-client-id-metadata-document §3).
    static func checkedDocument(_ url: String) throws(MCPClientError) -> String {
        guard let address = WebAddress(url), address.isSecure, !address.trimmedPath.isEmpty,
            !address.path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else {
            throw .signInFailed(
                "the client id \(url.shownURL) is no https URL with a path; correct clientMetadataDocument")
        }
        return url
    }
}

extension OAuthClient {
    /// Whether a registration of before still serves: its secret has not ended, and it knows the redirect URI.
    func isUsable(redirectURI: String?, now: NumericDate) -> Bool {
        if let secretExpiresAt, secretExpiresAt <= now { return false }
        guard let redirectURI else { return true }
        return redirectURIs.contains { $0.hasSameBytes(as: redirectURI) }
    }
}

/// Dynamic Client Registration (RFC 7591).
struct ClientRegistration: Sendable {
    let http: OAuthHTTP
    static let maximumReplySize = 256 * 1024
    static let maximumSecretLength = 4096
    static let maximumURILength = 2048

    /// What is sent.
    static func document(
        _ metadata: OAuthClientMetadata, redirectURI: String?, grantTypes: [String], scope: [String],
        server: AuthorizationServerMetadata, bindsTokens: Bool
    ) -> JSONObject {
        var document: JSONObject = [
            "client_name": .string(metadata.name), "grant_types": .strings(grantTypes),
            "token_endpoint_auth_method": .string(authMethod(offered: server.tokenEndpointAuthMethods).rawValue),
            "application_type": .string(applicationType(redirectURI: redirectURI)),
        ]
        if let redirectURI {
            document["redirect_uris"] = .strings([redirectURI])
            document["response_types"] = .strings(["code"])
        }
        if let uri = metadata.uri { document["client_uri"] = .string(uri) }
        if let version = metadata.softwareVersion { document["software_version"] = .string(version) }
        if !scope.isEmpty { document["scope"] = .string(scope.joined(separator: " ")) }
        if bindsTokens { document["dpop_bound_access_tokens"] = true }
        return document
    }

    /// A public client where that is possible: a secret that is on everybody's machine is none.
    static func authMethod(offered: [String]?) -> TokenEndpointAuthMethod {
        let offered = offered ?? [TokenEndpointAuthMethod.clientSecretBasic.rawValue]
        let known: [TokenEndpointAuthMethod] = [.none, .clientSecretBasic, .clientSecretPost]
        return known.first { offered.contains($0.rawValue) } ?? .none
    }

    /// `native` for whoever receives the answer on this machine or by a scheme of its own, else `web` (OpenID Connect
    /// Dynamic Client Registration §2).
    static func applicationType(redirectURI: String?) -> String {
        guard let redirectURI else { return "native" }
        guard let address = WebAddress(redirectURI) else { return "native" }
        return address.isLoopback ? "native" : "web"
    }

    /// - Throws: ``MCPClientError`` of code `signInFailed`, or `CancellationError`.
    func register(
        _ document: JSONObject, at endpoint: String, issuer: String, redirectURI: String?
    ) async throws -> OAuthClient {
        var fields = HTTPFields()
        fields[.accept] = "application/json"
        fields[.contentType] = "application/json"
        let request = TransportRequest(
            method: .post, url: endpoint, fields: fields, body: JSONValue.object(document).serialized,
            timeout: http.timeout)
        let shown = "the registration at \(endpoint.shownURL)"
        let reply = try await http.run(request, limit: Self.maximumReplySize, shown)
        guard reply.status == 200 || reply.status == 201 else {
            let json = try? http.json(reply.body, shown)
            let said = OAuthErrorReply(json)?.inWords ?? "HTTP \(reply.status)"
            throw MCPClientError.signInFailed(
                "\(shown) was refused: \(said); register this client there by hand and configure its client id")
        }
        let json = try http.json(reply.body, shown)
        guard let id = json["client_id"]?.string, !id.isEmpty, id.utf8.count <= 4096 else {
            throw MCPClientError.signInFailed("\(shown) was answered without `client_id`")
        }
        let expiry = json["client_secret_expires_at"]?.number?.double ?? 0
        guard json["client_secret"]?.string?.utf8.count ?? 0 <= Self.maximumSecretLength else {
            throw MCPClientError.signInFailed(
                "\(shown) was answered with a secret of over \(Self.maximumSecretLength) bytes")
        }
        let uris = (json["redirect_uris"]?.array?.compactMap(\.string) ?? [])
            .filter { $0.utf8.count <= Self.maximumURILength }
        return OAuthClient(
            issuer: issuer, id: id, secret: json["client_secret"]?.string,
            authMethod: json["token_endpoint_auth_method"]?.string.flatMap(TokenEndpointAuthMethod.init),
            redirectURIs: uris.isEmpty ? redirectURI.map { [$0] } ?? [] : Array(uris.prefix(20)),
            secretExpiresAt: expiry > 0 ? NumericDate(expiry) : nil)
    }
}
