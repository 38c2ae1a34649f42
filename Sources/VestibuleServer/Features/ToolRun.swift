internal import VestibuleProtocol

/// How a tool's run ended.
enum ToolOutcome: Sendable {
    case result(ToolResult)
    /// It threw a line for the caller.
    case failed(ToolError)
    /// It threw something that is not the caller's business.
    case broken(String)
    case cancelled
    case timedOut
}

extension ServedTool {
    /// Runs the handler until it answers, or the signal says that it is cancelled or out of time.
    ///
    /// In the last two cases the handler's task is cancelled and awaited: a handler has to heed cancellation, as
    /// everything in Swift's structured concurrency has.
    func run(_ arguments: JSONObject, context: RequestContext, signal: CallSignal) async -> ToolOutcome {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { signal.fire(await attempt(arguments, context: context)) }
            let outcome = await signal.wait()
            group.cancelAll()
            return outcome
        }
    }

    /// Runs the handler to its end.
    func attempt(_ arguments: JSONObject, context: RequestContext) async -> ToolOutcome {
        do {
            return .result(try await handler(arguments, context))
        } catch let error as ToolError {
            return .failed(error)
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .broken("\(type(of: error)): \(error)")
        }
    }
}
