internal import HTTPTypes
internal import VestibuleClient
internal import VestibuleProtocol

/// The claims that a provider tells only when it is asked (OpenID Connect Core §5.3).
struct UserInfo: Sendable {
    let endpoint: String

    /// Bytes of an answer beyond which it is not read.
    static let maximumReplySize = 256 * 1024
    static let timeout = Duration.seconds(5)

    init(_ metadata: ProviderMetadata) throws(OIDCFailure) {
        guard let endpoint = metadata.userInfoEndpoint else {
            throw OIDCFailure(
                .providerInvalid, "the provider has no userinfo endpoint",
                advice: "leave out signIn.oidc.userInfo, and let the provider put the claims into the ID token")
        }
        self.endpoint = endpoint
    }

    /// - Returns: `nil` for what cannot be an access token (RFC 6750 §2.1).
    func request(accessToken: String) -> TransportRequest? {
        guard !accessToken.isEmpty, accessToken.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var fields = HTTPFields()
        var field = HTTPField(name: .authorization, value: "Bearer \(accessToken)")
        field.indexingStrategy = .disallow
        fields.append(field)
        fields[.accept] = "application/json"
        return TransportRequest(method: .get, url: endpoint, fields: fields, timeout: Self.timeout)
    }

    /// The claims of the ID token with those of the answer that it has not itself.
    func merge(status: Int, body: [UInt8], into claims: JSONObject) throws(OIDCFailure) -> JSONObject {
        guard status == 200 else {
            throw failure("answered HTTP \(status)", status >= 500 ? .providerUnreachable : .providerError)
        }
        let parser = JSONParser(limits: JSONLimits(duplicates: .refuse))
        guard let told = (try? parser.parse(body))?.object else {
            throw failure("answered something other than a JSON object", .providerError)
        }
        // §5.3.2: or the answer is about somebody else.
        guard let subject = told["sub"]?.string, let own = claims["sub"]?.string, subject.hasSameBytes(as: own) else {
            throw failure("told of another person than the ID token", .idTokenRefused)
        }
        var merged = claims
        for member in told.members where merged[member.name] == nil { merged[member.name] = member.value }
        return merged
    }

    var shown: String { "the userinfo endpoint \(endpoint.prefix { $0 != "?" })" }

    func failure(_ what: String, _ code: OIDCFailure.Code) -> OIDCFailure {
        OIDCFailure(code, "\(shown) \(what)", advice: OIDCFailure.tryAgain)
    }
}
