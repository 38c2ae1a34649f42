public import VestibuleProtocol

extension MCPClient {
    /// Calls a tool, and does what the server wants before it answers.
    ///
    /// - Parameters:
    ///   - timeout: How long without a sign of progress. By default as configured.
    ///   - logLevel: The least level of log messages that are wanted with this call (modern era).
    ///   - meta: Members for `_meta`, such as `traceparent`.
    ///   - onProgress: Called for each progress notification of this call. Asking for progress also makes the call's
    ///     time-out count from the last of them.
    /// - Returns: The tool's result, a failure of the tool included (``ToolResult/isError``): it is meant for the model.
    ///   Where the server denied the call in band, ``ToolResult/denial`` says why.
    /// - Throws: ``MCPClientError``; `outcomeUnknown` where the connection broke and the call may have run,
    ///   `invalidOutput` where the result is not what the tool's output schema says.
    public func callTool(
        _ name: String, arguments: JSONObject = [:], timeout: Duration? = nil, logLevel: LogLevel? = nil,
        meta: JSONObject? = nil, onProgress: (@Sendable (ProgressParams) -> Void)? = nil
    ) async throws -> ToolResult {
        let params = CallToolParams(name: name, arguments: arguments, meta: meta)
        var outgoing = Outgoing.request(
            MCPMethod.callTool, params: params.json.object, subject: name, phase: .operation)
        outgoing.wantsProgress = onProgress != nil
        outgoing.logLevel = logLevel
        let completed = try await exchange(outgoing, timeout: timeout, onProgress: onProgress)
        guard let result = ToolResult(json: completed.json) else {
            throw MCPClientError(.protocolViolation, "\(outgoing.inWords): the result has no content")
        }
        try check(result, of: name)
        return result
    }

    /// Looks whether a result is what the tool promised, as far as its schema is known from a list.
    private func check(_ result: ToolResult, of tool: String) throws(MCPClientError) {
        guard configuration.outputValidation == .strict, !result.isError,
            let schema = catalogue.outputSchema(of: tool)
        else { return }
        let what = "tools/call of \(tool.onOneLine(limit: 128))"
        guard let structured = result.structuredContent else {
            throw MCPClientError(
                .invalidOutput, "\(what): the tool has an output schema, but its result no structuredContent")
        }
        if let problem = schema.problem(with: structured, calling: .structuredContent) {
            throw MCPClientError(
                .invalidOutput, "\(what): \(problem), by the output schema of the tool")
        }
    }

    /// What a task of the server has come to (extension `io.modelcontextprotocol/tasks`).
    func task(_ id: String, call: Call) async throws -> DetailedTask {
        var outgoing = Outgoing.request(
            MCPMethod.getTask, params: TaskParams(taskID: id).json.object, subject: id, phase: .operation)
        outgoing.isRepeatable = true
        let json = try await deliver(outgoing, call: call).result(of: outgoing.inWords)
        do {
            return try DetailedTask(json: json)
        } catch {
            throw MCPClientError(.protocolViolation, "\(outgoing.inWords): \(error)")
        }
    }

    /// Tells the server that nobody waits for a task any more (extension `io.modelcontextprotocol/tasks`).
    public func cancelTask(_ id: String) async throws {
        var outgoing = Outgoing.request(
            MCPMethod.cancelTask, params: TaskParams(taskID: id).json.object, subject: id, phase: .operation)
        outgoing.isRepeatable = true
        _ = try await exchange(outgoing, timeout: Self.noticeTime)
    }
}
