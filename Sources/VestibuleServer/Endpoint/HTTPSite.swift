/// Something that answers paths beside the MCP endpoint: pages, scripts, sign-in.
public protocol HTTPSite: Sendable {
    /// - Returns: The answer, or `nil` where the path is none of this site's.
    func respond(to request: EndpointRequest) async -> EndpointResponse?
}
