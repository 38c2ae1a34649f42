internal import Synchronization
internal import VestibuleProtocol

extension MCPClient {
    /// What the server says without being asked, for any number of listeners: log messages, changes of lists, updates of
    /// resources. One that is slow misses the oldest of more than 1,000; ``MCPClientHandlers/notification`` misses none.
    ///
    /// In a session of the legacy era the first listener opens the session's own stream. In the modern era a server says
    /// such things only to who subscribed: see ``subscribe(to:)``.
    public var notifications: AsyncStream<ServerNotification> {
        let stream = announcements.listen()
        let standing = state.withLock { state in
            state.listeners += 1
            return state.standing
        }
        if let standing { listen(in: standing) }
        return stream
    }

    /// Takes a notification of the server, on whatever stream it came.
    func receive(_ message: RPCMessage) async {
        guard case .notification(let method, let params) = message else { return }
        switch method {
        case MCPMethod.progress:
            guard let progress = try? ProgressParams(json: params.map(JSONValue.object)) else { return }
            let call = state.withLock { $0.calls[progress.progressToken] }
            call?.patience?.notice()
            call?.onProgress?(progress)
        case MCPMethod.cancelled:
            guard let cancelled = try? CancelledParams(json: params.map(JSONValue.object)) else { return }
            state.withLock { $0.answering[cancelled.requestID] }?.cancel()
        default:
            if let id = params?["_meta"]?[MetaKey.subscriptionID].flatMap(RequestID.init),
                let subscription = state.withLock({ $0.calls[id]?.onSubscribed })
            {
                await subscription(method, params)
            }
            guard method != MCPMethod.subscriptionAcknowledged else { return }
            let notification = ServerNotification(method: method, params: params)
            results.invalidate(by: notification)
            await configuration.handlers.notification?(notification)
            announcements.send(notification)
        }
    }

    /// Whether a request of the server needs no handler: a ping, or what nobody here answers.
    func isQuick(_ question: RPCMessage) -> Bool {
        guard case .request(_, let method, _) = question else { return true }
        return !configuration.handlers.mayAnswer(method)
    }

    /// Answers a request of the server, on whatever stream it came (legacy era).
    func answer(_ question: RPCMessage, in standing: Standing) async {
        guard case .request(let id, let method, let params) = question, standing.codec.answersServer else { return }
        let version = standing.codec.version
        // A task of its own, so that the server can withdraw the question; waited for here.
        let work = Task { [configuration] () -> RPCMessage? in
            do {
                if method == MCPMethod.ping { return .result(id: id, [:]) }
                let request: InputRequest?
                do throws(MalformedMessage) {
                    request = try InputRequest.read(method: method, params: params.map(JSONValue.object))
                } catch {
                    throw RPCError(.invalidParams, error.description)
                }
                guard let request else { throw MCPClientHandlers.unoffered(method) }
                return .result(id: id, try await configuration.handlers.answer(request).json(for: version))
            } catch let error as RPCError {
                return .error(id: id, error)
            } catch {
                // Withdrawn: nobody waits for an answer.
                return nil
            }
        }
        state.withLock { $0.answering[id] = work }
        let answer = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        state.withLock { $0.answering[id] = nil }
        guard let answer else { return }
        let outgoing = Outgoing.answer(answer)
        // That the answer did not arrive is in the record; the call itself will tell what became of it.
        // On the handshake's stream the token is withheld as it is from the handshake.
        let mayShow = standing.generation > 0 || standing.wantedToken || configuration.handshakeToken == .sent
        _ = try? await send(outgoing, token: mayShow ? tokens?.freshToken : nil, standing: standing, attempt: Attempt())
    }
}
