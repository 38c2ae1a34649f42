internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

/// What one HTTP request brought.
enum Outcome: Sendable {
    /// Accepted; with the answer, where one is due.
    case answered(HTTPFields, Result<JSONValue, RPCError>?)
    case refused(Refusal)
}

extension MCPClient {
    /// Of a refusal this much is read.
    private static let maximumRefusalSize = 64 * 1024

    /// Sends one HTTP request, once, and records what became of it.
    ///
    /// - Throws: ``TransportError``, ``MCPClientError``, `CancellationError`.
    func send(
        _ outgoing: Outgoing, token: AccessToken?, session: Session?, attempt: Attempt, patience: Patience? = nil,
        onProgress: ProgressHandler? = nil
    ) async throws -> Outcome {
        if token != nil { state.withLock { $0.hasCarriedToken = true } }
        var record = record(of: outgoing, token: token, session: session, attempt: attempt)
        defer {
            record.duration = .seconds(max(0, clock.now() - record.startedAt))
            log.add(record)
        }
        do {
            var request = request(for: outgoing, session: session)
            let authorizer = token == nil ? nil : tokens?.authorizer
            if let token { try await authorizer?.authorize(&request, with: token.presented) }
            let response = try await transport.send(request)
            let proofIsStale = authorizer?.learn(from: response.status, response.fields, to: request) ?? false
            record.status = response.status
            if let date = response.fields[.date].flatMap(HTTPDate.parse) { tokens?.observe(serverDate: date) }
            guard (200..<300).contains(response.status) else {
                let body = await response.beginning(upTo: Self.maximumRefusalSize)
                var refusal = Refusal(
                    status: response.status, fields: response.fields, body: body, tokenSent: token != nil)
                refusal.proofIsStale = proofIsStale
                record.reason = refusal.rejection?.reason
                return .refused(refusal)
            }
            guard let id = outgoing.requestID, response.status != 202, response.status != 204 else {
                _ = await response.beginning(upTo: Self.maximumRefusalSize)
                return .answered(response.fields, nil)
            }
            let reader = reader(for: outgoing, id, session: session, patience: patience, onProgress: onProgress)
            let answer = try await reader.answer(in: response)
            record.reason = Self.reason(in: answer)
            return .answered(response.fields, answer)
        } catch {
            record.failure = Self.line(for: error)
            let isLate = (error as? TransportError)?.isTimeout ?? false
            if isLate || Task.isCancelled {
                await giveNotice(of: outgoing, in: session, because: isLate ? "no answer in time" : "given up")
            }
            throw error
        }
    }

    private func record(
        of outgoing: Outgoing, token: AccessToken?, session: Session?, attempt: Attempt
    ) -> ClientRequestRecord {
        let now = clock.now()
        let serverTime = tokens?.serverTime ?? now
        let sent = token.map { token in
            ClientRequestRecord.Token(
                keyID: token.keyID, age: token.issuedAt.map { .seconds(serverTime - $0) },
                fingerprint: token.digest.description)
        }
        return ClientRequestRecord(
            sequence: log.nextSequence(), httpMethod: outgoing.httpMethod.rawValue, method: outgoing.method,
            tool: outgoing.tool, token: sent, sessionSent: session?.id != nil, occasion: attempt.occasion,
            attempt: attempt.number, startedAt: now, duration: .zero)
    }

    private func request(for outgoing: Outgoing, session: Session?) -> TransportRequest {
        var fields = HTTPFields()
        fields[.accept] = "application/json, text/event-stream"
        fields[.userAgent] = configuration.userAgent
        if outgoing.message != nil { fields[.contentType] = "application/json" }
        if let session {
            fields[.mcpProtocolVersion] = session.server.protocolVersion.rawValue
            if let id = session.id {
                var field = HTTPField(name: .mcpSessionID, value: id)
                field.indexingStrategy = .disallow
                fields.append(field)
            }
        }
        return TransportRequest(
            method: outgoing.httpMethod, url: url, fields: fields, body: outgoing.message?.json.serialized ?? [],
            timeout: max(configuration.callTimeout, configuration.maximumCallDuration))
    }

    private func reader(
        for outgoing: Outgoing, _ id: RequestID, session: Session?, patience: Patience?, onProgress: ProgressHandler?
    ) -> ReplyReader {
        ReplyReader(
            requestID: id, what: outgoing.inWords, maximumSize: configuration.maximumReplySize
        ) { [self] message in
            patience?.notice()
            switch message {
            case .notification(MCPMethod.progress, let params):
                guard let onProgress, let progress = try? ProgressParams(json: params.map(JSONValue.object)),
                    progress.progressToken == id
                else { return }
                onProgress(progress)
            case .request(let theirs, let method, _):
                try await answer(theirs, method: method, session: session)
            case .notification, .result, .error:
                break
            }
        }
    }

    /// Answers a request of the server: a ping; nothing else is offered.
    private func answer(_ id: RequestID, method: String, session: Session?) async throws {
        let message: RPCMessage =
            method == MCPMethod.ping
            ? .result(id: id, [:]) : .error(id: id, RPCError(.methodNotFound, "this client does not offer \(method)"))
        let outgoing = Outgoing.answer(message)
        _ = try await send(outgoing, token: tokens?.freshToken, session: session, attempt: Attempt())
    }

    private static func reason(in answer: Result<JSONValue, RPCError>) -> Reason? {
        let data: JSONObject? =
            switch answer {
            case .success(let result): result["isError"] == true ? result["structuredContent"]?.object : nil
            case .failure(let error): error.data?.object
            }
        return data.flatMap(Rejection.init(data:))?.reason
    }

    private static func line(for error: any Error) -> String {
        switch error {
        case let error as MCPClientError: error.message
        case let error as TransportError: error.message
        case is CancellationError: "cancelled"
        default: String(describing: error).firstLine
        }
    }
}
