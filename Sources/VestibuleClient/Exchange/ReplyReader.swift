internal import HTTPTypes
internal import VestibuleProtocol

/// Finds the answer to one request in what the server sends back, as JSON or as a stream of events.
struct ReplyReader: Sendable {
    /// How many requests of the server are answered while one of ours waits.
    static let maximumServerRequests = 100

    var requestID: RequestID
    var what: String
    var maximumSize: Int
    /// Called for every other message that comes before the answer.
    var onMessage: @Sendable (RPCMessage) async throws -> Void

    /// The answer: a result, or an error of the server.
    ///
    /// - Throws: ``MCPClientError`` (`protocolViolation`, `replyTooLarge`), ``TransportError`` where the connection
    ///   breaks first.
    func answer(in response: TransportResponse) async throws -> Result<JSONValue, RPCError> {
        let type = response.fields[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        switch String(type).trimmingSpaces {
        case "application/json":
            let bytes = try await response.bytes(upTo: maximumSize)
            for message in try messages(in: bytes) {
                if let answer = answer(in: message) { return answer }
            }
            throw violation("the reply answers another request")
        case "text/event-stream":
            return try await answer(inEvents: response.body)
        default:
            throw violation(
                "the reply is \(type.isEmpty ? "of no type" : type.firstLine), neither JSON nor an event stream; "
                    + "something other than an MCP server seems to answer: check the URL")
        }
    }

    private func answer(inEvents body: TransportBody) async throws -> Result<JSONValue, RPCError> {
        var parser = ServerSentEventParser(maximumLineLength: maximumSize, maximumEventSize: maximumSize)
        var size = 0
        var questions = 0
        for try await piece in body {
            guard piece.count <= maximumSize - size else { throw MCPClientError.replyTooLarge(maximumSize) }
            size += piece.count
            let events: [ServerSentEvent]
            do {
                events = try parser.push(piece)
            } catch {
                throw MCPClientError(.replyTooLarge, "\(what): \(error)")
            }
            for event in events where event.event == "message" && !event.data.isEmpty {
                for message in try messages(in: Array(event.data.utf8)) {
                    if let answer = answer(in: message) { return answer }
                    if case .request = message { questions += 1 }
                    guard questions <= Self.maximumServerRequests else {
                        throw violation(
                            "the server asks more than \(Self.maximumServerRequests) times before it answers")
                    }
                    try await onMessage(message)
                }
            }
        }
        throw TransportError(.unknown, "the event stream ended before the answer came")
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
        switch message {
        case .result(let id, let result) where id == requestID: .success(result)
        case .error(let id, let error) where id == nil || id == requestID: .failure(error)
        default: nil
        }
    }

    private func violation(_ problem: String) -> MCPClientError {
        MCPClientError(.protocolViolation, "\(what): \(problem)")
    }
}
