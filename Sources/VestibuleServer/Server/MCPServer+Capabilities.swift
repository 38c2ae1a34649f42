package import VestibuleProtocol

/// Methods beyond the core, such as those of tasks.
package protocol ServerExtension: Sendable {
    /// Its name among the capabilities (2026-07-28).
    var identifier: String { get }
    var settings: JSONObject { get }

    /// Does what a request asks whose method is its own; `nil` for any other.
    func perform(_ call: ServerCall, on server: MCPServer) async -> ServerReply?

    /// The handler of a tool as this extension has it run; `handler` itself where it does not care.
    func handler(of tool: ServedTool, _ handler: @escaping ServedTool.Handler) -> ServedTool.Handler
}

extension ServerExtension {
    package func handler(of tool: ServedTool, _ handler: @escaping ServedTool.Handler) -> ServedTool.Handler { handler }
}

extension MCPServer {
    /// What the server declares: what it offers, and nothing else.
    package var capabilities: ServerCapabilities { capabilities(of: offer) }

    func capabilities(of offer: ServerOffer) -> ServerCapabilities {
        let features = offer.features
        let announces = configuration.announcesChanges
        var extensions: JSONObject?
        for served in offer.extensions {
            extensions = extensions ?? [:]
            extensions?[served.identifier] = .object(served.settings)
        }
        return ServerCapabilities(
            tools: features.contains(.tools) ? .init(listChanged: announces) : nil,
            resources: features.contains(.resources) ? .init(listChanged: announces, subscribe: announces) : nil,
            prompts: features.contains(.prompts) ? .init(listChanged: announces) : nil,
            logging: configuration.offersLogging, completions: features.contains(.completions),
            extensions: extensions)
    }

    /// Opens a legacy session: the answer to `initialize`, and what the session keeps.
    ///
    /// A client that asks for a revision that does not open with `initialize` is offered the latest one that does.
    package func initialize(_ params: InitializeParams) -> (result: InitializeResult, session: SessionState) {
        let version = ProtocolVersion.negotiated(with: params.protocolVersion)
        let result = InitializeResult(
            protocolVersion: version, offering: capabilities, serverInfo: info, instructions: instructions)
        return (result, session(for: params, version: version))
    }

    /// The answer to `server/discover`.
    func discover(_ call: ServerCall, _ offer: ServerOffer) -> ServerReply {
        var cache = configuration.listCache
        if call.isForCallerOnly { cache.scope = .private }
        let result = DiscoverResult(capabilities: capabilities(of: offer), instructions: instructions, cache: cache)
        return .result(.object(result.json(for: call.version).object ?? [:]))
    }
}
