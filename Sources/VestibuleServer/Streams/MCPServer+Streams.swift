internal import VestibuleProtocol

extension MCPServer {
    /// Whether the request has a handler do something, which may tell its client of it before it is done; but none that
    /// answers at once.
    func runsHandler(_ envelope: Envelope) -> Bool {
        switch envelope.method {
        case MCPMethod.callTool:
            envelope.name.flatMap { offer.tools[$0] }.map { !$0.served.answersAtOnce } ?? false
        case MCPMethod.getPrompt, MCPMethod.readResource, MCPMethod.complete: true
        default: false
        }
    }
}

extension ServerCapabilities {
    /// Whether there is anything to subscribe to.
    var announcesAnything: Bool {
        tools?.listChanged == true || prompts?.listChanged == true || resources?.listChanged == true
            || resources?.subscribe == true
    }
}
