public import VestibuleServer

/// What a browser sees of a server besides its MCP endpoint.
public struct WebSite: HTTPSite {
    public init() {}

    public func respond(to request: EndpointRequest) async -> EndpointResponse? { nil }
}
