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
    /// Runs the handler until it answers, its time is up, or the client cancels the call.
    ///
    /// In the last two cases the handler's task is cancelled and awaited: a handler has to heed cancellation, as
    /// everything in Swift's structured concurrency has.
    func run(
        _ arguments: JSONObject, context: RequestContext, timeout: Duration, signal: CallSignal, clock: any WallClock
    ) async -> ToolOutcome {
        await withTaskGroup(of: ToolOutcome?.self, returning: ToolOutcome.self) { group in
            group.addTask { await attempt(arguments, context: context) }
            group.addTask {
                await signal.wait()
                return Task.isCancelled ? nil : .cancelled
            }
            group.addTask {
                do {
                    try await clock.sleep(for: timeout)
                    return .timedOut
                } catch {
                    return nil
                }
            }
            while let outcome = await group.next() {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            return .cancelled
        }
    }

    private func attempt(_ arguments: JSONObject, context: RequestContext) async -> ToolOutcome {
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
