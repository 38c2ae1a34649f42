internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// One task: what its handler does, what it waits for, what became of it.
///
/// `working ⇄ input_required → completed | failed | cancelled`; what is terminal stays as it is.
final class RunningTask: Sendable {
    private struct Waiting {
        let asker: Int
        var pending: [String: InputRequest]
        var answers: [String: JSONValue]
        /// The keys that the handler asked by, by those that the client sees.
        var names: [String: String]
        let continuation: CheckedContinuation<[String: JSONValue], any Error>
    }

    private struct State {
        var task: MCPTask
        var outcome = DetailedTask.Outcome.none
        var waiting: Waiting?
        var lastAsker = 0
        var usedKeys: Set<ByteKey> = []
        var work: Task<Void, Never>?
        var expiry: Task<Void, Never>?
        var isCancelled = false
    }

    let id: String
    let owner: Principal.Identity?
    private let clock: any WallClock
    private let onChange: @Sendable (String) -> Void
    private let state: Mutex<State>

    init(
        id: String, owner: Principal.Identity?, now: NumericDate, configuration: TaskConfiguration,
        clock: any WallClock, onChange: @escaping @Sendable (String) -> Void
    ) {
        self.id = id
        self.owner = owner
        self.clock = clock
        self.onChange = onChange
        self.state = Mutex(
            State(
                task: MCPTask(
                    id: id, status: .working, createdAt: now, lastUpdatedAt: now, ttl: configuration.lifetime,
                    pollInterval: configuration.pollInterval)))
    }

    /// What the task is now.
    var detailed: DetailedTask {
        state.withLock { state in
            if let waiting = state.waiting { return DetailedTask(state.task, outcome: .input(waiting.pending)) }
            return DetailedTask(state.task, outcome: state.outcome)
        }
    }

    var task: MCPTask { state.withLock { $0.task } }

    /// Has this work done with the task; cancelling the task cancels it.
    func attach(_ work: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.work = work
            return state.isCancelled
        }
        if isCancelled { work.cancel() }
    }

    /// Has this end the task when its time is over.
    func expires(with expiry: Task<Void, Never>) {
        state.withLock { $0.expiry = expiry }
    }

    /// Nobody can ask for the task any more.
    func abandon() {
        cancel("the server ended")
        state.withLock { $0.expiry }?.cancel()
    }

    // MARK: - What its handler says

    /// Ends the task, unless it has ended.
    func end(_ status: MCPTask.Status, _ outcome: DetailedTask.Outcome = .none, message: String? = nil) {
        let now = clock.now()
        let (isChanged, waiting) = state.withLock { state -> (Bool, Waiting?) in
            guard !state.task.status.isTerminal else { return (false, nil) }
            state.task.status = status
            state.task.statusMessage = message
            state.task.lastUpdatedAt = now
            state.outcome = outcome
            state.isCancelled = state.isCancelled || status == .cancelled
            defer { state.waiting = nil }
            return (true, state.waiting)
        }
        waiting?.continuation.resume(throwing: CancellationError())
        if isChanged { onChange(id) }
    }

    /// Says how far the work is, in words.
    func say(_ message: String) {
        let now = clock.now()
        let isChanged = state.withLock { state in
            guard !state.task.status.isTerminal else { return false }
            state.task.statusMessage = message.cut(toBytes: 1024)
            state.task.lastUpdatedAt = now
            return true
        }
        if isChanged { onChange(id) }
    }

    /// Parks the task until the client has answered all questions, or the task or whoever asks is cancelled.
    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        let asker = state.withLock { state in
            state.lastAsker += 1
            return state.lastAsker
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now = clock.now()
                let problem: (any Error)? = state.withLock { state in
                    guard !state.task.status.isTerminal, !Task.isCancelled else { return CancellationError() }
                    guard state.waiting == nil else {
                        return CannotAsk("the task waits for other answers; ask all questions at once with ask(_:)")
                    }
                    var waiting = Waiting(
                        asker: asker, pending: [:], answers: [:], names: [:], continuation: continuation)
                    for (name, question) in questions {
                        let key = Self.newKey(name, &state.usedKeys)
                        waiting.pending[key] = question
                        waiting.names[key] = name
                    }
                    state.waiting = waiting
                    state.task.status = .inputRequired
                    state.task.lastUpdatedAt = now
                    return nil
                }
                if let problem { continuation.resume(throwing: problem) } else { onChange(id) }
            }
        } onCancel: {
            withdraw(asker)
        }
    }

    /// Whoever asked has been cancelled: the work goes on, if at all, without the answers.
    private func withdraw(_ asker: Int) {
        let now = clock.now()
        let withdrawn: Waiting? = state.withLock { state in
            guard let waiting = state.waiting, waiting.asker == asker else { return nil }
            state.waiting = nil
            state.task.status = .working
            state.task.lastUpdatedAt = now
            return waiting
        }
        guard let withdrawn else { return }
        onChange(id)
        withdrawn.continuation.resume(throwing: CancellationError())
    }

    /// A key is asked by once in a task's life, so that a late answer is not taken for that of another question.
    private static func newKey(_ name: String, _ used: inout Set<ByteKey>) -> String {
        var key = name
        var number = 1
        while !used.insert(ByteKey(key)).inserted {
            number += 1
            key = "\(name)-\(number)"
        }
        return key
    }

    // MARK: - What its client says

    /// Takes answers; those to no question that waits are passed over.
    func update(_ responses: JSONObject) {
        let now = clock.now()
        let (isChanged, done) = state.withLock { state -> (Bool, Waiting?) in
            guard var waiting = state.waiting else { return (false, nil) }
            let before = waiting.pending.count
            for member in responses.members {
                guard let name = waiting.names[member.name], waiting.pending[member.name] != nil,
                    member.value.object != nil
                else { continue }
                waiting.pending[member.name] = nil
                waiting.answers[name] = member.value
            }
            guard waiting.pending.count < before else { return (false, nil) }
            state.task.lastUpdatedAt = now
            guard waiting.pending.isEmpty else {
                state.waiting = waiting
                return (true, nil)
            }
            state.waiting = nil
            state.task.status = .working
            return (true, waiting)
        }
        if isChanged { onChange(id) }
        if let done { done.continuation.resume(returning: done.answers) }
    }

    /// Ends the task as cancelled, unless it has ended, and its handler with it.
    func cancel(_ message: String = "cancelled by its client") {
        end(.cancelled, message: message)
        state.withLock { $0.work }?.cancel()
    }
}
