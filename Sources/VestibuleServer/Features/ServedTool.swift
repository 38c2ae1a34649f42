public import VestibuleProtocol

/// A tool together with what it does.
public struct ServedTool: Sendable {
    /// Does the work. What it throws becomes a result with `isError: true`: a ``ToolError`` with its own line, anything
    /// else with a general one (the particulars go to the log, not to the caller).
    public typealias Handler = @Sendable (_ arguments: JSONObject, _ context: RequestContext) async throws -> ToolResult

    public var tool: Tool
    public var handler: Handler

    public init(_ tool: Tool, handler: @escaping Handler) {
        self.tool = tool
        self.handler = handler
    }
}

/// A failure of a tool that the caller may read: a wrong argument, a missing object, a store that does not answer.
public struct ToolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line that says what happened, to what, and what to do next.
    public var message: String
    /// The same for programs.
    public var structured: JSONObject?

    public init(_ message: String, structured: JSONObject? = nil) {
        self.message = message
        self.structured = structured
    }

    public var description: String { message }
}
