/// The methods of MCP that Vestibule speaks itself.
public enum MCPMethod {
    public static let initialize = "initialize"
    public static let initialized = "notifications/initialized"
    public static let ping = "ping"
    public static let discover = "server/discover"
    public static let listTools = "tools/list"
    public static let callTool = "tools/call"
    public static let toolsChanged = "notifications/tools/list_changed"
    public static let cancelled = "notifications/cancelled"
    public static let progress = "notifications/progress"
}
