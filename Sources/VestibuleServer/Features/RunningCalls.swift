internal import Synchronization
internal import VestibuleProtocol

/// The calls that run now: each ends at its deadline, or when `notifications/cancelled` of its session names it.
///
/// One task watches all deadlines, because a timer for each would cost more than the rest of a small call. It runs
/// while calls do and for at most one timeout longer. Deadlines are by the wall clock: one that is set forward by hand
/// ends calls early.
///
/// Of two calls with one id in a session, which MCP forbids, the first can be cancelled.
final class RunningCalls: Sendable {
    struct Key: Hashable {
        let session: ByteKey
        let request: RequestID
    }

    /// Names a call while it runs.
    struct Ticket: Hashable {
        fileprivate let number: UInt64
    }

    private struct Call {
        let signal: CallSignal
        var deadline: NumericDate
        let key: Key?
        /// While it waits for its client: how much time it had left.
        var timeLeft: Double?
        var holds = 0
    }

    private struct State {
        var calls: [Ticket: Call] = [:]
        var tickets: [Key: Ticket] = [:]
        var last: UInt64 = 0
        var watcher: Task<Void, Never>?
    }

    private let timeout: Duration
    private let clock: any WallClock
    private let state = Mutex(State())

    init(timeout: Duration, clock: any WallClock) {
        self.timeout = timeout
        self.clock = clock
    }

    deinit {
        state.withLock { $0.watcher }?.cancel()
    }

    var count: Int { state.withLock { $0.calls.count } }

    /// Has the signal fired at the call's deadline or when the call is cancelled, until ``remove(_:)``.
    func insert(_ signal: CallSignal, for key: Key?) -> Ticket {
        let deadline = clock.now() + timeout
        return state.withLock { state in
            state.last += 1
            let ticket = Ticket(number: state.last)
            var key = key
            if let taken = key, state.tickets[taken] != nil { key = nil }
            if let key { state.tickets[key] = ticket }
            state.calls[ticket] = Call(signal: signal, deadline: deadline, key: key)
            if state.watcher == nil { state.watcher = watch() }
            return ticket
        }
    }

    func remove(_ ticket: Ticket) {
        state.withLock { state in
            guard let key = state.calls.removeValue(forKey: ticket)?.key else { return }
            state.tickets[key] = nil
        }
    }

    func cancel(_ key: Key) {
        let signal = state.withLock { state in state.tickets[key].flatMap { state.calls[$0]?.signal } }
        signal?.fire(.cancelled)
    }

    /// Stops the call's clock while its client is asked. Holds nest.
    fileprivate func hold(_ ticket: Ticket) {
        let now = clock.now()
        state.withLock { state in
            guard var call = state.calls[ticket] else { return }
            call.holds += 1
            if call.timeLeft == nil { call.timeLeft = call.deadline - now }
            state.calls[ticket] = call
        }
    }

    fileprivate func goOn(_ ticket: Ticket) {
        let now = clock.now()
        state.withLock { state in
            guard var call = state.calls[ticket], call.holds > 0 else { return }
            call.holds -= 1
            if call.holds == 0, let timeLeft = call.timeLeft {
                call.deadline = now + .seconds(timeLeft)
                call.timeLeft = nil
                if state.watcher == nil { state.watcher = watch() }
            }
            state.calls[ticket] = call
        }
    }

    private func watch() -> Task<Void, Never> {
        let (first, clock) = (timeout, clock)
        return Task { [weak self] in
            var pause: Duration? = first
            while let duration = pause, (try? await clock.sleep(for: duration)) != nil {
                pause = self?.endOverdueCalls()
            }
        }
    }

    /// - Returns: how long until the next deadline; `nil` where nothing runs, and nobody watches any more.
    private func endOverdueCalls() -> Duration? {
        let now = clock.now()
        let (overdue, pause) = state.withLock { state -> ([CallSignal], Duration?) in
            // A hair of grace: at today's dates a Double knows the time to 0.2 µs only.
            let isOver: (Call) -> Bool = { $0.deadline - now < 1e-5 }
            let running = state.calls.values.filter { $0.timeLeft == nil }
            let overdue = running.filter(isOver).map(\.signal)
            guard let next = running.filter({ !isOver($0) }).map(\.deadline).min() else {
                state.watcher = nil
                return (overdue, nil)
            }
            return (overdue, min(max(.seconds(next - now), .milliseconds(1)), timeout))
        }
        for signal in overdue { signal.fire(.timedOut) }
        return pause
    }
}

/// A call that runs, for those who may stop its clock.
package struct RunningCall: Sendable {
    private let calls: RunningCalls
    private let ticket: RunningCalls.Ticket

    init(_ ticket: RunningCalls.Ticket, in calls: RunningCalls) {
        self.calls = calls
        self.ticket = ticket
    }

    /// The client is asked: what it takes for that is not the call's time.
    func hold() { calls.hold(ticket) }

    func goOn() { calls.goOn(ticket) }
}

/// How a call ends: one task waits for it, and whoever is first says it.
final class CallSignal: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<HandlerOutcome, Never>)
        case fired(HandlerOutcome)
    }

    private let state = Mutex(State.idle)

    /// Ends the wait with this outcome, unless it has ended already.
    func fire(_ outcome: HandlerOutcome) {
        let waiter: CheckedContinuation<HandlerOutcome, Never>? = state.withLock { state in
            switch state {
            case .idle:
                state = .fired(outcome)
                return nil
            case .waiting(let continuation):
                state = .fired(outcome)
                return continuation
            case .fired:
                return nil
            }
        }
        waiter?.resume(returning: outcome)
    }

    /// The outcome that was fired first, or `cancelled` where this task is. For one task only.
    func wait() async -> HandlerOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: HandlerOutcome? = state.withLock { state in
                    if case .fired(let outcome) = state { return outcome }
                    state = .waiting(continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            fire(.cancelled)
        }
    }
}
