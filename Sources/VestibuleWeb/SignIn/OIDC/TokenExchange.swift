internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// The code for an ID token at the provider's token endpoint (OpenID Connect Core §3.1.3).
struct TokenExchange: Sendable {
    let metadata: ProviderMetadata
    let configuration: OIDCConfiguration
    let redirectURI: String

    /// Bytes of an answer beyond which it is not read.
    static let maximumReplySize = 256 * 1024
    static let timeout = Duration.seconds(10)

    func request(code: String, proofKey: ProofKey) throws(OIDCFailure) -> TransportRequest {
        var form: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("code_verifier", proofKey.verifier),
        ]
        var fields = HTTPFields()
        switch (try authentication(), configuration.clientSecret) {
        case (.basic, let secret?):
            var field = HTTPField(name: .authorization, value: FormEncoding.basic(configuration.clientID, secret.text))
            field.indexingStrategy = .disallow
            fields.append(field)
        case (.post, let secret?):
            form += [("client_id", configuration.clientID), ("client_secret", secret.text)]
        default:
            form.append(("client_id", configuration.clientID))
        }
        fields[.accept] = "application/json"
        fields[.contentType] = "application/x-www-form-urlencoded"
        return TransportRequest(
            method: .post, url: metadata.tokenEndpoint, fields: fields, body: FormEncoding.encode(form),
            timeout: Self.timeout)
    }

    /// As configured, or else the first of Basic and the form that the provider supports.
    private func authentication() throws(OIDCFailure) -> ClientAuthentication {
        guard configuration.clientSecret != nil else { return .none }
        if let chosen = configuration.clientAuthentication { return chosen }
        guard let offered = metadata.tokenEndpointAuthMethods else { return .basic }
        guard let found = [ClientAuthentication.basic, .post].first(where: { offered.contains($0.rawValue) }) else {
            throw OIDCFailure(
                .providerInvalid,
                "the provider's token endpoint takes \(offered.prefix(5).map(\.quoted).joined(separator: ", ")) only",
                advice: "register this server there with client_secret_basic, or as a public client without secret")
        }
        return found
    }

    struct Tokens: Sendable {
        var idToken: String
        /// For the userinfo endpoint only.
        var accessToken: String?
    }

    /// The tokens of an answer.
    func tokens(status: Int, body: [UInt8]) throws(OIDCFailure) -> Tokens {
        let json = try? JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(body)
        guard status == 200 else { throw refusal(status: status, json) }
        guard let json else { throw failure("answered something other than JSON", .providerError) }
        guard let token = json["id_token"]?.string else {
            let names =
                json.object?.names.prefix(8).map { $0.escaped(limit: 32) }.joined(separator: ", ") ?? "no object"
            throw failure(
                "answered without id_token (it has: \(names))", .providerError,
                advice: "register this server there as an OpenID Connect client with the scope openid")
        }
        return Tokens(idToken: token, accessToken: json["access_token"]?.string)
    }

    private func refusal(status: Int, _ json: JSONValue?) -> OIDCFailure {
        let description = json?["error_description"]?.string.map { ": \($0.onOneLine(limit: 200))" } ?? ""
        let error = json?["error"]?.string
        let said = "answered HTTP \(status)" + (error.map { ", \($0.quoted)\(description)" } ?? "")
        switch error {
        case "invalid_client", "unauthorized_client":
            return failure(
                said, .clientRefused,
                advice: "compare clientID, its secret and how it is shown with the registration at the provider")
        case "invalid_grant": return failure(said, .codeRefused, advice: OIDCFailure.startAgain)
        case nil where status == 401:
            return failure(said, .clientRefused, advice: "compare clientID and its secret with the registration there")
        case nil where status >= 500: return failure(said, .providerUnreachable, advice: "try again in a while")
        case nil where (300..<400).contains(status):
            return failure("\(said), a redirect, which is not followed", .providerInvalid)
        default: return failure(said, .providerError)
        }
    }

    private func failure(_ what: String, _ code: OIDCFailure.Code, advice: String? = nil) -> OIDCFailure {
        OIDCFailure(
            code, "the token endpoint \(metadata.tokenEndpoint.prefix { $0 != "?" }) \(what)",
            advice: advice ?? OIDCFailure.tryAgain)
    }
}
