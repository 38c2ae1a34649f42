internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

/// The answer to one request while it is made: plain JSON, unless a message is sent before the answer is there. From
/// that moment on it is a stream of events, which the answer ends.
///
/// Which of the two it becomes is decided once, by whoever comes first: a message or the answer.
final class ReplyStream: Sendable {
    /// What the stream is once there is one; it differs with the era.
    struct Carrier: Sendable {
        /// Makes the stream; `nil` where none can be had, and messages are dropped.
        var open: @Sendable (ReplyStream) -> EventStream?
        /// Begins the reading; its terms say when the stream has to end.
        var attach: @Sendable (EventStream, ReplyStream) -> ByteStream
        /// Whether the stream begins with an event that has an id and nothing else.
        var primes = false
        /// Whether the call ends when its reader goes (modern era), rather than going on for one that comes back.
        var endsWithReader = false
        /// What is told of the answer, once it is there, where it went out on a stream.
        var onAnswer: @Sendable (Answer) -> Void = { _ in }
    }

    private enum State {
        /// Nothing was sent, and the answer is not there.
        case silent(CheckedContinuation<Answer, Never>?)
        /// What answers the request is there, before anybody waits for it: the answer, or the stream.
        case ready(Answer, EventStream?)
        case streaming(EventStream)
        case over
    }

    private let carrier: Carrier
    private let state = Mutex(State.silent(nil))
    private let task = Mutex<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

    init(_ carrier: Carrier) {
        self.carrier = carrier
    }

    // MARK: - The answer

    /// Does the work and returns its answer; or, as soon as it sends a message, the answer that is a stream. The work
    /// then goes on.
    ///
    /// - Parameter running: keeps the work in view of the server's end.
    func answer(_ running: RunningReplies, _ work: @escaping @Sendable () async -> Answer) async -> Answer {
        keep(running.run { self.finish(await work()) })
        return await withTaskCancellationHandler {
            await decided()
        } onCancel: {
            cancel()
        }
    }

    private func decided() async -> Answer {
        await withCheckedContinuation { continuation in
            let answer: Answer? = state.withLock { state in
                switch state {
                case .silent:
                    state = .silent(continuation)
                    return nil
                case .ready(let answer, let events):
                    state = events.map { $0.isFinished ? .over : .streaming($0) } ?? .over
                    return answer
                case .streaming, .over:
                    return Answer(500)
                }
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the exchange with the answer. Of several, the first counts.
    func finish(_ answer: Answer) {
        let (waiter, events) = state.withLock { state -> (CheckedContinuation<Answer, Never>?, EventStream?) in
            switch state {
            case .silent(let waiter):
                state = waiter == nil ? .ready(answer, nil) : .over
                return (waiter, nil)
            case .ready(_, let events):
                return (nil, events)
            case .streaming(let events):
                state = .over
                return (nil, events)
            case .over:
                return (nil, nil)
            }
        }
        waiter?.resume(returning: answer)
        guard let events else { return }
        events.finish(answer.isWithdrawn ? nil : answer.body)
        var answer = answer
        // What the client saw of the status went out with the first message.
        answer.status = 200
        carrier.onAnswer(answer)
    }

    // MARK: - Messages before it

    /// Sends a message that belongs to the request. Waits while the client reads slowly.
    ///
    /// - Returns: whether it is on its way; not so once the answer is there.
    func tell(_ message: RPCMessage) async -> Bool {
        await tell(message.json.serialized)
    }

    private func tell(_ message: [UInt8]) async -> Bool {
        let (stream, isSent) = begin(with: message)
        guard let stream, !isSent else { return isSent }
        return await stream.send(message)
    }

    /// The same without waiting: for the few words that end a question.
    func tellAtOnce(_ message: RPCMessage) { begun?.offer(message.json.serialized) }

    /// Ends the reader's part of the stream, which goes on for one that comes back (MCP 2025-11-25, polling).
    func closeReader(_ line: String? = nil, retry: Duration? = nil) {
        begin().stream?.dismiss(line, retry: retry)
    }

    /// The stream, which begins now unless it has; `nil` where the answer was first, or no stream can be had.
    ///
    /// - Parameter message: is the first on it, where it begins: so a stream that begins has at least that.
    private func begin(with message: [UInt8]? = nil) -> (stream: EventStream?, isSent: Bool) {
        var (waiter, answer): (CheckedContinuation<Answer, Never>?, Answer?)
        let events: EventStream? = state.withLock { state in
            switch state {
            case .streaming(let events): return events
            case .ready(_, let events): return events
            case .over: return nil
            case .silent(let waiting):
                guard let events = carrier.open(self) else { return nil }
                var begun = Answer.events(carrier.attach(events, self))
                begun.isObservedLater = true
                if carrier.primes { events.prime() }
                if let message { events.offer(message) }
                state = waiting == nil ? .ready(begun, events) : .streaming(events)
                (waiter, answer) = (waiting, begun)
                return events
            }
        }
        if let waiter, let answer { waiter.resume(returning: answer) }
        return (events, answer != nil && message != nil)
    }

    private var begun: EventStream? {
        state.withLock { state in
            switch state {
            case .streaming(let events): events
            case .ready(_, let events): events
            case .silent, .over: nil
            }
        }
    }

    // MARK: - The end of the work

    /// The reader of the stream has gone, or takes nothing.
    func readerDeparted() {
        if carrier.endsWithReader { cancel() }
    }

    /// Cancels the work.
    func cancel() {
        let task = task.withLock { task in
            task.isCancelled = true
            return task.task
        }
        task?.cancel()
    }

    private func keep(_ task: Task<Void, Never>) {
        let isCancelled = self.task.withLock { kept in
            kept.task = task
            return kept.isCancelled
        }
        if isCancelled { task.cancel() }
    }
}

/// Messages that belong to a request of the modern era.
extension ReplyStream: MessageSink {
    func send(_ message: JSONValue) async {
        _ = await tell(message.serialized)
    }
}
