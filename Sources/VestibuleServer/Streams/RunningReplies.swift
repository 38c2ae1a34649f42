internal import Synchronization

/// The work on answers that goes on by itself, whoever waits for it: so that the server's end can wait for it, or cut
/// it short.
final class RunningReplies: Sendable {
    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    /// Begins the work.
    func run(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let task = Task {
                await work()
                self.state.withLock { state in state.tasks[number] = nil }
            }
            state.tasks[number] = task
            return task
        }
    }

    /// Cancels the work that there is now.
    func cancelAll() {
        for task in state.withLock({ Array($0.tasks.values) }) { task.cancel() }
    }

    /// Waits for the work that there is now.
    func finished() async {
        for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
    }
}
