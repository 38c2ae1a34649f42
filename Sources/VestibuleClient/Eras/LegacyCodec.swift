internal import HTTPTypes
internal import VestibuleProtocol

/// Sessions that open with `initialize` (2025-03-26 to 2025-11-25).
struct LegacyCodec: EraCodec {
    /// `nil` until `initialize` is answered.
    var version: ProtocolVersion?

    var isModern: Bool { false }
    var resumesStreams: Bool { true }
    var answersServer: Bool { true }
    var cancelsByDisconnecting: Bool { false }

    func encode(_ outgoing: Outgoing, id: RequestID?) -> Dispatch {
        var dispatch = Dispatch(id: id)
        if let version { dispatch.fields[.mcpProtocolVersion] = version.rawValue }
        switch outgoing.content {
        case .request(let method, var params):
            guard let id else { return dispatch }
            if outgoing.wantsProgress { params = (params ?? [:]).addingMeta([MetaKey.progressToken: id.json]) }
            dispatch.message = .request(id: id, method: method, params: params)
        case .notification(let method, let params):
            dispatch.message = .notification(method: method, params: params)
        case .answer(let message):
            dispatch.message = message
        case .stream(let lastEventID):
            if let lastEventID { dispatch.fields[.lastEventID] = lastEventID }
        case .delete:
            break
        }
        return dispatch
    }

    func read(_ result: JSONValue, of outgoing: Outgoing) throws(MCPClientError) -> ReplyForm {
        .complete(result)
    }
}

extension JSONObject {
    /// The parameters with these members in their `_meta`; what is there of the same name is replaced.
    func addingMeta(_ members: JSONObject) -> JSONObject {
        var copy = self
        var meta = self["_meta"]?.object ?? [:]
        for member in members.members { meta[member.name] = member.value }
        copy["_meta"] = .object(meta)
        return copy
    }
}
