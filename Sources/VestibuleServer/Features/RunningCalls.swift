internal import Synchronization
internal import VestibuleProtocol

/// The calls that run now and may be cancelled by `notifications/cancelled` of the same session.
///
/// At most ``maximum`` are held; a call beyond that runs, but cannot be cancelled. Of two calls with one id in a
/// session, which MCP forbids, the first can be cancelled.
final class RunningCalls: Sendable {
    static let maximum = 10_000

    struct Key: Hashable {
        let session: ByteKey
        let request: RequestID
    }

    private let calls = Mutex<[Key: CallSignal]>([:])

    /// - Returns: whether the call is held, and so has to be removed.
    func insert(_ signal: CallSignal, for key: Key) -> Bool {
        calls.withLock { calls in
            guard calls[key] == nil, calls.count < Self.maximum else { return false }
            calls[key] = signal
            return true
        }
    }

    func remove(_ key: Key) {
        calls.withLock { $0[key] = nil }
    }

    func cancel(_ key: Key) {
        calls.withLock { $0[key] }?.fire()
    }
}

/// Something that one task waits for and any other may set off, once.
final class CallSignal: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, Never>)
        case fired
    }

    private let state = Mutex(State.idle)

    func fire() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .fired }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume()
    }

    /// Returns when the signal was fired or the task is cancelled. For one task only.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFired = state.withLock { state in
                    if case .idle = state {
                        state = .waiting(continuation)
                        return false
                    }
                    return true
                }
                if isFired { continuation.resume() }
            }
        } onCancel: {
            fire()
        }
    }
}
