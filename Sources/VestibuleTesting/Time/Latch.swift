internal import Synchronization

/// A door that is shut until it is opened, so that a test decides when something goes on.
public final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Lets everybody through, now and from now on.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the latch is open.
    ///
    /// - Throws: `CancellationError` where the task is cancelled first.
    public func wait() async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, observers) = arrive(continuation, as: id)
                if let result { continuation.resume(with: result) }
                for observer in observers { observer.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Waits until that many stand before the latch.
    public func untilWaiting(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.waiting.count >= count { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    private func arrive(
        _ continuation: CheckedContinuation<Void, any Error>, as id: UInt64
    ) -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) {
        state.withLock { state in
            if Task.isCancelled { return (.failure(CancellationError()), []) }
            if state.isOpen { return (.success(()), []) }
            state.waiting[id] = continuation
            let count = state.waiting.count
            let satisfied = state.observers.filter { $0.count <= count }.map(\.continuation)
            state.observers.removeAll { $0.count <= count }
            return (nil, satisfied)
        }
    }
}
