internal import HTTPTypes
internal import Synchronization
internal import VestibuleProtocol

/// What one try brought.
enum Outcome: Sendable {
    case answered(Answered)
    case refused(Refusal)
}

/// A message that the server accepted.
struct Answered: Sendable {
    var fields = HTTPFields()
    /// The HTTP status; `nil` where there is none.
    var status: Int?
    /// `nil` where none is due.
    var answer: Result<JSONValue, RPCError>?
}

extension MCPClient {
    /// Sends a message once, and records what became of it.
    ///
    /// - Throws: ``TransportError``, ``MCPClientError``, `CancellationError`.
    func send(
        _ outgoing: Outgoing, token: AccessToken?, standing: Standing, attempt: Attempt, call: Call = Call()
    ) async throws -> Outcome {
        if token != nil { state.withLock { $0.hasCarriedToken = true } }
        let id = outgoing.isRequest ? nextID(forProbe: outgoing.isProbe) : nil
        let dispatch = standing.codec.encode(outgoing, id: id)
        var record = record(of: outgoing, token: token, standing: standing, attempt: attempt)
        defer { finish(&record) }
        let isListening = listenForProgress(of: dispatch, outgoing, call)
        defer { if isListening, let id { state.withLock { $0.calls[id] = nil } } }
        do {
            let outcome: Outcome
            switch link {
            case .http(let transport):
                outcome = try await transport.exchange(
                    self, dispatch, outgoing, token: token, standing: standing, call: call, record: &record)
            case .channel(let channel):
                let answer = try await channel.exchange(self, dispatch, outgoing, standing: standing)
                outcome = .answered(Answered(answer: answer))
            }
            switch outcome {
            case .answered(let answered): record.reason = answered.answer.flatMap(Self.reason)
            case .refused(let refusal): record.reason = refusal.rejection?.reason
            }
            return outcome
        } catch {
            record.failure = Self.line(for: error)
            let isLate = (error as? TransportError)?.isTimeout ?? false
            if isLate || Task.isCancelled {
                await giveNotice(
                    of: dispatch, outgoing, in: standing, because: isLate ? "no answer in time" : "given up")
            }
            throw error
        }
    }

    /// Progress may come on any stream, so it is found by its token; and so is what a subscription brings.
    private func listenForProgress(of dispatch: Dispatch, _ outgoing: Outgoing, _ call: Call) -> Bool {
        guard let id = dispatch.id, outgoing.wantsProgress || call.onSubscribed != nil else { return false }
        state.withLock { $0.calls[id] = call }
        return true
    }

    func record(
        of outgoing: Outgoing, token: AccessToken?, standing: Standing, attempt: Attempt
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
            tool: outgoing.tool, token: sent, sessionSent: standing.sessionID != nil, occasion: attempt.occasion,
            attempt: attempt.number, startedAt: now, duration: .zero)
    }

    func finish(_ record: inout ClientRequestRecord) {
        record.duration = .seconds(max(0, clock.now() - record.startedAt))
        log.add(record)
    }

    private static func reason(in answer: Result<JSONValue, RPCError>) -> Reason? {
        let data: JSONObject? =
            switch answer {
            case .success(let result): result["isError"] == true ? result["structuredContent"]?.object : nil
            case .failure(let error): error.data?.object
            }
        return data.flatMap(Rejection.init(data:))?.reason
    }

    static func line(for error: any Error) -> String {
        switch error {
        case let error as MCPClientError: error.message
        case let error as TransportError: error.message
        case is CancellationError: "cancelled"
        default: String(describing: error).firstLine
        }
    }
}
