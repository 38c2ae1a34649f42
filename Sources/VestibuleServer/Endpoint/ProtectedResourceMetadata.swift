internal import VestibuleProtocol

/// What the endpoint publishes about itself for whoever has no token yet (RFC 9728 §2).
struct ProtectedResourceMetadata {
    private let configuration: EndpointConfiguration

    init(_ configuration: EndpointConfiguration) {
        self.configuration = configuration
    }

    var json: JSONValue {
        var object: JSONObject = ["resource": .string(configuration.resource)]
        // RFC 9728 §3.2: what has no elements is left out.
        for (name, values) in [
            ("authorization_servers", configuration.authorizationServers),
            ("scopes_supported", configuration.scopesSupported),
        ] where !values.isEmpty {
            object[name] = .strings(values)
        }
        // The RFC wants https here, so a server on loopback leaves it out.
        if let url = configuration.keySetURL, url.hasPrefix("https://") { object["jwks_uri"] = .string(url) }
        object["bearer_methods_supported"] = ["header"]
        object["resource_name"] = .string(configuration.serverInfo.title ?? configuration.serverInfo.name)
        return .object(object)
    }
}
