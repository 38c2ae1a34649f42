internal import Synchronization
internal import VestibuleProtocol

/// Carries messages through a channel, on which answers come in any order.
///
/// Where the channel belongs to a process that ends, the next request starts another: at once the first time, then after
/// half a second, doubled each time, and no more than five times without an answer in between. What was under way is
/// lost, and so is a session.
final class ChannelLink: Sendable {
    static let maximumRestarts = 5
    /// So many lines that are no messages are passed over before the server is taken for none.
    static let maximumNoise = 1_000

    private typealias Answer = Result<JSONValue, RPCError>

    private final class Connection: Sendable {
        let channel: any ServerChannel
        let state = Mutex(State())

        struct State: Sendable {
            var waiting: [RequestID: CheckedContinuation<Answer, any Error>] = [:]
            var failure: TransportError?
            var reader: Task<Void, Never>?
        }

        init(_ channel: any ServerChannel) {
            self.channel = channel
        }
    }

    /// The reader keeps no client alive that everybody else has forgotten.
    private final class Weak: Sendable {
        private weak let reference: MCPClient?
        init(_ client: MCPClient) { reference = client }
        var client: MCPClient? { reference }
    }

    private struct State {
        var connection: Connection?
        /// How many channels have ended since the last answer.
        var losses = 0
        var isClosed = false
    }

    private let name: String
    private let opener: any ChannelOpener
    private let clock: any WallClock
    private let opening = SingleFlight<Connection>()
    private let state = Mutex(State())

    init(name: String, opener: any ChannelOpener, clock: any WallClock) {
        self.name = name
        self.opener = opener
        self.clock = clock
    }

    /// Sends one message, and waits for its answer where one is due.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    func exchange(
        _ client: MCPClient, _ dispatch: Dispatch, _ outgoing: Outgoing, standing: Standing
    ) async throws -> Result<JSONValue, RPCError>? {
        guard let message = dispatch.message else { return nil }
        let connection = try await connection(client, for: outgoing, standing)
        let bytes = message.json.serialized
        guard let id = dispatch.id else {
            try await send(bytes, through: connection)
            return nil
        }
        let answer = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Answer, any Error>) in
                let failure = connection.state.withLock { state -> (any Error)? in
                    // The handler below runs under this lock, too.
                    if Task.isCancelled { return CancellationError() }
                    if let failure = state.failure { return failure }
                    state.waiting[id] = continuation
                    return nil
                }
                if let failure { return continuation.resume(throwing: failure) }
                // A task of its own: the answer may come, or the caller leave, while a slow server has yet to take it.
                Task { [self] in
                    do {
                        try await send(bytes, through: connection)
                    } catch {
                        connection.state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: error)
                    }
                }
            }
        } onCancel: {
            connection.state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
        state.withLock { $0.losses = 0 }
        return answer
    }

    /// Ends the channel, and the process behind it.
    func close() async {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        opening.cancel()
        guard let connection else { return }
        await connection.channel.end()
        connection.state.withLock { $0.reader }?.cancel()
        fail(connection, with: TransportError(.unknown, "the client was closed"))
    }

    private func send(_ bytes: [UInt8], through connection: Connection) async throws {
        do {
            try await connection.channel.send(bytes)
        } catch is ChannelClosed {
            throw TransportError(.unknown, "\(name) takes nothing more\(await lastWords(of: connection))")
        }
    }

    /// The channel; a new one where there is none, which only a handshake, or a message that needs none, may begin.
    private func connection(
        _ client: MCPClient, for outgoing: Outgoing, _ standing: Standing
    ) async throws -> Connection {
        if let connection = state.withLock({ $0.connection }) { return connection }
        guard outgoing.opensSession || outgoing.isProbe || standing.codec.isModern else {
            throw TransportError(.unknown, "\(name) has ended, and its session with it")
        }
        return try await opening.value(unless: { self.state.withLock { $0.connection } }) { [self] in
            let losses = state.withLock { $0.losses }
            guard losses == 0 || opener.mayReopen else { throw TransportError(.notSent, "\(name) has gone away") }
            guard losses <= Self.maximumRestarts else {
                throw TransportError(
                    .notSent, "\(name) ended \(losses) times without an answer; run it by hand to see why")
            }
            if losses > 1 { try await clock.sleep(for: .milliseconds(125 << losses)) }
            let connection = Connection(try await opener.open())
            let isClosed = state.withLock { state in
                if !state.isClosed { state.connection = connection }
                return state.isClosed
            }
            guard !isClosed else {
                await connection.channel.end()
                throw MCPClientError.clientClosed
            }
            let whose = Weak(client)
            let reader = Task { [self] in await read(connection) { whose.client } }
            connection.state.withLock { $0.reader = reader }
            return connection
        }
    }

    /// Reads until the channel ends.
    private func read(_ connection: Connection, for client: @Sendable () -> MCPClient?) async {
        var problem: String?
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            var noise = 0
            reading: do {
                while let bytes = try await connection.channel.receive() {
                    guard let messages = Self.messages(in: bytes, limit: client()?.configuration.maximumReplySize)
                    else {
                        noise += 1
                        guard noise <= Self.maximumNoise else {
                            problem = "\(name) writes what is no message of MCP; is it an MCP server?"
                            break reading
                        }
                        continue
                    }
                    for message in messages {
                        switch message {
                        case .result(let id, let result):
                            connection.state.withLock { $0.waiting.removeValue(forKey: id) }?
                                .resume(returning: .success(result))
                        case .error(let id?, let error):
                            connection.state.withLock { $0.waiting.removeValue(forKey: id) }?
                                .resume(returning: .failure(error))
                        case .error(nil, _): break
                        case .notification(let method, let params):
                            end(method, params, in: connection)
                            await client()?.receive(message)
                        case .request:
                            guard let client = client(), let standing = client.answeringStanding else { continue }
                            if client.isQuick(message) {
                                await client.answer(message, in: standing)
                                continue
                            }
                            if running == ReplyReader.maximumHandlers {
                                await group.next()
                                running -= 1
                            }
                            group.addTask { await client.answer(message, in: standing) }
                            running += 1
                        }
                    }
                }
            } catch {
                problem = "\(name): \(String(describing: error).firstLine)"
            }
            group.cancelAll()
        }
        // Whoever comes now begins with another.
        let isCurrent = state.withLock { state in
            guard state.connection === connection else { return false }
            state.connection = nil
            state.losses += 1
            return true
        }
        if isCurrent { client()?.connectionEnded() }
        // Only when it has ended altogether is it known how.
        await connection.channel.end()
        let words = await lastWords(of: connection)
        fail(connection, with: TransportError(.unknown, (problem ?? "\(name) has ended") + words))
    }

    /// A server ends a subscription by saying so (2026-07-28), other than by an answer.
    private func end(_ method: String, _ params: JSONObject?, in connection: Connection) {
        guard method == MCPMethod.cancelled, let id = params?["requestId"].flatMap(RequestID.init) else { return }
        connection.state.withLock { $0.waiting.removeValue(forKey: id) }?
            .resume(throwing: TransportError(.unknown, "\(name) has ended the subscription"))
    }

    private func fail(_ connection: Connection, with error: TransportError) {
        let waiting = connection.state.withLock { state in
            state.failure = error
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(throwing: error) }
    }

    private func lastWords(of connection: Connection) async -> String {
        await connection.channel.lastWords.map { ": \($0)" } ?? ""
    }

    /// The messages of one line: one, or several, since revision 2025-03-26 still knows batches.
    private static func messages(in bytes: [UInt8], limit: Int?) -> [RPCMessage]? {
        let limits = JSONLimits(maximumSize: limit ?? 16 << 20)
        guard let json = try? JSONParser(limits: limits).parse(bytes) else { return nil }
        let values = json.array ?? [json]
        let messages = values.compactMap(RPCMessage.init(json:))
        return messages.count == values.count && !messages.isEmpty ? messages : nil
    }
}

extension MCPClient {
    /// How we stand, for answers to the server. A server may ask already while the session is being opened.
    var answeringStanding: Standing? {
        state.withLock { $0.standing } ?? .provisional(LegacyCodec(version: configuration.legacyVersions.last))
    }

    /// The channel has ended, and a session with it.
    func connectionEnded() {
        state.withLock { $0.standing = nil }
    }
}
