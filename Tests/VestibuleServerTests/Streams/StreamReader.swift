import Synchronization
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

/// Reads a stream of events as a client does, comments and times to come back included.
struct StreamReader {
    private var pieces: ByteStream.AsyncIterator
    private var parser = ServerSentEventParser()
    private var ready: [ServerSentEvent] = []
    /// All that came, as text.
    private(set) var text = ""

    init(_ stream: ByteStream) {
        pieces = stream.makeAsyncIterator()
    }

    var retry: Duration? { parser.reconnectionTime }
    var lastEventID: String? { parser.lastEventID }

    /// The next event; `nil` at the end.
    mutating func event() async throws -> ServerSentEvent? {
        while ready.isEmpty {
            guard let piece = await pieces.next() else { return nil }
            text += String(decoding: piece, as: UTF8.self)
            ready += try parser.push(piece)
        }
        return ready.removeFirst()
    }

    /// The next message, without the events that carry none; `nil` at the end.
    mutating func message() async throws -> JSONValue? {
        while let event = try await event() {
            if !event.data.isEmpty { return try JSONValue(parsing: Array(event.data.utf8)) }
        }
        return nil
    }

    mutating func messages() async throws -> [JSONValue] {
        var messages: [JSONValue] = []
        while let message = try await message() { messages.append(message) }
        return messages
    }

    /// The next piece as text; `nil` at the end.
    mutating func piece() async -> String? {
        await pieces.next().map { String(decoding: $0, as: UTF8.self) }
    }
}

/// How a stream lost its reader.
final class Departures: Sendable {
    private let all = Mutex<[EventStream.Departure]>([])
    let first = Latch()

    func add(_ departure: EventStream.Departure) {
        all.withLock { $0.append(departure) }
        first.open()
    }

    var list: [EventStream.Departure] { all.withLock { $0 } }
}

extension Session {
    /// A session of no endpoint.
    static func alone(_ id: String) -> Session {
        let state = SessionState(version: .latestLegacy)
        let house = SessionStreams.House(
            configuration: StreamConfiguration(), clock: FakeClock(), budget: KeptBudget(limit: 0), changes: ChangeHub()
        )
        return Session(id: id, state: state, streams: SessionStreams(house, session: state))
    }
}
