internal import VestibuleProtocol

extension MCPServer {
    func callTool(_ call: ServerCall, _ offer: ServerOffer) async -> ServerReply {
        guard let name = call.envelope.name else {
            return .error(.invalidParams, "tools/call needs params.name, a string")
        }
        guard let tool = offer.tools[name] else {
            return .error(.invalidParams, "there is no tool \(name.cut(toBytes: 128))")
        }
        let arguments: JSONObject
        do {
            arguments = try call.arguments()
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
        if let problem = call.fields.flatMap({ tool.problem(comparing: $0, with: arguments) }) {
            return .error(.headerMismatch, problem)
        }
        if let problem = tool.input.problem(with: arguments) {
            return Self.toolFailure("\(name): \(problem)", nil, call)
        }
        let round: InputRound?
        do {
            round = try self.round(of: call, arguments: arguments)
        } catch {
            return ServerReply(.error(error), detail: error.message)
        }
        let handler = offer.extensions.reduce(tool.handler) { $1.handler(of: tool.served, $0) }
        let outcome = await run(call, round: round, atOnce: tool.served.answersAtOnce) { context in
            .tool(try await handler(arguments, context))
        }
        guard case .result(.tool(let result)) = outcome else {
            return reply(outcome, to: call, round: round) { Self.toolFailure($0, $1, call) }
        }
        return .result(.object(result.json(for: call.version).object ?? [:]))
    }

    /// A failure that the model may read.
    static func toolFailure(_ line: String, _ structured: JSONObject?, _ call: ServerCall) -> ServerReply {
        let result = ToolResult.failure(line, structured: structured)
        return ServerReply(.result(.object(result.json(for: call.version).object ?? [:])), detail: line)
    }
}

extension ServerCall {
    /// `params.arguments`, an object; none are an empty one.
    func arguments() throws(RPCError) -> JSONObject {
        guard let range = envelope.arguments else { return JSONObject() }
        let value: JSONValue
        do {
            // A member that is named twice might be read as one thing by the gate and as another by the handler.
            let limits = JSONLimits(maximumSize: range.count, duplicates: .refuse)
            value = try JSONParser(limits: limits).parse(body[range])
        } catch {
            throw RPCError(.invalidParams, "params.arguments: \(error)")
        }
        if value.isNull { return JSONObject() }
        guard let object = value.object else {
            throw RPCError(.invalidParams, "params.arguments has to be an object, not of type \(value.kind)")
        }
        return object
    }
}
