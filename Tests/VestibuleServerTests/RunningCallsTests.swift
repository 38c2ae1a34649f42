import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Running calls")
struct RunningCallsTests {
    private let clock = FakeClock()
    private let calls: RunningCalls

    init() {
        calls = RunningCalls(timeout: .seconds(5), clock: clock)
    }

    private func key(_ id: Int) -> RunningCalls.Key {
        RunningCalls.Key(session: ByteKey("s"), request: .integer(id))
    }

    @Test("every call has its own deadline, and one that ended in time has none")
    func deadlines() async {
        let (first, second, third) = (CallSignal(), CallSignal(), CallSignal())
        _ = calls.insert(first, for: nil)
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(3))
        let ticket = calls.insert(second, for: key(2))
        _ = calls.insert(third, for: nil)
        clock.advance(by: .seconds(2))
        #expect(await first.wait().isTimeout)
        await clock.untilSomebodySleeps(for: .seconds(3))
        calls.remove(ticket)
        clock.advance(by: .seconds(3))
        #expect(await third.wait().isTimeout)
        second.fire(.broken("nobody had said anything"))
        #expect(!(await second.wait().isTimeout))
    }

    @Test("calls that come after everything was quiet are watched again")
    func quiet() async {
        calls.remove(calls.insert(CallSignal(), for: nil))
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(60))
        let late = CallSignal()
        _ = calls.insert(late, for: nil)
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(5))
        #expect(await late.wait().isTimeout)
    }

    @Test("a call is cancelled by its own session and id, and not once it ended")
    func cancellation() async {
        let (first, second) = (CallSignal(), CallSignal())
        let ticket = calls.insert(first, for: key(1))
        _ = calls.insert(second, for: key(2))
        calls.cancel(RunningCalls.Key(session: ByteKey("other"), request: .integer(2)))
        calls.cancel(key(2))
        #expect(await second.wait().isCancellation)
        calls.remove(ticket)
        calls.cancel(key(1))
        first.fire(.timedOut)
        #expect(await first.wait().isTimeout)
    }

    @Test("of two calls with one id the first is cancelled, and the second still has its deadline")
    func sameID() async {
        let (first, second) = (CallSignal(), CallSignal())
        _ = calls.insert(first, for: key(1))
        calls.remove(calls.insert(second, for: key(1)))
        _ = calls.insert(second, for: key(1))
        calls.cancel(key(1))
        #expect(await first.wait().isCancellation)
        await clock.untilSomebodySleeps(for: .seconds(5))
        clock.advance(by: .seconds(5))
        #expect(await second.wait().isTimeout)
    }

    @Test("a wait ends with its task")
    func abandoned() async {
        let signal = CallSignal()
        let waiting = Task { await signal.wait() }
        waiting.cancel()
        #expect(await waiting.value.isCancellation)
    }
}

extension HandlerOutcome {
    fileprivate var isTimeout: Bool {
        if case .timedOut = self { true } else { false }
    }

    fileprivate var isCancellation: Bool {
        if case .cancelled = self { true } else { false }
    }
}
