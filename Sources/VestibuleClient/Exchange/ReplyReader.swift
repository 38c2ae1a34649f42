internal import HTTPTypes
internal import VestibuleProtocol

/// How far a stream of events was read, and how it wants to be read on.
struct StreamPosition: Sendable, Hashable {
    /// The id of the last event that had one.
    var lastEventID: String?
    /// How long to wait before connecting again, as the server said.
    var retry: Duration?
    /// How many events came through this connection.
    var events = 0
}

/// How reading ended.
enum ReadingEnd: Sendable {
    /// With the answer: a result, or an error of the server.
    case answered(Result<JSONValue, RPCError>)
    /// The stream ended, or broke, before the answer came.
    case interrupted(StreamPosition, TransportError?)
}

/// Finds the answer to one request in what the server sends back, as JSON or as a stream of events.
struct ReplyReader: Sendable {
    /// How many requests of the server are answered while one of ours waits.
    static let maximumServerRequests = 100
    /// How many of them are answered at the same time; the stream is not read on until one is done.
    static let maximumHandlers = 8

    /// `nil` for a stream that answers no request.
    var requestID: RequestID?
    var what: String
    /// Bytes of one message.
    var maximumSize: Int
    /// Bytes of one stream in all.
    var maximumStreamSize: Int
    /// Called for each event, also for one that carries nothing.
    var onEvent: @Sendable () -> Void = {}
    /// Called for every notification that comes before the answer. The stream is read on when it returns.
    var onNotification: @Sendable (RPCMessage) async -> Void
    /// Whether a request of the server takes no time to answer, and so is answered before the stream is read on.
    var isQuick: @Sendable (RPCMessage) -> Bool
    /// Called for every request of the server, beside the reading.
    var onRequest: @Sendable (RPCMessage) async -> Void

    /// - Throws: ``MCPClientError`` (`protocolViolation`, `replyTooLarge`), ``TransportError`` where a reply that is no
    ///   stream breaks off.
    func read(_ response: TransportResponse) async throws -> ReadingEnd {
        let type = response.fields[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        switch String(type).trimmingSpaces {
        case "application/json" where requestID != nil:
            let bytes = try await response.bytes(upTo: maximumSize)
            for message in try messages(in: bytes) {
                if let answer = answer(in: message) { return .answered(answer) }
            }
            throw violation("the reply answers another request")
        case "text/event-stream":
            return try await read(events: response.body)
        default:
            throw violation(
                "the reply is \(type.isEmpty ? "of no type" : type.firstLine), neither JSON nor an event stream; "
                    + "something other than an MCP server seems to answer: check the URL")
        }
    }

    private func read(events body: TransportBody) async throws -> ReadingEnd {
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Once the answer is here, the server waits for none of ours any more.
            defer { group.cancelAll() }
            var parser = ServerSentEventParser(maximumLineLength: maximumSize, maximumEventSize: maximumSize)
            var position = StreamPosition()
            var size = 0
            var questions = 0
            var running = 0
            var pieces = body.makeAsyncIterator()
            while true {
                let piece: [UInt8]
                do {
                    guard let next = try await pieces.next() else { break }
                    piece = next
                } catch let error as TransportError where !error.isTimeout {
                    return .interrupted(position, error)
                }
                guard piece.count <= maximumStreamSize - size else {
                    throw MCPClientError.streamTooLarge(maximumStreamSize, what)
                }
                size += piece.count
                let events: [ServerSentEvent]
                do {
                    events = try parser.push(piece)
                } catch {
                    throw MCPClientError(.replyTooLarge, "\(what): \(error)")
                }
                // Also an event without data sets them, as a priming event does.
                position.lastEventID = parser.lastEventID.flatMap { $0.isEmpty ? nil : $0 }
                position.retry = parser.reconnectionTime
                for event in events {
                    position.events += 1
                    onEvent()
                    guard event.event == "message", !event.data.isEmpty else { continue }
                    for message in try messages(in: Array(event.data.utf8)) {
                        if let answer = answer(in: message) { return .answered(answer) }
                        switch message {
                        case .notification: await onNotification(message)
                        case .request:
                            questions += 1
                            guard requestID == nil || questions <= Self.maximumServerRequests else {
                                throw violation(
                                    "the server asks more than \(Self.maximumServerRequests) times before it answers")
                            }
                            // A ping wants to be answered now, however many handlers are busy.
                            if isQuick(message) {
                                await onRequest(message)
                                continue
                            }
                            if running == Self.maximumHandlers {
                                try await group.next()
                                running -= 1
                            }
                            group.addTask { [onRequest] in await onRequest(message) }
                            running += 1
                        case .result, .error: break
                        }
                    }
                }
            }
            // A handler may still be busy with what the server asked; its answer is what the server waits for.
            try await group.waitForAll()
            return .interrupted(position, nil)
        }
    }

    /// One message, or several: revision 2025-03-26 still knows batches.
    private func messages(in bytes: [UInt8]) throws -> [RPCMessage] {
        let json: JSONValue
        do {
            json = try JSONParser(limits: JSONLimits(maximumSize: maximumSize)).parse(bytes)
        } catch {
            throw violation("the reply is not acceptable JSON: \(error)")
        }
        let values = json.array ?? [json]
        let messages = values.compactMap(RPCMessage.init(json:))
        guard messages.count == values.count, !messages.isEmpty else {
            throw violation("the reply is JSON, but not JSON-RPC; no MCP server seems to answer: check the URL")
        }
        return messages
    }

    private func answer(in message: RPCMessage) -> Result<JSONValue, RPCError>? {
        guard let requestID else { return nil }
        return switch message {
        case .result(let id, let result) where id == requestID: .success(result)
        case .error(let id, let error) where id == nil || id == requestID: .failure(error)
        default: nil
        }
    }

    private func violation(_ problem: String) -> MCPClientError {
        MCPClientError(.protocolViolation, "\(what): \(problem)")
    }
}

extension MCPClientError {
    static func streamTooLarge(_ limit: Int, _ what: String) -> MCPClientError {
        MCPClientError(
            .replyTooLarge,
            "\(what): the stream has more than \(limit) bytes; raise maximumStreamSize if it is meant to")
    }
}
