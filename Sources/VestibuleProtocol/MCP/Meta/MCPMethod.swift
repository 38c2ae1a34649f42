/// The methods of MCP, of all revisions.
public enum MCPMethod {
    // MARK: Both eras
    public static let listTools = "tools/list"
    public static let callTool = "tools/call"
    public static let listResources = "resources/list"
    public static let listResourceTemplates = "resources/templates/list"
    public static let readResource = "resources/read"
    public static let listPrompts = "prompts/list"
    public static let getPrompt = "prompts/get"
    public static let complete = "completion/complete"

    public static let cancelled = "notifications/cancelled"
    public static let progress = "notifications/progress"
    public static let message = "notifications/message"
    public static let toolsChanged = "notifications/tools/list_changed"
    public static let promptsChanged = "notifications/prompts/list_changed"
    public static let resourcesChanged = "notifications/resources/list_changed"
    public static let resourceUpdated = "notifications/resources/updated"

    // MARK: Legacy era
    public static let initialize = "initialize"
    public static let initialized = "notifications/initialized"
    public static let ping = "ping"
    public static let setLogLevel = "logging/setLevel"
    public static let subscribe = "resources/subscribe"
    public static let unsubscribe = "resources/unsubscribe"
    public static let rootsChanged = "notifications/roots/list_changed"
    /// 2025-11-25 alone.
    public static let elicitationComplete = "notifications/elicitation/complete"

    // MARK: What a server asks: requests in the legacy era, input requests in the modern one
    public static let createMessage = "sampling/createMessage"
    public static let elicit = "elicitation/create"
    public static let listRoots = "roots/list"

    // MARK: Modern era
    public static let discover = "server/discover"
    public static let listen = "subscriptions/listen"
    public static let subscriptionAcknowledged = "notifications/subscriptions/acknowledged"

    // MARK: Tasks: the extension of 2026-07-28, and the experimental core of 2025-11-25
    public static let getTask = "tasks/get"
    public static let cancelTask = "tasks/cancel"
    /// The extension alone.
    public static let updateTask = "tasks/update"
    public static let taskChanged = "notifications/tasks"
    /// 2025-11-25 alone.
    public static let taskResult = "tasks/result"
    public static let listTasks = "tasks/list"
    public static let taskStatus = "notifications/tasks/status"
}
