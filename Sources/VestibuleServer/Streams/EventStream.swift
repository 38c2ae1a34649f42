internal import Synchronization
internal import VestibuleProtocol

/// One stream of server-sent events, between whoever writes to it and the one peer that reads.
///
/// Whoever writes waits while ``StreamConfiguration/queueSize`` bytes wait for the reader. One task a stream watches
/// the clock: for silence (a comment), for a reader that takes nothing (``Departure/stalled``), for the hour at which
/// the stream has to end, and for what else it depends on.
final class EventStream: Sendable {
    struct Traits: Sendable {
        var queueSize: Int
        var stall: Duration
        /// `nil` for streams that are no events.
        var keepAlive: Duration?

        init(_ configuration: StreamConfiguration) {
            queueSize = configuration.queueSize
            stall = configuration.stall
            keepAlive = configuration.keepAlive
        }
    }

    /// How a stream lost its reader before its end.
    enum Departure: Sendable {
        /// The peer went away.
        case left
        /// The peer took nothing of what was ready for it.
        case stalled
    }

    /// What a stream depends on beside its reader.
    struct Terms: Sendable {
        /// When the access token expires, and the stream with it.
        var expiry: NumericDate?
        /// Asked at least as often as comments are sent; a line says why the stream ends now.
        var problem: (@Sendable () async -> String?)?
        /// Ends the stream, with a line that says why.
        var end: @Sendable (EventStream, String) -> Void = { stream, line in stream.dismiss(line) }

        init(expiry: NumericDate? = nil) {
            self.expiry = expiry
        }
    }

    private struct State {
        var queue: EventQueue
        var waiter: CheckedContinuation<[UInt8]?, Never>?
        var producers: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastProducer = 0
        var watch: Task<Void, Never>?
        var terms = Terms()
    }

    /// What is to be done once the state is left alone.
    private struct Effects {
        var waiter: CheckedContinuation<[UInt8]?, Never>?
        var piece: [UInt8]?
        var producers: [CheckedContinuation<Void, Never>] = []
        var kept: [EventQueue.Kept] = []
        var watch: Task<Void, Never>?
        var departure: Departure?
    }

    private let traits: Traits
    private let clock: any WallClock
    /// The stream's number in its session, which the ids of its events begin with. Without one they have no ids.
    private let number: Int?
    private let keep: (@Sendable ([EventQueue.Kept]) -> Void)?
    private let onDeparture: @Sendable (Departure) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - number: for the ids of events.
    ///   - keep: told of what counts as kept; `nil` for a stream that keeps nothing, and ends when its reader goes.
    init(
        _ traits: Traits, number: Int? = nil, clock: any WallClock,
        keep: (@Sendable ([EventQueue.Kept]) -> Void)? = nil, onDeparture: @escaping @Sendable (Departure) -> Void
    ) {
        self.traits = traits
        self.clock = clock
        self.number = number
        self.keep = keep
        self.onDeparture = onDeparture
        self.state = Mutex(State(queue: EventQueue(queueSize: traits.queueSize, keeps: keep != nil)))
    }

    deinit {
        state.withLock { $0.watch }?.cancel()
    }

    var isAttached: Bool { state.withLock { $0.queue.isAttached } }
    var isFinished: Bool { state.withLock { $0.queue.isFinished } }
    var hasLostAnswer: Bool { state.withLock { $0.queue.hasLostAnswer } }
    /// Whether the reader waits for more.
    var isAwaited: Bool { state.withLock { $0.waiter != nil } }
    /// Bytes that wait for the reader.
    var waitingBytes: Int { state.withLock { $0.queue.waiting } }

    // MARK: - Writing

    /// Sends a message as an event. Waits while the reader is slow.
    ///
    /// - Returns: whether it is on its way, or kept; not so once the stream has ended.
    @discardableResult
    func send(_ message: [UInt8]) async -> Bool {
        guard await waitForRoom() else { return false }
        return offer(message)
    }

    @discardableResult
    func send(frame: [UInt8]) async -> Bool {
        guard await waitForRoom() else { return false }
        return append { _ in frame }
    }

    /// Sends a message without waiting, unless one with that key waits for the reader already.
    @discardableResult
    func offer(_ message: [UInt8], key: String? = nil) -> Bool {
        append(key: key) { self.frame(message, $0) }
    }

    /// An event with an id and nothing else, from which the stream can be resumed (MCP 2025-11-25).
    func prime() { offer([]) }

    /// Ends the stream with the answer, or without one.
    func finish(_ answer: [UInt8]? = nil) {
        change { state, effects in
            if let answer { effects.kept += state.queue.append(isAnswer: true) { self.frame(answer, $0) } ?? [] }
            state.queue.finish()
        }
    }

    private func frame(_ message: [UInt8], _ event: Int) -> [UInt8] {
        ServerSentEvent.frame(data: message, id: number.map { "\($0)-\(event)" })
    }

    private func append(key: String? = nil, _ frame: (Int) -> [UInt8]) -> Bool {
        change { state, effects in
            guard let kept = state.queue.append(key: key, frame) else { return false }
            effects.kept += kept
            return true
        }
    }

    /// - Returns: whether the stream takes more.
    private func waitForRoom() async -> Bool {
        while !Task.isCancelled {
            let place: Int? = state.withLock { state in
                guard state.queue.isFull, !state.queue.isFinished else { return nil }
                state.lastProducer += 1
                return state.lastProducer
            }
            guard let place else { return true }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let goesOn = state.withLock { state in
                        guard state.queue.isFull, !state.queue.isFinished, !Task.isCancelled else { return true }
                        state.producers[place] = continuation
                        return false
                    }
                    if goesOn { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.producers.removeValue(forKey: place) }?.resume()
            }
        }
        return false
    }

    // MARK: - Reading

    /// A reader, who takes the place of one that is there: of all that is kept, or of what followed an event.
    func attach(after last: Int? = nil, terms: Terms = Terms()) -> ByteStream {
        let ticket = change { state, effects in
            effects.waiter = state.waiter
            effects.watch = state.watch
            (state.waiter, state.watch) = (nil, nil)
            state.terms = terms
            return state.queue.attach(after: last, now: clock.now())
        }
        let watch = watch(ticket)
        let isOutdated = state.withLock { state in
            guard state.queue.reader?.ticket == ticket else { return true }
            state.watch = watch
            return false
        }
        if isOutdated { watch.cancel() }
        return ByteStream { [self] in
            await next(ticket)
        } onCancel: { [self] in
            depart(ticket, .left)
        }
    }

    /// Ends the reader's part: it gets what is there now, then the line as a comment. The stream itself goes on, where
    /// it keeps what comes.
    func dismiss(_ line: String? = nil, retry: Duration? = nil) {
        change { state, effects in
            var notes = line.map { [ServerSentEvent.commentFrame(" " + $0)] } ?? []
            if let retry { notes.append(ServerSentEvent.retryFrame(retry)) }
            state.queue.dismiss(with: notes)
        }
    }

    /// Says something to whoever reads, beside the events.
    func note(_ line: String) {
        change { state, _ in state.queue.note(ServerSentEvent.commentFrame(" " + line)) }
    }

    private func next(_ ticket: Int) async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                change { state, effects in
                    guard state.queue.reader?.ticket == ticket, state.waiter == nil else {
                        effects.waiter = continuation
                        return
                    }
                    state.waiter = continuation
                    state.queue.touch(now: clock.now())
                }
            }
        } onCancel: {
            depart(ticket, .left)
        }
    }

    private func depart(_ ticket: Int, _ departure: Departure) {
        change { state, effects in
            guard state.queue.reader?.ticket == ticket else { return }
            // Who has gone when all was said has missed nothing.
            if !state.queue.isFinished || state.queue.hasMore { effects.departure = departure }
            Self.end(&state, &effects)
        }
    }

    /// Drops what was kept of an event.
    func forget(_ number: Int) {
        change { state, _ in state.queue.forget(number) }
    }

    // MARK: - The clock

    private func watch(_ ticket: Int) -> Task<Void, Never> {
        let (clock, first) = (clock, pause(ticket, now: clock.now()))
        return Task { [weak self] in
            var pause = first
            while let duration = pause, (try? await clock.sleep(for: duration)) != nil {
                pause = await self?.look(ticket)
            }
        }
    }

    /// - Returns: when to look again; `nil` where there is nothing to look after.
    private func look(_ ticket: Int) async -> Duration? {
        let terms = state.withLock { $0.terms }
        var reason = await terms.problem?()
        let now = clock.now()
        change { state, effects in
            guard let reader = state.queue.reader, reader.ticket == ticket else { return }
            if let expiry = state.terms.expiry, expiry - now < Self.grace {
                reason = reason ?? "closed (token_expired): \(Self.line(expiry))"
                state.terms.expiry = nil
            }
            let silence = now - reader.lastTaken + Self.grace
            if state.waiter == nil {
                guard state.queue.hasMore, silence >= traits.stall.inSeconds else { return }
                effects.departure = .stalled
                Self.end(&state, &effects)
            } else if let keepAlive = traits.keepAlive, silence >= keepAlive.inSeconds, !state.queue.hasMore {
                effects.waiter = state.waiter
                effects.piece = ServerSentEvent.commentFrame()
                state.waiter = nil
                state.queue.touch(now: now)
            }
        }
        // Meanwhile another reader may have come, on other terms.
        if let reason, state.withLock({ $0.queue.reader?.ticket == ticket }) { terms.end(self, reason) }
        return pause(ticket, now: now)
    }

    /// What is said where a stream ends with its token.
    static func line(_ expiry: NumericDate) -> String {
        "the access token of this stream expired at \(expiry); come back with a fresh one"
    }

    private func pause(_ ticket: Int, now: NumericDate) -> Duration? {
        state.withLock { state in
            guard let reader = state.queue.reader, reader.ticket == ticket else { return nil }
            let marks = [
                traits.keepAlive.map { reader.lastTaken + $0 }, reader.lastTaken + traits.stall, state.terms.expiry,
            ]
            if let expiry = state.terms.expiry, expiry - now < Self.grace { return .milliseconds(1) }
            let ahead = marks.compactMap { $0.map { $0 - now } }.filter { $0 >= Self.grace }
            let longest = (traits.keepAlive ?? traits.stall).inSeconds
            return .seconds(max(0.001, min(ahead.min() ?? longest, longest)))
        }
    }

    /// At today's dates a Double knows the time to 0.2 µs only.
    private static let grace = 1e-5

    // MARK: - Every change

    /// Changes the state, hands the reader what is ready for it, and lets go on whoever waited for room.
    @discardableResult
    private func change<Value>(_ body: (inout State, inout Effects) -> Value) -> Value {
        var effects = Effects()
        let value = state.withLock { state in
            let value = body(&state, &effects)
            if let waiter = state.waiter, effects.waiter == nil {
                let (step, kept) = state.queue.take()
                effects.kept += kept
                switch step {
                case .wait: break
                case .piece(let piece):
                    (effects.waiter, effects.piece) = (waiter, piece)
                    state.waiter = nil
                    state.queue.touch(now: clock.now())
                case .end:
                    Self.end(&state, &effects)
                }
            }
            if !state.producers.isEmpty, !state.queue.isFull || state.queue.isFinished {
                effects.producers = Array(state.producers.values)
                state.producers = [:]
            }
            return value
        }
        effects.watch?.cancel()
        effects.waiter?.resume(returning: effects.piece)
        for producer in effects.producers { producer.resume() }
        if let keep, !effects.kept.isEmpty { keep(effects.kept) }
        if let departure = effects.departure { onDeparture(departure) }
        return value
    }

    /// The reader has nothing more to get.
    private static func end(_ state: inout State, _ effects: inout Effects) {
        effects.kept += state.queue.detach()
        effects.waiter = state.waiter
        effects.watch = state.watch
        (state.waiter, state.watch) = (nil, nil)
        state.terms = Terms()
    }
}

extension ServerSentEvent {
    /// When to come back, without an event.
    static func retryFrame(_ pause: Duration) -> [UInt8] {
        let (seconds, attoseconds) = pause.components
        let milliseconds = max(0, min(seconds, 86_400)) * 1000 + max(0, attoseconds / 1_000_000_000_000_000)
        return Array("retry: \(milliseconds)\n\n".utf8)
    }
}
