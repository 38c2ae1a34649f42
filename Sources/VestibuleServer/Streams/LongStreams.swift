internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// The streams that would never end by themselves, so that the server's end can end them; and how many each subject has.
final class LongStreams: Sendable {
    /// Whose streams are counted together: a subject's, or those of an address that shows no token.
    enum Holder: Hashable, Sendable {
        case subject(Principal.Identity)
        case address(String)
    }

    private struct Session {
        weak var streams: SessionStreams?
    }

    private struct State {
        var sessions: [ObjectIdentifier: Session] = [:]
        var closers: [UInt64: @Sendable () -> Void] = [:]
        var counts: [Holder: Int] = [:]
        var last: UInt64 = 0
        var isDraining = false
    }

    private let maximum: Int
    private let state = Mutex(State())

    /// - Parameter maximum: how many one holder may have.
    init(maximum: Int) {
        self.maximum = maximum
    }

    var admits: Bool { state.withLock { !$0.isDraining } }

    /// Has the streams that GETs open on a session end with the server.
    func keep(_ streams: SessionStreams) {
        state.withLock { state in
            // Sessions end by themselves, and leave an empty place.
            if state.sessions.count >= 64, state.sessions.count.nonzeroBitCount == 1 {
                state.sessions = state.sessions.filter { $0.value.streams != nil }
            }
            state.sessions[ObjectIdentifier(streams)] = Session(streams: streams)
        }
    }

    enum Place: Sendable {
        case number(UInt64)
        case tooMany
        case draining
    }

    /// A place for a stream; given back with ``release(_:of:)``.
    ///
    /// - Parameter close: ends the stream in an orderly way.
    func enter(_ holder: Holder, close: @escaping @Sendable () -> Void) -> Place {
        state.withLock { state in
            guard !state.isDraining else { return .draining }
            guard state.counts[holder, default: 0] < maximum else { return .tooMany }
            state.counts[holder, default: 0] += 1
            state.last += 1
            state.closers[state.last] = close
            return .number(state.last)
        }
    }

    func release(_ place: UInt64, of holder: Holder) {
        state.withLock { state in
            guard state.closers.removeValue(forKey: place) != nil else { return }
            let count = state.counts[holder, default: 0] - 1
            state.counts[holder] = count > 0 ? count : nil
        }
    }

    var count: Int { state.withLock { $0.closers.count } }

    /// Ends all streams, and lets none begin.
    func drain() {
        let (sessions, closers) = state.withLock { state in
            state.isDraining = true
            return (state.sessions.values.compactMap(\.streams), Array(state.closers.values))
        }
        for streams in sessions {
            streams.dismissStanding("closed: the server is shutting down; open the stream again in a moment")
        }
        for close in closers { close() }
    }
}
