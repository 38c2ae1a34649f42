internal import Synchronization
internal import VestibuleProtocol

/// The link of a call that may become a task: until then it speaks to the request's client, from then on for the task.
final class TaskLink: RequestLink {
    /// What comes first: the call ends, or goes on as a task.
    enum Turn: Sendable {
        case ended(Result<ToolResult, any Error>)
        case becameTask(RunningTask)
    }

    private struct State {
        var task: RunningTask?
        var turn: Turn?
        var waiter: CheckedContinuation<Turn, Never>?
    }

    private let request: any RequestLink
    private let make: @Sendable () throws -> RunningTask
    private let state = Mutex(State())

    /// - Parameter make: makes the task.
    init(_ request: any RequestLink, make: @escaping @Sendable () throws -> RunningTask) {
        self.request = request
        self.make = make
    }

    var task: RunningTask? { state.withLock { $0.task } }

    /// Makes the call a task, if it is none yet.
    func becomeTask() throws {
        let became: (waiter: CheckedContinuation<Turn, Never>?, task: RunningTask)? = try state.withLock { state in
            guard state.task == nil else { return nil }
            // What still runs of a call that has ended is nobody's any more.
            guard state.turn == nil else { throw CancellationError() }
            let task = try make()
            state.task = task
            state.turn = .becameTask(task)
            defer { state.waiter = nil }
            return (state.waiter, task)
        }
        if let became { became.waiter?.resume(returning: .becameTask(became.task)) }
    }

    /// The first turn that the call takes. For one task only.
    func turn() async -> Turn {
        await withCheckedContinuation { continuation in
            let turn: Turn? = state.withLock { state in
                if state.turn == nil { state.waiter = continuation }
                return state.turn
            }
            if let turn { continuation.resume(returning: turn) }
        }
    }

    /// The handler has ended, and with it the call.
    ///
    /// - Returns: the task that the call has become instead; it is its end, then.
    func end(_ result: Result<ToolResult, any Error>) -> RunningTask? {
        let (waiter, task) = state.withLock { state -> (CheckedContinuation<Turn, Never>?, RunningTask?) in
            if let task = state.task { return (nil, task) }
            state.turn = .ended(result)
            defer { state.waiter = nil }
            return (state.waiter, nil)
        }
        waiter?.resume(returning: .ended(result))
        return task
    }

    // MARK: - RequestLink

    /// A task has no stream of its own, and what it says goes nowhere; its progress becomes its status, see
    /// ``RequestContext/report(progress:total:message:)``.
    func notify(_ method: String, _ params: JSONObject) async {
        guard task == nil else { return }
        await request.notify(method, params)
    }

    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        guard let task else { return try await request.ask(questions) }
        return try await task.ask(questions)
    }

    func nextKey(for method: String) -> String { request.nextKey(for: method) }
}

extension RequestContext {
    /// From here on the call is a task (extension `io.modelcontextprotocol/tasks`, 2026-07-28): the client is answered with
    /// a handle on it, and what the handler returns becomes the task's result.
    ///
    /// What is asked before is asked in place of a result, and the handler runs again from its start with the answers;
    /// what is asked afterwards parks the task until they have come. For tools that were registered with
    /// ``ToolOption/task(_:atStart:)``, `atStart: false`.
    ///
    /// - Returns: whether it is a task now; `false` where the client cannot follow one, and the call goes on as it is.
    /// - Throws: ``ToolError`` where there are too many tasks.
    @discardableResult
    public func continueAsTask() throws -> Bool {
        guard let link = link as? TaskLink else { return false }
        try link.becomeTask()
        return true
    }

    /// Whether the call runs as a task.
    public var isTask: Bool { (link as? TaskLink)?.task != nil }
}
