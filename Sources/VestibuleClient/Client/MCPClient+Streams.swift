internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

extension MCPClient {
    func reader(for what: String, _ id: RequestID?, standing: Standing, call: Call = Call()) -> ReplyReader {
        ReplyReader(
            requestID: id, what: what, maximumSize: configuration.maximumReplySize,
            maximumStreamSize: id == nil ? .max : configuration.maximumStreamSize,
            onEvent: { call.patience?.notice() },
            onNotification: { [self] in await receive($0) },
            isQuick: { [self] in isQuick($0) },
            onRequest: { [self] question in
                call.patience?.pause()
                await answer(question, in: standing)
                call.patience?.resume()
            })
    }

    /// Opens a stream with GET: the session's own, or one that broke after its last event.
    ///
    /// - Returns: `nil` where no connection could be made.
    func openStream(
        after lastEventID: String?, standing: Standing, _ attempt: Attempt
    ) async throws -> HTTPLink.Opening? {
        guard case .http(let http) = link else { return nil }
        let outgoing = Outgoing.stream(after: lastEventID)
        var hasReplacedToken = false
        var attempt = attempt
        while true {
            try checkOpen()
            let token = try await token(for: outgoing, in: standing, isDue: hasReplacedToken)
            var record = record(of: outgoing, token: token, standing: standing, attempt: attempt)
            let opening: HTTPLink.Opening
            do {
                opening = try await http.open(
                    self, standing.codec.encode(outgoing, id: nil), outgoing, token: token, standing: standing)
            } catch {
                record.failure = Self.line(for: error)
                finish(&record)
                guard error is TransportError else { throw error }
                return nil
            }
            switch opening {
            case .opened(let response): record.status = response.status
            case .refused(let refusal):
                record.status = refusal.status
                record.reason = refusal.rejection?.reason
            }
            finish(&record)
            guard case .refused(let refusal) = opening, refusal.status == 401, tokens != nil, !hasReplacedToken else {
                return opening
            }
            hasReplacedToken = true
            tokens?.challenge(refusal.challenge)
            if let token {
                tokens?.refuse(token, refusal.rejection ?? Rejection(.tokenMalformed, "the server refused it"))
            }
            attempt.again(.refreshed)
        }
    }

    /// Whether somebody wants to hear what the server says by itself.
    var wantsToListen: Bool {
        switch configuration.listens {
        case .always: true
        case .never: false
        case .automatic: configuration.handlers.isThereAny || state.withLock { $0.listeners > 0 }
        }
    }

    /// Keeps the session's own stream open, as long as the session lasts (legacy era, HTTP).
    func listen(in standing: Standing) {
        guard case .http = link, !standing.codec.isModern, wantsToListen else { return }
        state.withLock { state in
            guard !state.isClosed, state.standing?.generation == standing.generation, state.listening == nil else {
                return
            }
            // The client's own, ended by `close()` and by the end of the session.
            state.listening = Task { [self] in await keepListening(in: standing) }
        }
    }

    private func keepListening(in standing: Standing) async {
        var resumption = Resumption(maximum: configuration.maximumResumptions)
        var isFirst = true
        while !Task.isCancelled {
            if !isFirst {
                guard let wait = resumption.next(), (try? await clock.sleep(for: wait)) != nil else { return }
            }
            let attempt = isFirst ? Attempt() : resumption.occasion
            isFirst = false
            let opening = try? await openStream(after: resumption.lastEventID, standing: standing, attempt)
            switch opening {
            case .opened(let response)?:
                do {
                    let reader = reader(for: "the session's stream", nil, standing: standing)
                    guard case .interrupted(let position, _) = try await reader.read(response) else { return }
                    resumption.note(position)
                    resumption.noteConnection()
                } catch {
                    // A message that cannot be read is no better than a connection that breaks, and as soon forgiven.
                    if Task.isCancelled { return }
                }
            case .refused(let refusal)?:
                if refusal.status == 404 {
                    // The session is gone. Whoever only listens would never find out.
                    lose(standing)
                    if state.withLock({ !$0.subscribed.isEmpty }) { Task { [self] in _ = try? await self.standing() } }
                    return
                }
                // 405: the server has no such stream. Any other refusal that waiting does not mend ends it, too.
                guard let delay = refusal.mayHelpToWait else { return }
                resumption.delay(delay)
            case nil:
                break
            }
        }
    }
}
