internal import VestibuleProtocol

/// What a handler brought about.
enum HandlerValue: Sendable {
    case tool(ToolResult)
    /// `nil` where there is no such resource.
    case contents([ResourceContents]?)
    case prompt(GetPromptResult)
    case completion(Completion)
}

/// How a handler's run ended.
enum HandlerOutcome: Sendable {
    case result(HandlerValue)
    /// It threw a line for the caller.
    case failed(ToolError)
    /// It threw a JSON-RPC error of its own.
    case refused(RPCError)
    /// It needs answers of the client first.
    case inputRequired(InputRequired)
    /// It needs what the client did not declare.
    case lacks(MissingClientCapability)
    /// Something else answers in its place.
    case replaced(ServerReply)
    /// It threw something that is not the caller's business.
    case broken(String)
    case cancelled
    case timedOut
}

/// Thrown through a handler by what wraps it and has an answer of its own.
package struct ReplyInstead: Error, Sendable {
    package let reply: ServerReply

    package init(_ reply: ServerReply) {
        self.reply = reply
    }
}

typealias Handler = @Sendable (RequestContext) async throws -> HandlerValue

extension MCPServer {
    /// Runs a handler until it answers, or is cancelled or out of time.
    ///
    /// In the last two cases the handler's task is cancelled and awaited: a handler has to heed cancellation, as
    /// everything in Swift's structured concurrency has.
    ///
    /// - Parameter atOnce: for one that waits for nothing; it is called right here, and tells the client nothing meanwhile.
    func run(_ call: ServerCall, round: InputRound?, atOnce: Bool = false, _ handler: @escaping Handler) async
        -> HandlerOutcome
    {
        var context = call.context
        context.round = round
        if call.isModern { context.link = ModernLink(round: round, sink: atOnce ? nil : call.sink) }
        if atOnce { return await attempt(context, handler) }
        if let token = call.envelope.progressToken {
            context.progress = ProgressMeter(token, perSecond: configuration.progressPerSecond, clock: clock)
        }
        let signal = CallSignal()
        let ticket = calls.insert(signal, for: call.key)
        context.running = RunningCall(ticket, in: calls)
        let outcome = await withTaskGroup(of: Void.self) { [context] group in
            group.addTask { signal.fire(await self.attempt(context, handler)) }
            let outcome = await signal.wait()
            group.cancelAll()
            return outcome
        }
        calls.remove(ticket)
        context.progress?.end()
        return outcome
    }

    /// Runs the handler to its end. One that asks by ``InputRequired`` in the legacy era is run anew with the answers.
    private func attempt(_ context: RequestContext, _ handler: Handler) async -> HandlerOutcome {
        do {
            guard !context.protocolVersion.isModern else { return .result(try await handler(context)) }
            var context = context
            while true {
                do {
                    return .result(try await handler(context))
                } catch let needed as InputRequired {
                    context.round = try await nextRound(needed, context)
                }
            }
        } catch {
            return Self.outcome(of: error)
        }
    }

    private func nextRound(_ needed: InputRequired, _ context: RequestContext) async throws -> InputRound {
        let number = (context.round?.number ?? 0) + 1
        guard number <= configuration.maximumRounds else {
            throw ToolError("the client was asked \(configuration.maximumRounds) times, and it led to no answer")
        }
        let answers = try await context.ask(needed.requests)
        return InputRound(
            answers: context.inputResponses.merging(answers) { $1 }, state: needed.state, number: number)
    }

    private static func outcome(of error: any Error) -> HandlerOutcome {
        switch error {
        case let error as ToolError: .failed(error)
        case let error as RPCError: .refused(error)
        case let error as InputRequired: .inputRequired(error)
        case let error as MissingClientCapability: .lacks(error)
        case let error as MalformedAnswer: .failed(ToolError(error.description))
        case let error as CannotAsk: .failed(ToolError(error.description))
        case let error as ReplyInstead: .replaced(error.reply)
        case let error as BrokenPromise: .broken(error.problem)
        case is CancellationError: .cancelled
        default: .broken("\(type(of: error)): \(error)")
        }
    }
}

extension ServerCall {
    var isModern: Bool { context.protocolVersion.isModern }

    /// Under what the call can be cancelled.
    var key: RunningCalls.Key? {
        guard let scope, case .request(let id) = envelope.kind else { return nil }
        return RunningCalls.Key(session: scope, request: id)
    }

    /// How the call is named to people: by what it is about.
    var subject: String { (envelope.name ?? envelope.uri)?.onShownLine ?? envelope.method }
}

extension MCPServer {
    /// The reply to a handler's outcome, where it is no result of its own kind.
    ///
    /// - Parameter fail: how a failure is told that is the caller's to read.
    func reply(
        _ outcome: HandlerOutcome, to call: ServerCall, round: InputRound?,
        fail: (_ line: String, _ structured: JSONObject?) -> ServerReply = MCPServer.plainFailure
    ) -> ServerReply {
        switch outcome {
        case .result: return Self.plainFailure("a handler answered with something of another kind", nil)
        case .failed(let error): return fail(error.message, error.structured)
        case .refused(let error): return ServerReply(.error(error), detail: error.message)
        case .replaced(let reply): return reply
        case .inputRequired(let needed): return ask(needed, of: call, round: round, fail: fail)
        case .lacks(let missing): return lacks(missing, call, fail: fail)
        case .broken(let particulars):
            var reply = fail(
                "\(call.subject) failed on the server's side; the server's log says more under "
                    + "\(call.context.requestID)", nil)
            reply.isFault = true
            reply.detail = particulars.cut(toBytes: 512)
            return reply
        case .timedOut:
            let limit = configuration.callTimeout.inSeconds
            var reply = fail(
                "\(call.subject) did not finish within \(limit) s and was cancelled; try again or ask for less", nil)
            reply.isFault = true
            return reply
        case .cancelled:
            var reply = ServerReply.error(.cancelled, "\(call.subject) was cancelled before it finished")
            reply.isFault = true
            return reply
        }
    }

    func lacks(
        _ missing: MissingClientCapability, _ call: ServerCall,
        fail: (_ line: String, _ structured: JSONObject?) -> ServerReply
    ) -> ServerReply {
        guard call.isModern else { return fail(missing.description, nil) }
        return .error(
            .missingRequiredClientCapability, missing.description,
            data: ["requiredCapabilities": missing.required.json(for: call.version)])
    }

    /// A failure of what is no tool: a JSON-RPC error.
    static func plainFailure(_ line: String, _ structured: JSONObject?) -> ServerReply {
        .error(.internalError, line, data: structured.map(JSONValue.object))
    }
}

extension RPCError.Code {
    /// A call that the client cancelled, or that the server's end cut short. No client waits for it any more.
    static let cancelled: RPCError.Code = 499
}
