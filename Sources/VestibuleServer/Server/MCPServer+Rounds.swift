internal import VestibuleProtocol

/// The rounds of a modern request that asks its client (MCP 2026-07-28, Multi Round-Trip Requests).
extension MCPServer {
    /// What former rounds of the request brought; `nil` in the first one.
    ///
    /// Of the answers that come those count that were asked for; whatever else comes is passed over.
    ///
    /// - Throws: -32602 where the state is not one that was given out for this very request, or the answers are none.
    func round(of call: ServerCall, arguments: JSONObject?) throws(RPCError) -> InputRound? {
        guard call.isModern, call.envelope.requestState != nil || call.envelope.inputResponses != nil else {
            return nil
        }
        let responses = try call.inputResponses()
        guard let text = call.envelope.requestState else { return InputRound(answers: responses) }
        guard text.utf8.count <= configuration.maximumRequestState,
            let state = seal.open(text).flatMap(RequestState.init(json:))
        else {
            throw RPCError(
                .invalidParams,
                "requestState cannot be opened: it was changed, or another server gave it out; make the request anew")
        }
        guard state.binding.hasSameBytes(as: call.binding(arguments: arguments)) else {
            throw RPCError(
                .invalidParams,
                "requestState belongs to another request, or to somebody else's; send it with the request that it "
                    + "answers, or make the request anew")
        }
        guard clock.now() < state.expiry else {
            let limit = configuration.requestStateLifetime.inSeconds
            throw RPCError(.invalidParams, "requestState is older than \(limit) s; make the request anew")
        }
        let asked = responses.filter { name, _ in state.asked.contains { $0.hasSameBytes(as: name) } }
        return InputRound(
            answers: state.answers.merging(asked) { $1 }, state: state.state, number: state.round)
    }

    /// Has the client answer questions and come again.
    func ask(
        _ needed: InputRequired, of call: ServerCall, round: InputRound?,
        fail: (_ line: String, _ structured: JSONObject?) -> ServerReply
    ) -> ServerReply {
        if let missing = call.context.clientCapabilities.missing(for: needed.requests.values) {
            return lacks(missing, call, fail: fail)
        }
        let number = (round?.number ?? 0) + 1
        guard number <= configuration.maximumRounds else {
            return fault(
                "\(call.subject) asked the client \(configuration.maximumRounds) times, and it led to no answer",
                fail)
        }
        var answers = round?.answers ?? [:]
        // What is asked again was not answered.
        for key in needed.requests.keys { answers[key] = nil }
        let state = RequestState(
            binding: call.binding(arguments: try? call.arguments()),
            expiry: clock.now() + configuration.requestStateLifetime, round: number,
            asked: needed.requests.keys.sorted(), answers: answers, state: needed.state)
        guard let sealed = seal.seal(state.json), sealed.utf8.count <= configuration.maximumRequestState else {
            return fault(
                "\(call.subject) has more to remember between two rounds than the "
                    + "\(configuration.maximumRequestState) bytes that a client is given to carry", fail)
        }
        return ServerReply(
            .inputRequired(InputRequiredResult(inputRequests: needed.requests, requestState: sealed)))
    }

    private func fault(
        _ line: String, _ fail: (_ line: String, _ structured: JSONObject?) -> ServerReply
    ) -> ServerReply {
        var reply = fail(line, nil)
        reply.isFault = true
        return reply
    }
}

extension ServerCall {
    fileprivate func inputResponses() throws(RPCError) -> [String: JSONValue] {
        guard let range = envelope.inputResponses else { return [:] }
        let limits = JSONLimits(maximumSize: range.count, maximumDepth: 32)
        guard let object = (try? JSONParser(limits: limits).parse(body[range]))?.object else {
            throw RPCError(.invalidParams, "params.inputResponses has to be an object of answers by their keys")
        }
        return object.byName
    }
}
