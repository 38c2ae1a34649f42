internal import VestibuleProtocol
public import VestibuleServer

/// Under which address browsers know the server.
public struct SiteAddress: Sendable {
    /// The resource identifier, for which tokens are made.
    public let resource: String
    /// Scheme, host and port of ``resource``.
    public let origin: String
    /// Whether browsers come by `https`.
    public let isSecure: Bool
    /// Whether ``origin`` is one that only this machine can reach.
    public let isLoopback: Bool
    /// The port of ``origin``, also where its scheme implies it.
    public let port: String
    private let endpointPath: String
    private let allowsLoopback: Bool

    public init(_ configuration: EndpointConfiguration) {
        let url = ResourceURL(configuration.resource)
        let (host, port) = SitePolicy.splitPort(of: url?.authority.asciiLowercased ?? "")
        self.resource = configuration.resource
        self.origin = SitePolicy.normalised(origin: url?.origin ?? configuration.resource)
        self.isSecure = url?.scheme.asciiLowercased == "https"
        self.isLoopback = SitePolicy.isLoopback(host: host)
        self.port = port ?? (url?.scheme.asciiLowercased == "https" ? "443" : "80")
        self.endpointPath = configuration.path
        self.allowsLoopback = configuration.allowsLoopbackOrigins
    }

    /// The origin under which a browser sees an answer to that `Host`: the configured one, or on loopback whichever
    /// name of this machine was asked.
    func origin(host: String?) -> String {
        guard allowsLoopback, isLoopback, let authority = host?.trimmingOptionalWhitespace.asciiLowercased,
            SitePolicy.isLoopback(host: SitePolicy.splitPort(of: authority).host)
        else { return origin }
        return SitePolicy.normalised(origin: "\(isSecure ? "https" : "http")://\(authority)")
    }

    /// The URL of the MCP endpoint for a page that came by that `Host`: always of the page's own origin.
    func endpoint(host: String?) -> String {
        let own = origin(host: host)
        return own == origin ? resource : own + endpointPath
    }
}
