internal import Synchronization
internal import VestibuleProtocol

/// The records of a client's requests: the newest 1,000, and a stream for whoever listens.
final class RequestLog: Sendable {
    static let bound = 1_000

    private struct State {
        var records: [ClientRequestRecord] = []
        var count = 0
    }

    private let state = Mutex(State())
    private let listeners = Broadcast<ClientRequestRecord>(bufferingNewest: RequestLog.bound)

    /// The number of the next request, given out when it is sent.
    func nextSequence() -> Int {
        state.withLock { state in
            state.count += 1
            return state.count
        }
    }

    func add(_ record: ClientRequestRecord) {
        state.withLock { state in
            if state.records.count >= Self.bound { state.records.removeFirst(state.records.count - Self.bound + 1) }
            state.records.append(record)
            listeners.send(record)
        }
    }

    /// The newest, in the order in which they were answered.
    var snapshot: [ClientRequestRecord] { state.withLock { $0.records } }
    var stream: AsyncStream<ClientRequestRecord> { listeners.listen() }
    func finish() { listeners.finish() }
}
