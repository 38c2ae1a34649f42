internal import Synchronization
internal import VestibuleAuth
internal import VestibuleProtocol

/// The streams of one legacy session: those of its requests, those that a GET opened, and what is kept of them for a
/// client that comes back (MCP 2025-11-25, Streamable HTTP: Resumability and Redelivery).
///
/// The id of an event names its stream and its number there. What is kept is bounded
/// (``StreamConfiguration/keptEvents``, ``StreamConfiguration/keptBytes``), and who comes back for what fell out is told
/// so: for messages by a comment, for an answer by an error in its place.
final class SessionStreams: Sendable {
    /// What the streams of all sessions of an endpoint share.
    struct House: Sendable {
        let configuration: StreamConfiguration
        let clock: any WallClock
        let budget: KeptBudget
        let changes: ChangeHub
    }

    private struct Entry {
        let stream: EventStream
        /// Whose answer ends the stream; `nil` for one that a GET opened.
        let request: RequestID?
        /// Whether it may carry what depends on the session's owner.
        let isOwners: Bool
    }

    private struct State {
        var streams: [Int: Entry] = [:]
        /// Numbers of those that a GET opened, the latest last.
        var standing: [Int] = []
        var last = 0
        var kept = KeptEvents()
        var listener: ChangeSubscription?
        var isEnded = false
    }

    let house: House
    let session: SessionState
    let questions: Questions
    private let state = Mutex(State())

    init(_ house: House, session: SessionState) {
        self.house = house
        self.session = session
        self.questions = Questions(
            maximum: house.configuration.maximumQuestions, timeout: house.configuration.questionTimeout,
            clock: house.clock)
    }

    deinit { end() }

    var configuration: StreamConfiguration { house.configuration }
    /// Streams that are open or of which something is kept.
    var count: Int { state.withLock { $0.streams.count } }
    var keptBytes: Int { state.withLock { $0.kept.bytes } }
    var keptEvents: Int { state.withLock { $0.kept.count } }

    // MARK: - Streams of requests

    /// A stream for the messages of a request; `nil` where the session has ended or has too many.
    func open(for request: RequestID, isOwners: Bool) -> EventStream? { insert(request, isOwners: isOwners) }

    private func insert(_ request: RequestID?, isOwners: Bool) -> EventStream? {
        let (stream, freed) = state.withLock { state -> (EventStream?, Int) in
            var freed = 0
            guard !state.isEnded else { return (nil, 0) }
            if state.streams.count >= configuration.maximumPerSession {
                let idle = state.streams.filter { number, entry in
                    !entry.stream.isAttached && (entry.stream.isFinished || entry.request == nil)
                        && state.standing.last != number
                }
                guard let oldest = idle.keys.min() else { return (nil, 0) }
                freed = Self.remove(oldest, &state)
            }
            state.last += 1
            let number = state.last
            let stream = EventStream(.init(configuration), number: number, clock: house.clock) { [weak self] kept in
                self?.keep(kept, of: number)
            } onDeparture: { _ in
            }
            state.streams[number] = Entry(stream: stream, request: request, isOwners: isOwners)
            if request == nil { state.standing.append(number) }
            return (stream, freed)
        }
        if freed > 0 { _ = house.budget.change(by: -freed) }
        return stream
    }

    /// - Returns: the bytes that were kept of it.
    private static func remove(_ number: Int, _ state: inout State) -> Int {
        let before = state.kept.bytes
        state.streams[number] = nil
        state.standing.removeAll { $0 == number }
        state.kept.remove(stream: number)
        return before - state.kept.bytes
    }

    private func keep(_ kept: [EventQueue.Kept], of number: Int) {
        let added = kept.reduce(0) { $0 + $1.size }
        let excess = house.budget.change(by: added)
        let (dropped, freed) = state.withLock { state -> ([(EventStream, Int)], Int) in
            guard !state.isEnded, state.streams[number] != nil else { return ([], added) }
            for event in kept {
                state.kept.add(
                    KeptEvents.Item(stream: number, number: event.number, size: event.size), isAnswer: event.isAnswer)
            }
            let items = state.kept.overflow(
                events: configuration.keptEvents, bytes: configuration.keptBytes, excess: excess)
            return (
                items.compactMap { item in state.streams[item.stream].map { ($0.stream, item.number) } },
                items.reduce(0) { $0 + $1.size }
            )
        }
        if freed > 0 { _ = house.budget.change(by: -freed) }
        for (stream, event) in dropped { stream.forget(event) }
    }

    // MARK: - Coming back

    enum Resumption: Sendable {
        case stream(ByteStream)
        /// Nothing is known of the event that was named.
        case unknown
    }

    /// What followed an event on its own stream, and then what comes (`Last-Event-ID`).
    func resume(after id: String, terms: EventStream.Terms) -> Resumption {
        guard let place = EventID(id), let entry = state.withLock({ $0.streams[place.stream] }) else { return .unknown }
        if let request = entry.request, entry.stream.hasLostAnswer {
            let line = "the answer to this request fell out of what the session keeps; send the request again"
            let error = RPCError(410, line, data: ["detail": .string(line)])
            let piece = ServerSentEvent.frame(data: RPCMessage.error(id: request, error).json.serialized)
            let said = Atomic(false)
            return .stream(ByteStream { said.exchange(true, ordering: .relaxed) ? nil : piece })
        }
        return .stream(entry.stream.attach(after: place.number, terms: terms))
    }

    // MARK: - Streams that a GET opened

    /// A stream for messages that belong to no request. Beyond ``StreamConfiguration/maximumStanding`` the oldest ends.
    ///
    /// - Parameter isOwners: whether it was opened with a token of the session's owner.
    func stand(isOwners: Bool, primes: Bool, terms: EventStream.Terms) -> ByteStream? {
        guard let stream = insert(nil, isOwners: isOwners) else { return nil }
        let pieces = stream.attach(terms: terms)
        if primes { stream.prime() }
        listen()
        let open = state.withLock { state in
            state.standing.compactMap { state.streams[$0]?.stream }.filter(\.isAttached)
        }
        for oldest in open.dropLast(configuration.maximumStanding) {
            oldest.dismiss("closed: the session has opened \(configuration.maximumStanding) streams since by GET")
        }
        return pieces
    }

    /// Ends the streams that a GET opened: the server shuts down.
    func dismissStanding(_ line: String) {
        let streams = state.withLock { state in state.standing.compactMap { state.streams[$0]?.stream } }
        for stream in streams { stream.dismiss(line) }
    }

    /// Ends those of them that counted as the owner's: whoever opened them is not known to be the owner.
    func dismissOwners(_ line: String) {
        let streams = state.withLock { state in
            state.standing.compactMap { state.streams[$0] }.filter(\.isOwners).map(\.stream)
        }
        for stream in streams { stream.dismiss(line) }
    }

    /// Sends a message that belongs to no running request, on one stream: the latest that is open, or else the latest
    /// that can be resumed.
    func tell(_ message: RPCMessage, key: String? = nil, isOwners: Bool) {
        let streams = state.withLock { state in
            state.standing.reversed().compactMap { state.streams[$0] }.filter { $0.isOwners || !isOwners }
                .map(\.stream)
        }
        guard let stream = streams.first(where: \.isAttached) ?? streams.first else { return }
        stream.offer(message.json.serialized, key: key)
    }

    private func listen() {
        let session = session
        let isNeeded = state.withLock { $0.listener == nil && !$0.isEnded }
        guard isNeeded else { return }
        let changes = house.changes.subscribe { change in
            if case .resource(let uri) = change { return session.isSubscribed(to: uri) }
            return change.notification != nil
        }
        let isFirst = state.withLock { state in
            guard state.listener == nil, !state.isEnded else { return false }
            state.listener = changes
            return true
        }
        guard isFirst else { return changes.end() }
        Task { [weak self] in
            while let change = await changes.next() {
                guard let message = change.notification else { continue }
                self?.tell(.notification(method: message.method, params: message.params), change)
            }
        }
    }

    private func tell(_ message: RPCMessage, _ change: ServerChange) {
        tell(message, key: change.key, isOwners: change.dependsOnPrincipal)
    }

    // MARK: - The end

    /// The session has ended, and so do its streams.
    func end() {
        let (streams, listener, kept) = state.withLock { state in
            defer {
                state.isEnded = true
                state.streams = [:]
                state.standing = []
                state.listener = nil
                state.kept = KeptEvents()
            }
            return (state.streams.values.map(\.stream), state.listener, state.kept.bytes)
        }
        if kept > 0 { _ = house.budget.change(by: -kept) }
        listener?.end()
        questions.end()
        for stream in streams {
            stream.dismiss("closed: the session has ended; initialize again")
            stream.finish()
        }
    }
}

/// The id of an event: the number of its stream in the session, and its own there.
struct EventID: Sendable, Hashable {
    let stream: Int
    let number: Int

    /// Reads what ``SessionStreams`` gave out; `nil` for anything else.
    init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 2, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && part.count <= 18 ? Int(String(Substring(part))) : nil
        }
        guard parts.count == 2, numbers.count == 2 else { return nil }
        (stream, number) = (numbers[0], numbers[1])
    }
}
