/// Something that answers paths beside the MCP endpoint: pages, scripts, sign-in.
public protocol HTTPSite: Sendable {
    /// - Returns: The answer, or `nil` where the path is none of this site's.
    func respond(to request: EndpointRequest) async -> EndpointResponse?

    /// The server begins to shut down: answers that would never end by themselves, such as streams of events, end now.
    /// Must not wait.
    func drain()
}

extension HTTPSite {
    public func drain() {}
}
