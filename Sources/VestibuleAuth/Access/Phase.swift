/// How much a request asks of the server, which decides what it needs to show.
public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Opening, keeping and ending a session.
    case handshake
    /// Asking what there is.
    case listing
    /// Everything else.
    case operation

    /// The phase of an MCP method. What is not known to be harmless is an operation.
    public init(method: String) {
        switch method {
        case "initialize", "notifications/initialized", "ping", "server/discover": self = .handshake
        case "tools/list", "resources/list", "resources/templates/list", "prompts/list": self = .listing
        default: self = .operation
        }
    }
}
