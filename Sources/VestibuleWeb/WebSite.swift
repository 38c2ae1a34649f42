internal import HTTPTypes
internal import VestibuleProtocol
public import VestibuleServer

/// What a browser sees of a server besides its MCP endpoint: pages, modules, sign-in, and the parts given to it.
///
/// It checks the `Host` of every request, and every answer leaves with the security headers and a line in the log; its
/// parts need not care for either.
public struct WebSite: HTTPSite {
    let access: BrowserAccess
    private let parts: [any HTTPSite]
    private let observer: @Sendable (RequestRecord) -> Void

    /// - Parameters:
    ///   - parts: sites whose paths are this one's too, such as the operator's stream.
    ///   - observer: told of every request that was answered here.
    public init(
        access: BrowserAccess, parts: [any HTTPSite] = [],
        observer: @escaping @Sendable (RequestRecord) -> Void = { _ in }
    ) {
        self.access = access
        self.parts = parts
        self.observer = observer
    }

    public func respond(to request: EndpointRequest) async -> EndpointResponse? {
        for part in parts {
            if let response = await part.respond(to: request) { return response }
        }
        return nil
    }
}
