internal import VestibuleProtocol
internal import VestibuleServer

/// Under which URL the server is known: the resource identifier, which tokens name as their audience, and the issuer of
/// its own tokens, which is that URL's origin.
struct ResourceIdentity: Sendable, Hashable {
    var url: String
    var issuer: String

    init(url: String) {
        self.url = url
        self.issuer = HTTPURL(url)?.origin ?? url
    }

    /// As the configuration says, else as the server that last ran on the data directory was known, else as one would
    /// be that runs with the configuration.
    init(configuration: Configuration, data: DataDirectory) {
        self.init(url: configuration.publicURL ?? data.resource() ?? configuration.url(port: configuration.port))
    }
}

extension Configuration {
    /// The endpoint's URL on the listening address.
    func url(port: Int) -> String {
        // Nobody can connect to "every address"; from this machine, loopback is one of them.
        let name =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            case let host where host.contains(":") && !host.hasPrefix("["): "[\(host)]"
            default: host
            }
        return "http://\(name):\(port)\(endpoint)"
    }

    /// Whether only this machine can reach the listening address.
    var listensOnLoopback: Bool {
        // 127.example.com is a name like any other.
        SitePolicy.isLoopback(host: host)
    }

    var listensOnEveryAddress: Bool { host == "0.0.0.0" || host == "::" }
}
