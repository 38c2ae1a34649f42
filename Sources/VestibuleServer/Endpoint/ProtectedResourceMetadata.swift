internal import VestibuleProtocol

/// What the endpoint publishes about itself for whoever has no token yet (RFC 9728 §2).
struct ProtectedResourceMetadata {
    private let configuration: EndpointConfiguration

    init(_ configuration: EndpointConfiguration) {
        self.configuration = configuration
    }

    var json: JSONValue {
        var object: JSONObject = ["resource": .string(configuration.resource)]
        object["authorization_servers"] = .strings(configuration.authorizationServers)
        if !configuration.scopesSupported.isEmpty {
            object["scopes_supported"] = .strings(configuration.scopesSupported)
        }
        object["bearer_methods_supported"] = ["header"]
        object["resource_name"] = .string(configuration.serverInfo.title ?? configuration.serverInfo.name)
        return .object(object)
    }
}
