public import VestibuleProtocol

extension ToolResult {
    /// Why the server denied the call in band; `nil` for every other result, a tool's own errors included.
    public var denial: Rejection? {
        guard isError, let structuredContent = structuredContent?.object else { return nil }
        return Rejection(data: structuredContent)
    }
}
