/// The spellings of the HTTP headers that MCP and Vestibule use. Names are compared without case.
public enum MCPHeader {
    public static let protocolVersion = "MCP-Protocol-Version"
    public static let sessionID = "Mcp-Session-Id"
    public static let method = "Mcp-Method"
    public static let name = "Mcp-Name"
    /// Where a broken stream is taken up again (legacy era).
    public static let lastEventID = "Last-Event-ID"
    /// Begins the name of a header that mirrors a tool's argument (2026-07-28).
    public static let parameterPrefix = "Mcp-Param-"
    /// Says on an answer to an anonymous admission that a token came and was not accepted: `rejected; reason=…`.
    public static let vestibuleToken = "Vestibule-Token"
    /// The server's id of a request, under which its log and audit hold it.
    public static let requestID = "Vestibule-Request-Id"

    /// The header that mirrors a tool's argument (2026-07-28).
    ///
    /// - Parameter name: The value of the argument's `x-mcp-header`.
    public static func param(_ name: String) -> String { parameterPrefix + name }
}
