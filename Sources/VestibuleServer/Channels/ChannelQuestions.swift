internal import Synchronization
internal import VestibuleProtocol

/// The requests that the server sends to its peer (legacy era), until they are answered.
final class ChannelQuestions: Sendable {
    private enum Slot {
        /// Asked, and nobody waits yet.
        case asked
        case waiting(CheckedContinuation<JSONValue, any Error>)
        /// Answered before anybody waited.
        case answered(Result<JSONValue, any Error>)
    }

    private struct State {
        var slots: [RequestID: Slot] = [:]
        var last = 0
        var isEnded = false
    }

    private let channel: any MessageChannel
    private let timeout: Duration
    private let clock: any WallClock
    private let state = Mutex(State())

    init(_ channel: any MessageChannel, timeout: Duration, clock: any WallClock) {
        self.channel = channel
        self.timeout = timeout
        self.clock = clock
    }

    /// Asks, and waits for the answer.
    ///
    /// - Throws: ``ToolError`` where the peer answers with an error, or not in time; `CancellationError` where the task is
    ///   cancelled or the peer is gone.
    func ask(_ question: InputRequest, for version: ProtocolVersion) async throws -> JSONValue {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let id = RequestID.string("server-\(number)")
        let request = RPCMessage.request(id: id, method: question.method, params: question.params(for: version))
        let (clock, timeout) = (clock, timeout)
        return try await withThrowingTaskGroup(of: JSONValue?.self) { group in
            group.addTask { try await self.answer(to: id, after: request) }
            group.addTask {
                try await clock.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else {
                throw ToolError("the client did not answer \(question.method) within \(timeout.inSeconds) s")
            }
            return answer
        }
    }

    private func answer(to id: RequestID, after request: RPCMessage) async throws -> JSONValue {
        state.withLock { $0.slots[id] = .asked }
        do {
            try await channel.send(request.json.serialized)
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in wait(for: id, continuation) }
            } onCancel: {
                settle(id, .failure(CancellationError()))
            }
        } catch {
            _ = state.withLock { $0.slots.removeValue(forKey: id) }
            // The peer need not go on with it.
            if error is CancellationError { await withdraw(id) }
            throw error
        }
    }

    private func wait(for id: RequestID, _ continuation: CheckedContinuation<JSONValue, any Error>) {
        let early: Result<JSONValue, any Error>? = state.withLock { state in
            if case .answered(let answer) = state.slots[id] {
                state.slots[id] = nil
                return answer
            }
            if state.isEnded { return .failure(CancellationError()) }
            state.slots[id] = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    private func settle(_ id: RequestID, _ answer: Result<JSONValue, any Error>) {
        let waiting: CheckedContinuation<JSONValue, any Error>? = state.withLock { state in
            switch state.slots[id] {
            case .waiting(let continuation):
                state.slots[id] = nil
                return continuation
            case .asked:
                state.slots[id] = .answered(answer)
                return nil
            case .answered, nil: return nil
            }
        }
        waiting?.resume(with: answer)
    }

    private func withdraw(_ id: RequestID) async {
        let params = CancelledParams(requestID: id, reason: "the call that asked has ended").json.object
        try? await channel.send(
            RPCMessage.notification(method: MCPMethod.cancelled, params: params).json.serialized)
    }

    /// Takes a response; one to no question of ours is passed over.
    func answer(_ id: RequestID, _ message: [UInt8]) {
        switch (try? JSONValue(parsing: message)).flatMap(RPCMessage.init(json:)) {
        case .result(_, let result): settle(id, .success(result))
        case .error(_, let error):
            let line = "the client refused with error \(error.code.rawValue): \(error.message.onOneLine(limit: 200))"
            settle(id, .failure(ToolError(line)))
        default: settle(id, .failure(ToolError("the client's answer is no JSON-RPC response")))
        }
    }

    /// The peer answers nothing any more.
    func end() {
        let ids = state.withLock { state in
            state.isEnded = true
            return Array(state.slots.keys)
        }
        for id in ids { settle(id, .failure(CancellationError())) }
    }
}
