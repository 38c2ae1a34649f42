internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

extension MCPClient {
    /// How we stand with the server; settled where it is not, once for however many wait.
    func standing() async throws -> Standing {
        if case .http = link, ServerAddress(url) == nil {
            throw MCPClientError(.connection, "\"\(url.firstLine)\" is not an http or https URL of a server")
        }
        do {
            return try await handshake.value(unless: { self.state.withLock { $0.standing } }) { [self] in
                try checkOpen()
                let timeout = configuration.handshakeTimeout
                return try await patience(timeout: timeout, maximum: timeout)
                    .limit("the handshake with \(url.prefix { $0 != "?" })") { try await self.settle() }
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

    private func settle() async throws -> Standing {
        switch configuration.era {
        case .legacy:
            return try await openSession()
        case .modern:
            guard let version = configuration.modernVersions.last else { throw MCPClientError.noVersions }
            return try take(modern(version, isConfirmed: false))
        case .automatic:
            let verdict = usesEraCache ? await configuration.eraCache.verdict(for: serverKey, at: clock.now()) : nil
            switch verdict {
            case .modern(let version)? where configuration.modernVersions.contains(version):
                return try take(modern(version, isConfirmed: false))
            case .legacy?:
                do {
                    return try await openSession()
                } catch let error as MCPClientError where error.rpcError?.isModern == true {
                    // It has learnt the modern era, and forgotten the other, since it was asked.
                    return try await probe()
                }
            default:
                return try await probe()
            }
        }
    }

    /// Asks which era the server speaks, and takes up that.
    private func probe() async throws -> Standing {
        guard var version = configuration.modernVersions.last else { return try await openSession() }
        var mayAskAgain = true
        while true {
            let delivery: Delivery
            do {
                delivery = try await ask(in: .provisional(codec(version)))
            } catch let error as MCPClientError where error.code == .protocolViolation && error.status == nil {
                // An answer that is no JSON-RPC: whatever it is, it is not the modern era.
                return try await openSessionAsFound()
            }
            let reading = ProbeReading(status: delivery.status, answer: delivery.answer, spoken: configuration.spoken)
            switch reading {
            case .modern(let version, let result):
                await keep(.modern(version))
                return try take(
                    modern(version, server: InitializeResult(result, version), wantedToken: delivery.wasChallenged))
            case .otherRevision(let other) where mayAskAgain:
                mayAskAgain = false
                version = other
            case .otherRevision(let other):
                throw MCPClientError(
                    .protocolViolation,
                    "the server refuses MCP \(other.rawValue), which it offers; its operator has to look into it")
            case .modernButUnwilling(let error):
                throw MCPClientError(
                    .serverError,
                    "server/discover was refused: \(error.message.firstLine) (\(error.code.rawValue))",
                    rpcError: error, status: delivery.status)
            case .legacy:
                return try await openSessionAsFound(wantedToken: delivery.wasChallenged)
            case .incompatible(let offered):
                throw MCPClientError.incompatible(offered: offered, spoken: configuration.spoken)
            }
        }
    }

    private func ask(in standing: Standing) async throws -> Delivery {
        guard case .channel = link else { return try await deliver(.probe(), in: standing) }
        // Servers behind pipes may leave unanswered what they do not know, or end for it.
        let patience = Patience(
            clock: clock, timeout: configuration.probeTimeout, maximum: configuration.probeTimeout)
        do {
            return try await patience.limit("server/discover") { try await self.deliver(.probe(), in: standing) }
        } catch let error as MCPClientError where error.code == .timeout || error.code == .connection {
            return Delivery(fields: [:], answer: nil, status: nil, wasChallenged: false, codec: standing.codec)
        }
    }

    /// Opens a session with a server that was found to speak the legacy era.
    private func openSessionAsFound(wantedToken: Bool = false) async throws -> Standing {
        guard !configuration.legacyVersions.isEmpty else {
            throw MCPClientError(
                .protocolViolation,
                "the server does not speak \(configuration.spoken.inWords); allow a revision of the legacy era")
        }
        let standing: Standing
        do {
            standing = try await openSession(wantedToken: wantedToken)
        } catch let error as MCPClientError {
            guard let status = error.status, [400, 404, 405].contains(status), await speaksOldTransport() else {
                throw error
            }
            throw MCPClientError(
                .protocolViolation,
                "the server speaks MCP over the transport of 2024-11-05 (HTTP+SSE) alone, which this client does not; "
                    + "ask its operator for a Streamable HTTP endpoint", status: status)
        }
        await keep(.legacy)
        return standing
    }

    /// Whether a GET is answered by a stream that begins with an `endpoint` event, as servers of 2024-11-05 do.
    private func speaksOldTransport() async -> Bool {
        let codec = LegacyCodec(version: nil)
        guard case .http(let http) = link,
            case .opened(let response)? = try? await http.open(
                self, codec.encode(.stream(), id: nil), .stream(), token: nil, standing: .provisional(codec)),
            response.fields[.contentType]?.hasPrefix("text/event-stream") == true
        else { return false }
        let patience = Patience(clock: clock, timeout: configuration.probeTimeout, maximum: configuration.probeTimeout)
        let first = try? await patience.limit("GET") { () -> String? in
            var parser = ServerSentEventParser(maximumLineLength: 8 * 1024, maximumEventSize: 8 * 1024)
            var pieces = response.body.makeAsyncIterator()
            while let piece = try await pieces.next() {
                if let event = try parser.push(piece).first { return event.event }
            }
            return nil
        }
        return first == "endpoint"
    }

    /// - Parameter wantedToken: Whether the server has asked for a token already.
    private func openSession(wantedToken: Bool = false) async throws -> Standing {
        guard let version = configuration.legacyVersions.last else { throw MCPClientError.noVersions }
        let params = InitializeParams(
            protocolVersion: version, capabilities: configuration.capabilities.json(for: version).object ?? [:],
            clientInfo: configuration.clientInfo)
        let delivery = try await deliver(
            .initialize(params.json.object), in: .provisional(LegacyCodec(version: nil), wantedToken: wantedToken))
        let result: InitializeResult
        do {
            result = try InitializeResult(json: try delivery.result(of: "initialize"))
        } catch let error as MalformedMessage {
            throw MCPClientError(.protocolViolation, "initialize: \(error)")
        }
        guard configuration.legacyVersions.contains(result.protocolVersion) else {
            throw MCPClientError(
                .protocolViolation,
                "the server speaks MCP \"\(result.protocolVersion.rawValue.prefix(40))\"; this client speaks "
                    + configuration.legacyVersions.map(\.rawValue).joined(separator: ", "))
        }
        let standing = try take(
            Standing(
                generation: 0, codec: LegacyCodec(version: result.protocolVersion),
                sessionID: try Self.checkedSessionID(delivery.fields), server: result,
                wantedToken: wantedToken || delivery.wasChallenged))
        do {
            _ = try await deliver(.notification(MCPMethod.initialized), in: standing)
        } catch {
            lose(standing)
            throw error
        }
        listen(in: standing)
        await subscribeAgain(in: standing)
        return standing
    }

    private func modern(
        _ version: ProtocolVersion, server: InitializeResult? = nil, wantedToken: Bool = false, isConfirmed: Bool = true
    ) -> Standing {
        Standing(
            generation: 0, codec: codec(version), server: server, wantedToken: wantedToken, isConfirmed: isConfirmed)
    }

    private func codec(_ version: ProtocolVersion) -> ModernCodec {
        ModernCodec(
            revision: version, capabilities: configuration.capabilities.json(for: version).object ?? [:],
            clientInfo: configuration.clientInfo)
    }

    /// Makes it the standing of the client.
    private func take(_ standing: Standing) throws(MCPClientError) -> Standing {
        try state.withLock { state throws(MCPClientError) in
            if state.isClosed { throw .clientClosed }
            state.generation += 1
            var standing = standing
            standing.generation = state.generation
            state.standing = standing
            state.hasCarriedToken = false
            return standing
        }
    }

    /// What the server says of itself; asked for where nobody did yet.
    func description(in standing: Standing) async throws -> InitializeResult {
        if let server = standing.server { return server }
        let json: JSONValue
        do {
            json = try await exchange(.request(MCPMethod.discover, phase: .handshake)).json
        } catch {
            // Nothing has shown yet that it speaks this era at all.
            if state.withLock({ $0.standing?.isConfirmed == false }) { lose(standing) }
            throw error
        }
        let result: DiscoverResult
        do {
            result = try DiscoverResult(json: json)
        } catch {
            throw MCPClientError(.protocolViolation, "server/discover: \(error)")
        }
        return state.withLock { state in
            let version = state.standing?.codec.version ?? standing.codec.version ?? .v2026_07_28
            let server = InitializeResult(result, version)
            if state.standing?.codec.isModern == true { state.standing?.server = server }
            return server
        }
    }

    /// The server offers other revisions than the one in use: goes on in one that both speak.
    func renegotiate(_ standing: Standing, offered: [ProtocolVersion], _ error: MCPClientError) async throws {
        switch configuration.spoken.mutual(with: offered) {
        case .modern(let version)?:
            await keep(.modern(version))
            state.withLock { state in
                guard state.standing?.generation == standing.generation else { return }
                state.standing?.codec = codec(version)
            }
        case .legacy? where configuration.era == .automatic:
            await keep(.legacy)
            lose(standing)
        default:
            throw MCPClientError.incompatible(offered: offered, spoken: configuration.spoken)
        }
    }

    /// What was believed of the server's era is wrong: it is asked again.
    func reprobe(_ standing: Standing) async {
        await keep(nil)
        lose(standing)
    }

    /// The server has shown that it speaks this era.
    func confirm(_ standing: Standing) {
        guard !standing.isConfirmed else { return }
        state.withLock { state in
            if state.standing?.generation == standing.generation { state.standing?.isConfirmed = true }
        }
    }

    private func keep(_ verdict: EraVerdict?) async {
        guard configuration.era == .automatic, usesEraCache else { return }
        await configuration.eraCache.keep(verdict, for: serverKey, at: clock.now())
    }

    /// The era of a server at the other end of a channel is that process's: another may go by the same name.
    private var usesEraCache: Bool {
        if case .http = link { true } else { false }
    }

    /// Under what the server's era is remembered: its origin.
    private var serverKey: String {
        ServerAddress(url).map { "\($0.scheme)://\($0.authority)" } ?? url
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
    func lose(_ standing: Standing) {
        let listening = state.withLock { state -> Task<Void, Never>? in
            guard state.standing?.generation == standing.generation else { return nil }
            state.standing = nil
            defer { state.listening = nil }
            return state.listening
        }
        listening?.cancel()
    }

    /// Tells the server that the session is over. Whatever it answers, it is over.
    func end(_ standing: Standing) async {
        let timeout = configuration.handshakeTimeout
        let patience = Patience(clock: clock, timeout: timeout, maximum: timeout)
        _ = try? await patience.limit("DELETE") { [self] in
            let token = state.withLock { $0.hasCarriedToken } ? try? await tokens?.accessToken() : nil
            return try await send(.delete, token: token, standing: standing, attempt: Attempt())
        }
    }
}

extension InitializeResult {
    /// What a server of the modern era says of itself, in the form that callers know from the other.
    init(_ result: DiscoverResult, _ version: ProtocolVersion) {
        self.init(
            protocolVersion: version, capabilities: result.capabilities.json(for: version).object ?? [:],
            serverInfo: result.serverInfo ?? Implementation(name: "unnamed", version: "unknown"),
            instructions: result.instructions)
    }
}

extension MCPClientError {
    static let noVersions = MCPClientError(
        .protocolViolation, "the configuration allows no revision of MCP in this era; name one")

    static func incompatible(offered: [ProtocolVersion], spoken: SpokenVersions) -> MCPClientError {
        let shown = offered.prefix(8).map { $0.rawValue.onOneLine(limit: 40) }.joined(separator: ", ")
        return MCPClientError(
            .protocolViolation,
            "the server speaks MCP \(shown.isEmpty ? "of no revision that it names" : shown); this client speaks "
                + spoken.inWords)
    }
}

extension HTTPField.Name {
    /// Constant names of MCP's own headers; lawful, as the tests show, so the fallback is never taken.
    static let mcpSessionID = HTTPField.Name(MCPHeader.sessionID) ?? .cookie
    static let vestibuleToken = HTTPField.Name(MCPHeader.vestibuleToken) ?? .cookie
    static let mcpProtocolVersion = HTTPField.Name(MCPHeader.protocolVersion) ?? .cookie
    static let mcpMethod = HTTPField.Name(MCPHeader.method) ?? .cookie
    static let mcpName = HTTPField.Name(MCPHeader.name) ?? .cookie
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .cookie
}
