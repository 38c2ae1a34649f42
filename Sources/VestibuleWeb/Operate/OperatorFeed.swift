internal import Synchronization
internal import VestibuleProtocol
internal import VestibuleServer

/// Streams of what the operator's page shows, for as many pages as are open, up to ``maximumStreams``.
///
/// A stream makes its next piece when the last one was taken, out of what is true then: nothing is queued for a reader
/// that is slow, and it misses only what was overtaken. The state is read off the server at most about once a second
/// for all streams together, and not at all where nobody looks.
final class OperatorFeed: Sendable {
    static let maximumStreams = 32
    /// From one event to the next at least.
    static let interval = Duration.seconds(1)
    /// Intervals without an event after which a comment keeps the connection open.
    static let silence = 15

    private struct State {
        var streams: [UInt64: Task<Void, Never>?] = [:]
        var lastStream: UInt64 = 0
        var isDraining = false
        var view: View?
    }

    /// The state at one moment.
    struct View: Sendable {
        /// Changes whenever anything but the time does.
        var version: UInt64
        var members: JSONObject
        var at: NumericDate

        var document: [UInt8] { OperatorState.document(members, at: at) }
    }

    private let source: @Sendable (NumericDate) -> JSONObject
    private let clock: any WallClock
    private let state = Mutex(State())

    /// - Parameter source: reads what is shown off the server, without the time.
    init(clock: any WallClock, source: @escaping @Sendable (NumericDate) -> JSONObject) {
        self.clock = clock
        self.source = source
    }

    /// A new stream; `nil` where there are too many already or the server shuts down.
    ///
    /// - Parameter isAllowed: asked before each event; once it says no the stream ends.
    func stream(while isAllowed: @escaping @Sendable () -> Bool) -> ByteStream? {
        let number: UInt64? = state.withLock { state in
            guard !state.isDraining, state.streams.count < Self.maximumStreams else { return nil }
            state.lastStream += 1
            state.streams[state.lastStream] = .some(nil)
            return state.lastStream
        }
        guard let number else { return nil }
        let stream = OperatorStream(feed: self, number: number, isAllowed: isAllowed)
        return ByteStream { await stream.next() }
    }

    /// Ends all streams at once, and lets none begin.
    func drain() {
        let pauses = state.withLock { state in
            state.isDraining = true
            return state.streams.values.compactMap { $0 }
        }
        for pause in pauses { pause.cancel() }
    }

    var streamCount: Int { state.withLock { $0.streams.count } }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// What is true now, or was a moment ago where another stream has just asked.
    func view() -> View {
        let now = clock.now()
        return state.withLock { state in
            let known = state.view
            if var known, (now - known.at).magnitude < Self.interval.inSeconds / 2 {
                known.at = now
                return known
            }
            let members = source(now)
            let isSame = known?.members == members
            let view = View(version: (known?.version ?? 0) + (isSame ? 0 : 1), members: members, at: now)
            state.view = view
            return view
        }
    }

    /// Waits for an interval; less where the server begins to shut down or the waiting task is cancelled.
    fileprivate func pause(_ number: UInt64) async {
        let pause = Task<Void, Never> { [clock] in try? await clock.sleep(for: Self.interval) }
        let isDraining = state.withLock { state in
            state.streams[number] = pause
            return state.isDraining
        }
        if isDraining { pause.cancel() }
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
    }

    fileprivate func remove(_ number: UInt64) {
        state.withLock { $0.streams[number] = nil }
    }
}

/// One reader's place in the feed, which is free again when its stream is let go of, however that comes.
private final class OperatorStream: Sendable {
    private enum Piece { case event, comment, nothing }

    private struct State {
        /// The version that was sent last.
        var sent: UInt64?
        /// Intervals since the last piece.
        var silence = 0

        mutating func advance(to version: UInt64) -> Piece {
            let isNew = version != sent
            silence += 1
            guard isNew || silence >= OperatorFeed.silence else { return .nothing }
            silence = 0
            sent = version
            return isNew ? .event : .comment
        }
    }

    private let feed: OperatorFeed
    private let number: UInt64
    private let isAllowed: @Sendable () -> Bool
    private let state = Mutex(State())

    init(feed: OperatorFeed, number: UInt64, isAllowed: @escaping @Sendable () -> Bool) {
        self.feed = feed
        self.number = number
        self.isAllowed = isAllowed
    }

    deinit { feed.remove(number) }

    /// The next piece; `nil` at the end.
    func next() async -> [UInt8]? {
        while true {
            if state.withLock({ $0.sent != nil }) { await feed.pause(number) }
            guard !Task.isCancelled, !feed.isDraining, isAllowed() else { return nil }
            let view = feed.view()
            switch state.withLock({ $0.advance(to: view.version) }) {
            case .event: return ServerSentEvent.frame(data: view.document, event: "state")
            case .comment: return ServerSentEvent.commentFrame(" keep-alive")
            case .nothing: continue
            }
        }
    }
}
