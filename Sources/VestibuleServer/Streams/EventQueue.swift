internal import VestibuleProtocol

/// What one stream holds and how far its reader is: a value, so that every turn of it is tested without waiting.
///
/// Events are numbered from 0. Those in front of ``read`` were handed to the reader and stay only where the stream
/// keeps them for one that comes back; the others wait.
struct EventQueue: Sendable {
    struct Event: Sendable {
        let number: Int
        let frame: [UInt8]
        /// Of what is not read yet, one event with a key is enough.
        let key: String?
        /// Whether it is the answer to the request that the stream belongs to.
        let isAnswer: Bool
        /// Whether it counts as kept.
        var isKept = false
    }

    /// An event that counts as kept from now on.
    struct Kept: Sendable, Hashable {
        let number: Int
        let size: Int
        let isAnswer: Bool
    }

    struct Reader: Sendable {
        let ticket: Int
        var lastTaken: NumericDate
        /// The reader is let go of when it has everything in front of this number.
        var limit: Int?
        /// What it gets after its last event: comments, or when to come back.
        var notes: [[UInt8]] = []
        /// Events that fell out before it had them.
        var missed = 0
    }

    enum Step: Sendable {
        case piece([UInt8])
        case end
        case wait
    }

    /// Bytes that are handed over at once, unless one event has more.
    static let pieceSize = 16 << 10

    let queueSize: Int
    let keeps: Bool
    private(set) var events: [Event] = []
    /// How many of ``events`` were read.
    private(set) var read = 0
    /// Bytes of the others.
    private(set) var waiting = 0
    private(set) var next = 0
    private(set) var reader: Reader?
    private(set) var isFinished = false
    private var lastTicket = 0

    init(queueSize: Int, keeps: Bool) {
        self.queueSize = queueSize
        self.keeps = keeps
    }

    /// Whether somebody reads who is not about to be let go of.
    var isAttached: Bool { reader.map { $0.limit == nil } ?? false }

    /// Whether whoever writes has to wait for the reader first. Where nobody reads there is nobody to wait for.
    var isFull: Bool { isAttached && waiting >= queueSize }

    /// Whether something is ready for the reader, be it the end.
    var hasMore: Bool {
        guard let reader else { return false }
        return isFinished || reader.limit != nil || read < events.count || !reader.notes.isEmpty
    }

    // MARK: - Writing

    /// - Returns: what counts as kept because nobody reads; `nil` where the stream takes nothing any more.
    mutating func append(
        key: String? = nil, isAnswer: Bool = false, _ frame: (_ number: Int) -> [UInt8]
    ) -> [Kept]? {
        guard !isFinished else { return nil }
        if let key, events[read...].contains(where: { $0.key.map { $0.hasSameBytes(as: key) } ?? false }) { return [] }
        var event = Event(number: next, frame: frame(next), key: key, isAnswer: isAnswer)
        next += 1
        waiting += event.frame.count
        event.isKept = keeps && !isAttached
        events.append(event)
        return event.isKept ? [event.kept] : []
    }

    mutating func finish() { isFinished = true }

    // MARK: - Reading

    /// A new reader, who takes the place of one that is there.
    ///
    /// - Parameter last: the number of the event that it had last; `nil` where it had none.
    mutating func attach(after last: Int?, now: NumericDate) -> Int {
        lastTicket += 1
        read = 0
        waiting = 0
        let first = last.map { $0 + 1 } ?? 0
        for event in events {
            if event.number < first { read += 1 } else { waiting += event.frame.count }
        }
        var reader = Reader(ticket: lastTicket, lastTaken: now)
        reader.missed = max(0, next - max(0, min(first, next)) - (events.count - read))
        self.reader = reader
        return lastTicket
    }

    /// Lets go of the reader at once.
    ///
    /// - Returns: what counts as kept because nobody reads.
    mutating func detach() -> [Kept] {
        reader = nil
        guard keeps else {
            events = []
            (read, waiting) = (0, 0)
            isFinished = true
            return []
        }
        var kept: [Kept] = []
        for index in events.indices where !events[index].isKept {
            events[index].isKept = true
            kept.append(events[index].kept)
        }
        return kept
    }

    /// Lets go of the reader when it has what is there now, and this.
    mutating func dismiss(with notes: [[UInt8]]) {
        guard reader != nil else { return }
        reader?.notes += notes
        if reader?.limit == nil { reader?.limit = next }
    }

    /// Says something to the reader, after the events that wait.
    mutating func note(_ frame: [UInt8]) { reader?.notes.append(frame) }

    /// What the reader gets next, and what counts as kept because it has it.
    mutating func take() -> (step: Step, kept: [Kept]) {
        guard let reader else { return (.end, []) }
        if reader.missed > 0 {
            self.reader?.missed = 0
            let messages = reader.missed == 1 ? "1 message" : "\(reader.missed) messages"
            let line = " \(messages) of this stream fell out of what the session keeps and cannot be sent again"
            return (.piece(ServerSentEvent.commentFrame(line)), [])
        }
        var piece: [UInt8] = []
        var kept: [Kept] = []
        let first = read
        while read < events.count, events[read].number < reader.limit ?? .max {
            let frame = events[read].frame
            guard piece.isEmpty || piece.count + frame.count <= Self.pieceSize else { break }
            if piece.isEmpty { piece = frame } else { piece += frame }
            waiting -= frame.count
            if keeps, !events[read].isKept {
                events[read].isKept = true
                kept.append(events[read].kept)
            }
            read += 1
        }
        if !keeps, read > first {
            events.removeFirst(read)
            read = 0
        }
        if !piece.isEmpty { return (.piece(piece), kept) }
        if let note = reader.notes.first {
            self.reader?.notes.removeFirst()
            return (.piece(note), [])
        }
        return (isFinished || reader.limit != nil ? .end : .wait, [])
    }

    /// The reader came for more, or got something.
    mutating func touch(now: NumericDate) { reader?.lastTaken = now }

    // MARK: - What is kept

    /// Drops a kept event.
    mutating func forget(_ number: Int) {
        guard let index = events.firstIndex(where: { $0.number == number }) else { return }
        if index < read {
            read -= 1
        } else {
            waiting -= events[index].frame.count
            if reader != nil { reader?.missed += 1 }
        }
        events.remove(at: index)
    }

    /// Whether the answer, which came, can still be sent.
    var hasLostAnswer: Bool { isFinished && !(events.last?.isAnswer ?? false) }
}

extension EventQueue.Event {
    fileprivate var kept: EventQueue.Kept {
        EventQueue.Kept(number: number, size: frame.count, isAnswer: isAnswer)
    }
}
