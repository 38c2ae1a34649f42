internal import VestibuleProtocol

extension MCPServer {
    func getPrompt(_ call: ServerCall, _ offer: ServerOffer) async -> ServerReply {
        guard let name = call.envelope.name else {
            return .error(.invalidParams, "prompts/get needs params.name, a string")
        }
        guard let served = offer.prompts[name] else {
            return .error(.invalidParams, "there is no prompt \(name.cut(toBytes: 128))")
        }
        let arguments: [String: String]
        let round: InputRound?
        do {
            let object = try call.arguments()
            arguments = try served.prompt.accepted(object)
            round = try self.round(of: call, arguments: object)
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
        let get = served.get
        let outcome = await run(call, round: round) { .prompt(try await get(arguments, $0)) }
        guard case .result(.prompt(let result)) = outcome else { return reply(outcome, to: call, round: round) }
        return .result(.object(result.json(for: call.version).object ?? [:]))
    }
}

extension Prompt {
    /// The arguments that the prompt knows, all required ones among them.
    fileprivate func accepted(_ object: JSONObject) throws(RPCError) -> [String: String] {
        var accepted: [String: String] = [:]
        for argument in arguments {
            guard let value = object[argument.name], !value.isNull else {
                guard argument.isRequired else { continue }
                throw RPCError(.invalidParams, "prompt \(name) needs the argument \(argument.name)")
            }
            guard let text = value.string else {
                throw RPCError(
                    .invalidParams, "argument \(argument.name) of prompt \(name) has to be a string, not \(value.kind)")
            }
            accepted[argument.name] = text
        }
        return accepted
    }
}
