internal import Synchronization

/// One piece of work however many want its result. A waiter that is cancelled leaves at once and disturbs nobody; the
/// work goes on, and is cancelled only by ``cancel()``.
package final class SingleFlight<Value: Sendable>: Sendable {
    private struct State {
        var waiters: [UInt64: CheckedContinuation<Value, any Error>] = [:]
        var nextWaiter: UInt64 = 0
        var task: Task<Void, Never>?
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The result of the work that is under way, or of `work`, which is begun where none is.
    ///
    /// `existing` is asked under the lock that joins or begins the work, so that a result which came in the meantime is
    /// taken as it is.
    package func value(
        unless existing: @Sendable () -> Value?, work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                join(continuation, as: id, unless: existing, work: work)
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    package func cancel() {
        state.withLock { $0.task }?.cancel()
    }

    private func join(
        _ continuation: CheckedContinuation<Value, any Error>, as id: UInt64, unless existing: () -> Value?,
        work: @escaping @Sendable () async throws -> Value
    ) {
        let immediate = state.withLock { state -> Result<Value, any Error>? in
            // The handler above runs under this lock too: either it finds the waiter, or it is seen here.
            if Task.isCancelled { return .failure(CancellationError()) }
            if state.task == nil, let value = existing() { return .success(value) }
            state.waiters[id] = continuation
            guard state.task == nil else { return nil }
            state.generation += 1
            state.task = Task { [self, generation = state.generation] in
                let result: Result<Value, any Error>
                do {
                    result = .success(try await work())
                } catch {
                    result = .failure(error)
                }
                finish(generation, with: result)
            }
            return nil
        }
        if let immediate { continuation.resume(with: immediate) }
    }

    private func finish(_ generation: UInt64, with result: Result<Value, any Error>) {
        let waiters = state.withLock { state in
            guard state.generation == generation else { return [CheckedContinuation<Value, any Error>]() }
            state.task = nil
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }
}
