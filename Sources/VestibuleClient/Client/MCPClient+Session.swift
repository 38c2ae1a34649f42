internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

extension MCPClient {
    /// The session; opened where none is, once for however many wait.
    func session() async throws -> Session {
        guard ServerAddress(url) != nil else {
            throw MCPClientError(.connection, "\"\(url.firstLine)\" is not an http or https URL of a server")
        }
        do {
            return try await handshake.value(unless: { self.state.withLock { $0.session } }) { [self] in
                try checkOpen()
                let timeout = configuration.handshakeTimeout
                return try await patience(timeout: timeout, maximum: timeout)
                    .limit("the handshake with \(url.prefix { $0 != "?" })") { try await self.openSession() }
            }
        } catch let error as CancellationError {
            // Cancelled by `close()`, not by our caller.
            if !Task.isCancelled { try checkOpen() }
            throw error
        }
    }

    func checkOpen() throws {
        if state.withLock({ $0.isClosed }) { throw MCPClientError.clientClosed }
    }

    private func openSession() async throws -> Session {
        let params = InitializeParams(protocolVersion: .latestLegacy, clientInfo: configuration.clientInfo)
        let delivery = try await deliver(.initialize(id: nextID(), params: params.json.object), in: nil)
        let result: InitializeResult
        do {
            result = try InitializeResult(json: try delivery.result(of: "initialize"))
        } catch let error as MalformedMessage {
            throw MCPClientError(.protocolViolation, "initialize: \(error)")
        }
        guard result.protocolVersion.isLegacy else {
            throw MCPClientError(
                .protocolViolation,
                "the server speaks MCP \"\(result.protocolVersion.rawValue.prefix(40))\"; this client speaks "
                    + ProtocolVersion.legacy.map(\.rawValue).joined(separator: ", "))
        }
        let id = try Self.checkedSessionID(delivery.fields)
        let session = try state.withLock { state throws(MCPClientError) in
            if state.isClosed { throw .clientClosed }
            state.generation += 1
            let session = Session(
                generation: state.generation, id: id, server: result, wantedToken: delivery.wasChallenged)
            state.session = session
            state.hasCarriedToken = false
            return session
        }
        do {
            _ = try await deliver(.notification(MCPMethod.initialized), in: session)
        } catch {
            lose(session)
            throw error
        }
        return session
    }

    /// A session id is 1 to 1,024 visible ASCII characters (MCP 2025-11-25, Session Management).
    private static func checkedSessionID(_ fields: HTTPFields) throws(MCPClientError) -> String? {
        guard let id = fields[.mcpSessionID] else { return nil }
        guard (1...1024).contains(id.utf8.count), id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw MCPClientError(.protocolViolation, "initialize: the server gave a session id of unlawful characters")
        }
        return id
    }

    /// Forgets a session that the server no longer knows; one that was opened since is kept.
    func lose(_ session: Session) {
        state.withLock { state in
            if state.session?.generation == session.generation { state.session = nil }
        }
    }

    /// Tells the server that the session is over. Whatever it answers, it is over.
    func end(_ session: Session) async {
        let timeout = configuration.handshakeTimeout
        let patience = Patience(clock: clock, timeout: timeout, maximum: timeout)
        _ = try? await patience.limit("DELETE") { [self] in
            let token = state.withLock { $0.hasCarriedToken } ? try? await tokens?.accessToken() : nil
            return try await send(.delete, token: token, session: session, attempt: Attempt())
        }
    }
}

extension HTTPField.Name {
    /// Constant names of MCP's own headers; lawful, as the tests show, so the fallback is never taken.
    static let mcpSessionID = HTTPField.Name(MCPHeader.sessionID) ?? .cookie
    static let vestibuleToken = HTTPField.Name(MCPHeader.vestibuleToken) ?? .cookie
    static let mcpProtocolVersion = HTTPField.Name(MCPHeader.protocolVersion) ?? .cookie
}
