/// The spellings of the HTTP headers that MCP and Vestibule use. Names are compared without case.
public enum MCPHeader {
    public static let protocolVersion = "MCP-Protocol-Version"
    public static let sessionID = "Mcp-Session-Id"
    public static let method = "Mcp-Method"
    public static let name = "Mcp-Name"
    /// Says on an answer to an anonymous admission that a token came and was not accepted: `rejected; reason=…`.
    public static let vestibuleToken = "Vestibule-Token"
    /// The server's id of a request, under which its log and audit hold it.
    public static let requestID = "Vestibule-Request-Id"
}
