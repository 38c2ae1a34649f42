internal import VestibuleAuth
internal import VestibuleProtocol

extension MCPEndpoint {
    /// `tools/list`: everything to somebody anonymous, who may still sign in; to a principal what it may call.
    func listTools(_ id: RequestID, _ exchange: Exchange, _ envelope: Envelope) -> Answer {
        let cursor: String?
        do {
            cursor = try ListToolsParams(json: try envelope.parsedParams(in: exchange.request.body)).cursor
        } catch {
            return .error(id, error.rpcError)
        }
        let principal = exchange.credential.principal
        let version = exchange.session?.version ?? .latestLegacy
        let page = server.offer.tools.page(after: cursor, size: server.configuration.pageSize, for: version) {
            [gate] tool in
            principal.map { gate.shows(tool, to: $0) } ?? true
        }
        guard let page else {
            return .error(id, RPCError(.invalidParams, "params.cursor is not one of this server's; begin without one"))
        }
        return .result(id) { writer in
            writer.write(raw: #"{"tools":["#)
            for (index, tool) in page.entries.enumerated() {
                if index > 0 { writer.write(raw: ",") }
                writer.write(raw: tool)
            }
            writer.write(raw: "]")
            if let next = page.next {
                writer.write(raw: #","nextCursor":"#)
                writer.write(string: next)
            }
            writer.write(raw: "}")
        }
    }

    func callTool(_ id: RequestID, _ exchange: Exchange, _ envelope: Envelope) async -> Answer {
        guard let name = envelope.name else {
            return .error(id, RPCError(.invalidParams, "tools/call needs params.name, a string"))
        }
        guard let served = server.offer.tools[name]?.served else {
            return .error(id, RPCError(.invalidParams, "there is no tool \(name.cut(toBytes: 128))"))
        }
        let arguments: JSONObject
        do {
            arguments = try parsedArguments(exchange, envelope)
        } catch {
            return .error(id, error)
        }
        if let problem = SchemaValidator.problem(with: arguments, schema: served.tool.inputSchema) {
            return toolFailure(id, "\(name): \(problem)", structured: nil)
        }
        let context = RequestContext(
            principal: exchange.credential.principal, requestID: exchange.requestID,
            protocolVersion: exchange.session?.version ?? .v2025_03_26)
        if served.answersAtOnce {
            return answer(id, name, await served.attempt(arguments, context: context), exchange)
        }
        let signal = CallSignal()
        let key = exchange.session.map { RunningCalls.Key(session: ByteKey($0.id), request: id) }
        let ticket = calls.insert(signal, for: key)
        let outcome = await served.run(arguments, context: context, signal: signal)
        calls.remove(ticket)
        return answer(id, name, outcome, exchange)
    }

    private func parsedArguments(_ exchange: Exchange, _ envelope: Envelope) throws(RPCError) -> JSONObject {
        guard let range = envelope.arguments else { return JSONObject() }
        let value: JSONValue
        do {
            // A member that is named twice might be read as one thing by the gate and as another by the tool.
            let limits = JSONLimits(maximumSize: configuration.maximumBodySize, duplicates: .refuse)
            value = try JSONParser(limits: limits).parse(exchange.request.body[range])
        } catch {
            throw RPCError(.invalidParams, "params.arguments: \(error)")
        }
        if value.isNull { return JSONObject() }
        guard let object = value.object else {
            throw RPCError(.invalidParams, "params.arguments has to be an object, not of type \(value.kind)")
        }
        return object
    }

    private func answer(_ id: RequestID, _ name: String, _ outcome: ToolOutcome, _ exchange: Exchange) -> Answer {
        switch outcome {
        case .result(let result):
            return .result(id) { $0.write(result.json) }
        case .failed(let error):
            return toolFailure(id, error.message, structured: error.structured)
        case .broken(let particulars):
            var answer = toolFailure(
                id, "\(name) failed on the server's side; the server's log says more under \(exchange.requestID)",
                structured: nil)
            answer.verdict = .failed
            answer.detail = particulars.cut(toBytes: 512)
            return answer
        case .timedOut:
            let limit = server.configuration.callTimeout.inSeconds
            var answer = toolFailure(
                id, "\(name) did not finish within \(limit) s and was cancelled; try again or ask for less",
                structured: nil)
            answer.verdict = .failed
            return answer
        case .cancelled:
            var answer = Answer.error(id, RPCError(.cancelled, "\(name) was cancelled before it finished"))
            answer.verdict = .failed
            return answer
        }
    }

    private func toolFailure(_ id: RequestID, _ line: String, structured: JSONObject?) -> Answer {
        var answer = Answer.result(id) { $0.write(ToolResult.failure(line, structured: structured).json) }
        answer.detail = line
        return answer
    }

    /// `notifications/cancelled`: heeded within the session that runs the call.
    func cancelCall(_ exchange: Exchange, _ envelope: Envelope) {
        guard let session = exchange.session,
            let params = try? CancelledParams(json: try envelope.parsedParams(in: exchange.request.body))
        else { return }
        calls.cancel(RunningCalls.Key(session: ByteKey(session.id), request: params.requestID))
    }
}

extension RPCError.Code {
    /// A call that the client cancelled, or that the server's end cut short. No client waits for it any more.
    fileprivate static let cancelled: RPCError.Code = 499
}
