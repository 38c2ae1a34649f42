public import VestibuleProtocol

/// A tool together with what it does.
public struct ServedTool: Sendable {
    /// Does the work. What it throws becomes a result with `isError: true`: a ``ToolError`` with its own line, anything
    /// else with a general one (the particulars go to the log, not to the caller).
    public typealias Handler = @Sendable (_ arguments: JSONObject, _ context: RequestContext) async throws -> ToolResult

    public var tool: Tool
    public var handler: Handler
    /// Whether the handler waits for nothing and takes microseconds: no file, no network, no sleep.
    ///
    /// It is then called where the request was read, which saves handing the call over to another thread and back. It
    /// neither times out nor can it be cancelled, and while it runs its connection's event loop does nothing else. What it
    /// reports or logs is not sent, and in the legacy era it cannot ask the client.
    public var answersAtOnce: Bool
    /// Whether it runs as a task: for clients that can follow one (`optional`), for nobody else (`required`), or never,
    /// which is the default. Extension `io.modelcontextprotocol/tasks` of 2026-07-28; see ``MCPServer/offerTasks(_:)``.
    public var taskSupport = Tool.TaskSupport.forbidden
    /// Whether it is a task from its start, or only from where its handler calls ``RequestContext/continueAsTask()``.
    public var startsAsTask = true

    public init(_ tool: Tool, answersAtOnce: Bool = false, handler: @escaping Handler) {
        self.tool = tool
        self.answersAtOnce = answersAtOnce
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
