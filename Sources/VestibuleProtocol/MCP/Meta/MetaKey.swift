/// The keys of `_meta` that MCP reserves, and the grammar of all keys (MCP, Basic: `_meta`).
public enum MetaKey {
    /// The revision of a request (2026-07-28).
    public static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
    /// What the client can do, on each request (2026-07-28).
    public static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    /// Who asks; optional (2026-07-28).
    public static let clientInfo = "io.modelcontextprotocol/clientInfo"
    /// Who answers; optional (2026-07-28).
    public static let serverInfo = "io.modelcontextprotocol/serverInfo"
    /// From which level on the client wants log messages of this request (2026-07-28).
    public static let logLevel = "io.modelcontextprotocol/logLevel"
    /// The id of the `subscriptions/listen` request that a notification belongs to (2026-07-28).
    public static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
    /// The task that a message belongs to (2025-11-25).
    public static let relatedTask = "io.modelcontextprotocol/related-task"
    /// Ties progress to the request that asked for it.
    public static let progressToken = "progressToken"
    /// W3C Trace Context and Baggage.
    public static let traceparent = "traceparent"
    public static let tracestate = "tracestate"
    public static let baggage = "baggage"

    /// The extension for tasks.
    public static let tasksExtension = "io.modelcontextprotocol/tasks"
}
