internal import VestibuleProtocol

extension MCPServer {
    /// `completion/complete`: suggestions for an argument of a prompt or a variable of a resource template.
    func complete(_ call: ServerCall, _ offer: ServerOffer) async -> ServerReply {
        let params: CompleteParams
        do {
            params = try CompleteParams(json: try call.envelope.parsedParams(in: call.body))
        } catch {
            return ServerReply(.error(error.rpcError), detail: error.description)
        }
        let completer: Completer?
        do {
            completer = try self.completer(for: params, offer)
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
        guard let completer else { return Self.completion(Completion([]), call) }
        let outcome = await run(call, round: nil) { context in
            .completion(try await completer(params.argumentValue, params.context, context))
        }
        switch outcome {
        case .result(.completion(let completion)): return Self.completion(completion, call)
        // A completion may ask nothing: the answer is a result or an error, never a question.
        case .inputRequired:
            return Self.plainFailure("\(call.subject) may not ask the client anything", nil)
        default: return reply(outcome, to: call, round: nil)
        }
    }

    private static func completion(_ completion: Completion, _ call: ServerCall) -> ServerReply {
        // Made anew, since its values may have been changed to more than there may be.
        let bounded = Completion(completion.values, total: completion.total, hasMore: completion.hasMore)
        return .result(.object(CompleteResult(bounded).json(for: call.version).object ?? [:]))
    }

    /// `nil` for an argument for which nothing is suggested.
    private func completer(for params: CompleteParams, _ offer: ServerOffer) throws(RPCError) -> Completer? {
        switch params.reference {
        case .prompt(let name, _):
            guard let served = offer.prompts[name] else {
                throw RPCError(.invalidParams, "there is no prompt \(name.cut(toBytes: 128))")
            }
            let isKnown = served.prompt.arguments.contains { $0.name.hasSameBytes(as: params.argumentName) }
            guard isKnown else {
                throw RPCError(
                    .invalidParams,
                    "prompt \(name.cut(toBytes: 128)) has no argument \(params.argumentName.cut(toBytes: 128))")
            }
            return served.completions[params.argumentName]
        case .resource(let uri):
            if let template = offer.templates[uri] { return template.served.completions[params.argumentName] }
            guard offer.resources.contains(uri) else {
                throw RPCError(.invalidParams, "there is no resource or resource template \(uri.onShownLine)")
            }
            return nil
        }
    }
}
