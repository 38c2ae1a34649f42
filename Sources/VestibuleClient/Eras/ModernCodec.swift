internal import HTTPTypes
internal import VestibuleProtocol

/// Requests that say all that must be known of them (2026-07-28): there is no session.
struct ModernCodec: EraCodec {
    var revision: ProtocolVersion
    /// What the client can do, as every request declares it.
    var capabilities: JSONObject
    var clientInfo: Implementation

    var version: ProtocolVersion? { revision }
    var isModern: Bool { true }
    var resumesStreams: Bool { false }
    var answersServer: Bool { false }
    var cancelsByDisconnecting: Bool { true }

    func encode(_ outgoing: Outgoing, id: RequestID?) -> Dispatch {
        var dispatch = Dispatch(id: id)
        dispatch.fields[.mcpProtocolVersion] = revision.rawValue
        switch outgoing.content {
        case .request(let method, let params):
            guard let id else { return dispatch }
            let params = (params ?? [:]).addingMeta(meta(of: outgoing, id: id))
            dispatch.message = .request(id: id, method: method, params: params)
            mirror(method, params, outgoing.mirrors, in: &dispatch.fields)
        case .notification(let method, let params):
            dispatch.message = .notification(method: method, params: params)
            dispatch.fields[.mcpMethod] = method
        case .answer, .stream, .delete:
            // None of these exists in this era; nobody sends them.
            break
        }
        return dispatch
    }

    private func meta(of outgoing: Outgoing, id: RequestID) -> JSONObject {
        var meta: JSONObject = [
            MetaKey.protocolVersion: .string(revision.rawValue),
            MetaKey.clientInfo: clientInfo.json,
            MetaKey.clientCapabilities: .object(capabilities),
        ]
        if outgoing.wantsProgress { meta[MetaKey.progressToken] = id.json }
        if let level = outgoing.logLevel { meta[MetaKey.logLevel] = .string(level.rawValue) }
        return meta
    }

    /// Shows in header fields what the body says, so that whoever stands between need not read it.
    private func mirror(
        _ method: String, _ params: JSONObject, _ mirrors: ParameterHeaders?, in fields: inout HTTPFields
    ) {
        fields[.mcpMethod] = method
        let name: JSONValue? =
            switch method {
            case MCPMethod.callTool, MCPMethod.getPrompt: params["name"]
            case MCPMethod.readResource: params["uri"]
            case MCPMethod.getTask, MCPMethod.updateTask, MCPMethod.cancelTask: params["taskId"]
            default: nil
            }
        if let name = name?.string { fields[.mcpName] = HeaderText.encode(name) }
        guard let mirrors, method == MCPMethod.callTool else { return }
        for field in mirrors.fields(for: params["arguments"]?.object ?? [:]) {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
    }

    func read(_ result: JSONValue, of outgoing: Outgoing) throws(MCPClientError) -> ReplyForm {
        guard let type = result["resultType"], !type.isNull else { return .complete(result) }
        do {
            switch type.string {
            case ResultType.complete.rawValue?:
                return .complete(result)
            case ResultType.inputRequired.rawValue? where outgoing.mayNeedInput:
                return .inputRequired(try InputRequiredResult(json: result))
            case ResultType.task.rawValue? where outgoing.method == MCPMethod.callTool:
                return .task(try MCPTask(json: result))
            default:
                break
            }
        } catch {
            throw MCPClientError(.protocolViolation, "\(outgoing.inWords): \(error)")
        }
        let shown = type.description.onOneLine(limit: 60)
        throw MCPClientError(
            .protocolViolation,
            "\(outgoing.inWords): the result is of the type \(shown), which is not known for this request")
    }
}

extension Outgoing {
    /// Only of these may a server want more before it completes them.
    fileprivate var mayNeedInput: Bool {
        [MCPMethod.callTool, MCPMethod.getPrompt, MCPMethod.readResource].contains(method)
    }
}
