internal import VestibuleProtocol

extension MCPServer {
    /// One page of a list.
    func list<Item>(
        _ name: StaticString, _ catalogue: Catalogue<Item>, _ call: ServerCall,
        isShown: (@Sendable (String) -> Bool)? = nil
    ) -> ServerReply {
        var cursor: String?
        if let range = call.envelope.cursor {
            guard case .string(let text)? = try? JSONParser().parse(call.body[range]) else {
                return .error(.invalidParams, "params.cursor has to be a string")
            }
            cursor = text
        }
        let page = catalogue.page(after: cursor, size: configuration.pageSize, for: call.version, isShown: isShown)
        guard let page else {
            return .error(.invalidParams, "params.cursor is not one of this server's; begin without one")
        }
        var cache = configuration.listCache
        if isShown != nil || call.isForCallerOnly { cache.scope = .private }
        return .result(.page(ServerResult.ListPage(name: name, entries: page.entries, next: page.next, cache: cache)))
    }
}
