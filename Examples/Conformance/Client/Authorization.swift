import VestibuleClient

/// Where the tokens of a scenario come from.
func authorization(for scenario: String, url: String, context: JSONValue) throws -> OAuthTokenSource {
    // The servers of the suite run on this machine.
    let transport = AsyncHTTPClientTransport.shared
    var configuration = OAuthConfiguration(
        clientMetadataDocument: "https://conformance-test.local/client-metadata.json",
        metadata: OAuthClientMetadata(name: "everything-client"))
    var grant = OAuthGrant.authorizationCode(HeadlessAuthorizationUI(transport: transport))
    let known = context["client_id"]?.string.map { OAuthClient(id: $0, secret: context["client_secret"]?.string) }
    switch scenario {
    case "auth/client-credentials-jwt":
        guard var client = known, let pem = context["private_key_pem"]?.string else { break }
        client.key = try OAuthSigningKey(pem: pem)
        client.authMethod = .privateKeyJWT
        configuration.clients = [client]
        grant = .clientCredentials
    case "auth/client-credentials-basic":
        configuration.clients = known.map { [$0] } ?? []
        grant = .clientCredentials
    case "auth/wif-jwt-bearer":
        configuration.clients = known.map { [$0] } ?? []
        let statement = context["valid_jwt"]?.string ?? ""
        grant = .jwtBearer { _ in statement }
    case "auth/enterprise-managed-authorization":
        configuration.clients = known.map { [$0] } ?? []
        let identity = context["idp_id_token"]?.string ?? ""
        grant = .enterpriseManaged(
            EnterpriseIdentity(
                tokenEndpoint: context["idp_token_endpoint"]?.string ?? "",
                issuer: context["idp_issuer"]?.string ?? "",
                client: OAuthClient(id: context["idp_client_id"]?.string ?? ""), identityToken: { identity }))
    case "auth/dpop", "auth/dpop-nonce":
        configuration.dpopKey = .generate()
    default:
        configuration.clients = known.map { [$0] } ?? []
    }
    return OAuthTokenSource(server: url, grant: grant, configuration: configuration, transport: transport)
}
