internal import VestibuleAuth
internal import VestibuleProtocol

/// The link of a request of a legacy session: what belongs to the request goes out on its own stream, questions too,
/// and the client's answers come as messages of their own.
struct LegacyLink: RequestLink {
    let reply: ReplyStream
    let streams: SessionStreams
    /// Who alone may answer its questions.
    let asker: Principal.Identity?

    private var version: ProtocolVersion { streams.session.version }

    func notify(_ method: String, _ params: JSONObject) async {
        let message = RPCMessage.notification(method: method, params: params)
        guard await !reply.tell(message), method == MCPMethod.elicitationComplete else { return }
        // What was begun by a page may end after the call that began it.
        streams.tell(message, isOwners: asker != nil)
    }

    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        try await withThrowingTaskGroup(of: (key: String, answer: JSONValue).self) { group in
            for (key, question) in questions.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                group.addTask { (key, try await ask(question)) }
            }
            var answers: [String: JSONValue] = [:]
            for try await (key, answer) in group { answers[key] = answer }
            return answers
        }
    }

    func closeStream(retryAfter: Duration?) async {
        // Before, there is no event to come back from; after, no coming back.
        guard version == .v2025_11_25 else { return }
        reply.closeReader(retry: retryAfter ?? streams.configuration.retry)
    }

    private func ask(_ question: InputRequest) async throws -> JSONValue {
        try await streams.questions.ask(question.method, question.params(for: version), of: asker) {
            await reply.tell($0)
        } giveUp: {
            reply.tellAtOnce($0)
        }
    }
}
