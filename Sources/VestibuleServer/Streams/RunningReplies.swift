internal import Synchronization

/// The work on answers that goes on by itself, whoever waits for it: so that the server's end can wait for it, or cut
/// it short.
final class RunningReplies: Sendable {
    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var last: UInt64 = 0
        var isOver = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    /// Begins the work; cancelled at once where ``cancelAll()`` was said.
    func run(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        let (task, isOver) = state.withLock { state in
            state.last += 1
            let number = state.last
            let task = Task {
                await work()
                self.state.withLock { state in state.tasks[number] = nil }
            }
            state.tasks[number] = task
            return (task, state.isOver)
        }
        if isOver { task.cancel() }
        return task
    }

    /// Cancels all work, now and from now on.
    func cancelAll() {
        let tasks = state.withLock { state in
            state.isOver = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    /// Waits for the work that there is now.
    func finished() async {
        for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
    }
}
