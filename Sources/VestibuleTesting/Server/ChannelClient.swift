internal import Synchronization
public import VestibuleAuth
public import VestibuleProtocol
public import VestibuleServer

/// The bare other end of a server in the same process: sends messages as they are written, and waits for those that a test
/// wants to see. Knows nothing of MCP.
///
/// ```swift
/// try await ChannelClient.with(server) { client in
///     let result = try await client.result(of: ["jsonrpc": "2.0", "id": 1, "method": "ping"])
/// }
/// ```
public final class ChannelClient: Sendable {
    private let channel: any MessageChannel
    /// What came and nobody has wanted yet.
    private let kept = Mutex<[JSONValue]>([])

    public init(_ channel: any MessageChannel) {
        self.channel = channel
    }

    /// Serves the client's channel while the body runs, and then until the server has noticed its end.
    ///
    /// - Parameter bound: how many messages wait in each direction before a sender waits, too.
    public static func with<Result: Sendable>(
        _ server: MCPServer, principal: Principal? = nil, configuration: ChannelConfiguration = ChannelConfiguration(),
        bound: Int = 16, _ body: @Sendable (ChannelClient) async throws -> Result
    ) async throws -> Result {
        let (ours, theirs) = InProcessChannel.pair(bound: bound)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run(.channel(theirs, principal: principal, configuration: configuration))
            }
            let result = try await body(ChannelClient(ours))
            await ours.close()
            try await group.waitForAll()
            return result
        }
    }

    public func send(_ message: JSONValue) async throws { try await channel.send(message.serialized) }

    public func send(bytes: [UInt8]) async throws { try await channel.send(bytes) }

    /// The next message that fits, the ones that came before among them; `nil` where the server has closed its side. What
    /// does not fit is kept for later.
    public func next(where fits: (JSONValue) -> Bool = { _ in true }) async throws -> JSONValue? {
        let old: JSONValue? = kept.withLock { kept in
            kept.firstIndex(where: fits).map { kept.remove(at: $0) }
        }
        if let old { return old }
        while let bytes = try await channel.receive() {
            let message = try JSONValue(parsing: bytes)
            if fits(message) { return message }
            kept.withLock { $0.append(message) }
        }
        return nil
    }

    /// The next message with that method: a notification, or a request of the server.
    public func next(method: String) async throws -> JSONValue? { try await next { $0["method"]?.string == method } }

    /// Sends a request and waits for its response.
    public func response(to request: JSONValue) async throws -> JSONValue? {
        try await send(request)
        return try await next { $0["id"] == request["id"] && $0["method"] == nil }
    }

    /// The `result` of a request.
    public func result(of request: JSONValue) async throws -> JSONValue? { try await response(to: request)?["result"] }

    /// Closes the client's side.
    public func close() async { await channel.close() }
}
