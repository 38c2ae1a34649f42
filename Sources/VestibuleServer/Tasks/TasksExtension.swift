internal import VestibuleAuth
internal import VestibuleProtocol

/// The extension `io.modelcontextprotocol/tasks` of 2026-07-28: tools whose work goes on after their call was answered.
///
/// The experimental tasks of 2025-11-25 are another protocol, and not offered.
final class TasksExtension: ServerExtension {
    static let identifier = "io.modelcontextprotocol/tasks"

    let store: TaskStore
    private let maximumRounds: Int

    init(_ configuration: TaskConfiguration, for server: MCPServer) {
        self.store = TaskStore(configuration, clock: server.clock, changes: server.changes)
        self.maximumRounds = server.configuration.maximumRounds
    }

    var identifier: String { Self.identifier }
    var settings: JSONObject { [:] }

    static let needed = MissingClientCapability(
        ClientCapabilities(extensions: [identifier: [:]]),
        "this needs a client that follows tasks: it declares the extension \(identifier) with each request")

    static let undeclared = RPCError(
        .missingRequiredClientCapability, needed.description,
        data: ["requiredCapabilities": needed.required.json(for: .v2026_07_28)])

    // MARK: - tools/call

    /// A tool's handler, as the client of this call can have it.
    func handler(of tool: ServedTool, _ handler: @escaping ServedTool.Handler) -> ServedTool.Handler {
        guard tool.taskSupport != .forbidden else { return handler }
        return { [self] arguments, context in
            guard context.protocolVersion.isModern, context.clientCapabilities.has(extension: Self.identifier) else {
                guard tool.taskSupport == .optional else {
                    if context.protocolVersion.isModern { throw Self.needed }
                    throw ToolError(
                        "\(tool.tool.name) runs as a task only, for clients of MCP 2026-07-28 that follow tasks")
                }
                return try await handler(arguments, context)
            }
            return try await run(tool, handler, arguments, context)
        }
    }

    /// Runs the handler until it ends or becomes a task, which then goes on without this call.
    private func run(
        _ tool: ServedTool, _ handler: @escaping ServedTool.Handler, _ arguments: JSONObject, _ context: RequestContext
    ) async throws -> ToolResult {
        let owner = context.principal?.identity
        let link = TaskLink(context.link) { [weak store] in
            guard let store else { throw CancellationError() }
            return try store.create(for: owner)
        }
        var context = context
        context.link = link
        if tool.startsAsTask { try link.becomeTask() }
        let work = Task { [context, maximumRounds] in
            let ended = await Self.attempt(handler, arguments, context, maximumRounds: maximumRounds)
            if let task = link.end(ended) { Self.end(task, ended) }
        }
        let turn = await withTaskCancellationHandler {
            await link.turn()
        } onCancel: {
            work.cancel()
        }
        switch turn {
        case .ended(let result): return try result.get()
        case .becameTask(let task):
            task.attach(work)
            var handle = CreateTaskResult(task.task).json(for: context.protocolVersion).object ?? [:]
            // Nothing yet, for whoever reads every answer to tools/call as a tool's result.
            handle["content"] = []
            throw ReplyInstead(.result(.object(handle)))
        }
    }

    /// Runs the handler to its end; one of a task that throws its questions is run anew with the answers.
    private static func attempt(
        _ handler: ServedTool.Handler, _ arguments: JSONObject, _ context: RequestContext, maximumRounds: Int
    ) async -> Result<ToolResult, any Error> {
        var context = context
        while true {
            do {
                return .success(try await handler(arguments, context))
            } catch let needed as InputRequired {
                guard context.isTask else { return .failure(needed) }
                let number = (context.round?.number ?? 0) + 1
                guard number <= maximumRounds else {
                    return .failure(ToolError("the client was asked \(maximumRounds) times, and it led to no answer"))
                }
                do {
                    let answers = try await context.ask(needed.requests)
                    context.round = InputRound(
                        answers: context.inputResponses.merging(answers) { $1 }, state: needed.state, number: number)
                } catch {
                    return .failure(error)
                }
            } catch {
                return .failure(error)
            }
        }
    }

    /// What a tool says went wrong is a result; what kept it from saying anything is a failure of the task.
    private static func end(_ task: RunningTask, _ result: Result<ToolResult, any Error>) {
        func complete(_ result: ToolResult) {
            task.end(.completed, .result(result.json(for: .v2026_07_28).object ?? [:]))
        }
        switch result {
        case .success(let result): complete(result)
        case .failure(let error as ToolError): complete(.failure(error.message, structured: error.structured))
        case .failure(let error as MalformedAnswer): complete(.failure(error.description))
        case .failure(let error as CannotAsk): complete(.failure(error.description))
        case .failure(let error as MissingClientCapability): complete(.failure(error.description))
        case .failure(let error as RPCError): task.end(.failed, .error(error))
        case .failure(is CancellationError): task.end(.cancelled)
        case .failure:
            task.end(.failed, .error(RPCError(.internalError, "the tool failed on the server's side")))
        }
    }

    // MARK: - tasks/*

    func perform(_ call: ServerCall, on server: MCPServer) async -> ServerReply? {
        guard call.context.protocolVersion.isModern,
            [MCPMethod.getTask, MCPMethod.updateTask, MCPMethod.cancelTask].contains(call.envelope.method)
        else { return nil }
        guard call.context.clientCapabilities.has(extension: Self.identifier) else {
            return ServerReply(.error(Self.undeclared), detail: Self.undeclared.message)
        }
        let params: TaskParams
        do {
            params = try TaskParams(json: try call.envelope.parsedParams(in: call.body))
        } catch {
            return ServerReply(.error(error.rpcError), detail: error.description)
        }
        guard let task = store.find(params.taskID, for: call.context.principal?.identity) else {
            return .error(
                .invalidParams, "there is no task \(params.taskID.cut(toBytes: 64).onOneLine()), or not any more")
        }
        switch call.envelope.method {
        case MCPMethod.getTask: return .result(.object(task.detailed.json.object ?? [:]))
        case MCPMethod.updateTask: task.update(params.inputResponses ?? [:])
        default: task.cancel()
        }
        return .result(.object(["resultType": .string(ResultType.complete.rawValue)]))
    }

    /// The parameters of `notifications/tasks`, where the task is the listener's.
    func notification(of id: String, for listener: Principal.Identity?) -> JSONObject? {
        store.find(id, for: listener)?.detailed.notificationParams
    }
}
