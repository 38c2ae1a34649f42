package import VestibuleProtocol

/// The way from a running request back to its client; one implementation for each carrier and era.
package protocol RequestLink: Sendable {
    /// Sends a notification that belongs to this request. Waits while the client reads slowly; after the request's end it
    /// does nothing.
    func notify(_ method: String, _ params: JSONObject) async

    /// Asks the client, and waits for all answers. The capabilities were checked before.
    ///
    /// - Returns: the results, by the keys of the questions.
    /// - Throws: ``InputRequired`` where the client is to come again with the answers (2026-07-28).
    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue]

    /// Lets the client come back for the answer later (2025-11-25); elsewhere does nothing.
    func closeStream(retryAfter: Duration?) async

    /// A key for a question that has none: the same each time the handler runs again from its start.
    func nextKey(for method: String) -> String
}

extension RequestLink {
    package func closeStream(retryAfter: Duration?) async {}
    package func nextKey(for method: String) -> String { method }
}

/// The link of a request whose client can be told nothing but the answer.
package struct SilentLink: RequestLink {
    package init() {}

    package func notify(_ method: String, _ params: JSONObject) async {}

    package func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        throw CannotAsk()
    }
}

/// A question came up where there is no way to ask it.
public struct CannotAsk: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(
        _ description: String = "the client cannot be asked here: it takes no stream, or the handler answers at once"
    ) {
        self.description = description
    }
}

/// Where the messages go that precede the answer to one request: the stream that its answer becomes.
package protocol MessageSink: Sendable {
    /// Sends one whole JSON-RPC message. Waits while the client reads slowly; after the end it does nothing.
    func send(_ message: JSONValue) async

    /// Lets the client come back for the answer later (2025-11-25); elsewhere does nothing.
    func closeStream(retryAfter: Duration?) async
}

extension MessageSink {
    package func closeStream(retryAfter: Duration?) async {}
}
