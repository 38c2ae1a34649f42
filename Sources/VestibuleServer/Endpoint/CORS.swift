internal import VestibuleProtocol

/// What pages of allowed origins may send and read (Fetch standard, CORS protocol).
///
/// Credentials are never allowed: the endpoint reads no cookie, and tokens travel in `Authorization`.
enum CORS {
    /// Seconds for which a browser may remember a preflight. Chromium's own bound.
    static let maximumAge = "7200"

    /// The star stands for the `Mcp-Param-…` of the tools, whose names nobody knows before; it does not cover
    /// `Authorization`.
    static let allowedHeaders = [
        "Authorization", "Content-Type", "Accept", MCPHeader.sessionID, MCPHeader.protocolVersion, MCPHeader.method,
        MCPHeader.name, "Last-Event-ID", "*",
    ]
    .joined(separator: ", ")

    static let exposedHeaders = [
        MCPHeader.sessionID, "WWW-Authenticate", "Retry-After", MCPHeader.protocolVersion, MCPHeader.vestibuleToken,
        MCPHeader.requestID, "Date",
    ]
    .joined(separator: ", ")
}
