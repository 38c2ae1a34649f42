internal import Synchronization

/// The task that makes an answer, where that takes longer than a turn of the event loop: so that whoever ends the
/// connection's work can cancel it and await its end.
final class RunningTask: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    func set(_ task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    func clear() {
        state.withLock { $0.task = nil }
    }

    /// Cancels the task that runs, and any that would run later.
    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    func finished() async {
        await state.withLock { $0.task }?.value
    }
}
