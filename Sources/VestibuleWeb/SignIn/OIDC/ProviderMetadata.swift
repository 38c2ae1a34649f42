internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

/// What a provider says of itself (OpenID Connect Discovery §3), as far as a sign-in needs it.
struct ProviderMetadata: Sendable, Hashable {
    let issuer: String
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let jwksURI: String
    let userInfoEndpoint: String?
    /// `nil` where it does not say, which means Basic.
    let tokenEndpointAuthMethods: [String]?
    /// The algorithms with which it says to sign ID tokens, as far as they are understood here; `nil` where it says none.
    /// They say what a key without `alg` is for.
    let idTokenAlgorithms: Set<SignatureAlgorithm>?
    /// Whether its authorization responses always carry `iss` (RFC 9207 §3).
    let namesItselfInResponses: Bool

    static func url(of issuer: String) -> String {
        (issuer.utf8.last == UInt8(ascii: "/") ? String(issuer.dropLast()) : issuer)
            + "/.well-known/openid-configuration"
    }

    init(_ json: JSONValue, for issuer: String) throws(OIDCFailure) {
        let place = Self.url(of: issuer)
        guard let said = json["issuer"]?.string else { throw Self.invalid(place, "has no \"issuer\"") }
        // Discovery §4.3: exactly the same, or somebody speaks in another's name.
        guard said.hasSameBytes(as: issuer) else {
            throw Self.invalid(
                place, "is that of the issuer \(said.quoted), not of \(issuer.quoted)",
                advice: "set signIn.oidc.issuer to exactly what the provider calls itself")
        }
        self.issuer = issuer
        self.authorizationEndpoint = try Self.endpoint("authorization_endpoint", in: json, of: place)
        self.tokenEndpoint = try Self.endpoint("token_endpoint", in: json, of: place)
        self.jwksURI = try Self.endpoint("jwks_uri", in: json, of: place)
        self.userInfoEndpoint =
            json["userinfo_endpoint"] == nil ? nil : try Self.endpoint("userinfo_endpoint", in: json, of: place)
        self.tokenEndpointAuthMethods = Self.names("token_endpoint_auth_methods_supported", in: json)
        self.namesItselfInResponses = json["authorization_response_iss_parameter_supported"]?.bool ?? false
        if let methods = Self.names("code_challenge_methods_supported", in: json), !methods.contains("S256") {
            throw Self.invalid(
                place, "offers no PKCE with S256", advice: "allow it at the provider: no sign-in is made without")
        }
        if let types = Self.names("response_types_supported", in: json), !types.contains("code") {
            throw Self.invalid(
                place, "offers no response type \"code\"", advice: "allow the authorization code flow at the provider")
        }
        let understood = SignatureAlgorithm.allCases.filter { !$0.isSymmetric }.map(\.rawValue)
        let offered = Self.names("id_token_signing_alg_values_supported", in: json)
        self.idTokenAlgorithms = offered.map { Set($0.filter(understood.contains).compactMap(SignatureAlgorithm.init)) }
        if let offered, !offered.contains(where: understood.contains) {
            throw Self.invalid(
                place, "signs ID tokens with \(offered.prefix(5).map(\.quoted).joined(separator: ", ")) only",
                advice: "let it sign with one of \(understood.joined(separator: ", "))")
        }
    }

    private static func endpoint(
        _ name: String, in json: JSONValue, of place: String
    ) throws(OIDCFailure) -> String {
        guard let url = json[name]?.string else { throw invalid(place, "has no \"\(name)\"") }
        guard let address = ServerAddress(url) else { throw invalid(place, "has a \"\(name)\" that is no http URL") }
        guard address.isSecure || address.isLoopback else {
            throw invalid(place, "has a \"\(name)\" of plain http on another host, where anybody could read along")
        }
        return url
    }

    private static func names(_ name: String, in json: JSONValue) -> [String]? {
        json[name]?.array?.compactMap(\.string)
    }

    private static func invalid(_ place: String, _ what: String, advice: String? = nil) -> OIDCFailure {
        OIDCFailure(
            .providerInvalid, "the provider's description at \(place) \(what)",
            advice: advice ?? "check signIn.oidc.issuer, or the provider")
    }
}
