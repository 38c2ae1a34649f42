internal import HTTPTypes
internal import VestibuleProtocol

/// Shows a token endpoint which client asks (RFC 6749 §2.3, RFC 7523 §2.2).
enum ClientAuthentication {
    /// How long an assertion holds.
    static let assertionLifetime = Duration.seconds(120)

    /// The client's method, or the best that both sides have.
    ///
    /// - Parameter offered: What the server takes; `nil` where it does not say.
    static func method(for client: OAuthClient, offered: [String]?) -> TokenEndpointAuthMethod {
        if let method = client.authMethod { return method }
        if client.key != nil { return .privateKeyJWT }
        guard client.secret != nil else { return .none }
        guard let offered else { return .clientSecretBasic }
        let known: [TokenEndpointAuthMethod] = [.clientSecretBasic, .clientSecretPost, .none]
        return known.first { offered.contains($0.rawValue) } ?? .clientSecretBasic
    }

    /// Adds what the method asks for to a request.
    ///
    /// - Parameter audience: The issuer: an assertion for one server is of no use at another.
    /// - Throws: ``MCPClientError`` of code `signInFailed`, where the client lacks what its method needs.
    static func apply(
        _ client: OAuthClient, offered: [String]?, audience: String, now: NumericDate, random: RandomSource,
        to form: inout [(name: String, value: String)], _ fields: inout HTTPFields
    ) throws(MCPClientError) {
        switch method(for: client, offered: offered) {
        case .none:
            form.append(("client_id", client.id))
        case .clientSecretBasic:
            let secret = try secret(of: client)
            var field = HTTPField(name: .authorization, value: FormEncoding.basic(client.id, secret))
            field.indexingStrategy = .disallow
            fields.append(field)
        case .clientSecretPost:
            form += [("client_id", client.id), ("client_secret", try secret(of: client))]
        case .privateKeyJWT:
            guard let key = client.key else {
                throw .signInFailed("the client \(client.id.shownWord) has no key for private_key_jwt; configure one")
            }
            form += [
                ("client_id", client.id),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", try assertion(client, key, audience: audience, now: now, random: random)),
            ]
        }
    }

    private static func secret(of client: OAuthClient) throws(MCPClientError) -> String {
        guard let secret = client.secret else {
            throw .signInFailed(
                "the client \(client.id.shownWord) has no secret, and its authentication method needs one")
        }
        return secret
    }

    /// RFC 7523 §3, with the issuer as the one audience (draft-ietf-oauth-rfc7523bis).
    static func assertion(
        _ client: OAuthClient, _ key: OAuthSigningKey, audience: String, now: NumericDate, random: RandomSource
    ) throws(MCPClientError) -> String {
        let issuedAt = now.wholeSeconds
        let claims: JSONObject = [
            "iss": .string(client.id), "sub": .string(client.id), "aud": .string(audience),
            "jti": .string(Base64URL.encode(random.bytes(16))), "iat": .integer(issuedAt),
            "exp": .integer(issuedAt + Int(assertionLifetime.components.seconds)),
        ]
        var header: JSONObject = ["typ": "JWT"]
        if let keyID = key.keyID { header["kid"] = .string(keyID) }
        do {
            return try key.token(header: header, claims: claims)
        } catch {
            throw .signInFailed("the client's key cannot sign; check it")
        }
    }
}
