/// JSON-RPC 2.0 messages as values, for whoever writes or reads them whole.
public enum RPCMessage: Sendable, Hashable {
    case request(id: RequestID, method: String, params: JSONObject?)
    case notification(method: String, params: JSONObject?)
    case result(id: RequestID, JSONValue)
    /// An error. The id is missing only where the request's could not be read.
    case error(id: RequestID?, RPCError)

    public var json: JSONValue {
        var object: JSONObject = ["jsonrpc": "2.0"]
        switch self {
        case .request(let id, let method, let params):
            object["id"] = id.json
            object["method"] = .string(method)
            object["params"] = params.map(JSONValue.object)
        case .notification(let method, let params):
            object["method"] = .string(method)
            object["params"] = params.map(JSONValue.object)
        case .result(let id, let result):
            object["id"] = id.json
            object["result"] = result
        case .error(let id, let error):
            object["id"] = id?.json
            object["error"] = error.json
        }
        return .object(object)
    }

    /// Reads one message; `nil` where the value is not a JSON-RPC 2.0 message as MCP allows it.
    public init?(json: JSONValue) {
        guard let object = json.object, object.firstDuplicate == nil, object["jsonrpc"] == "2.0" else { return nil }
        let id = object["id"].flatMap(RequestID.init)
        let hasUsableID = object["id"] == nil || id != nil
        switch (object["method"], object["result"], object["error"]) {
        case (.string(let method)?, nil, nil):
            let params = object["params"]?.object
            guard !method.isEmpty, hasUsableID, object["params"] == nil || params != nil else { return nil }
            self =
                id.map { .request(id: $0, method: method, params: params) }
                ?? .notification(method: method, params: params)
        case (nil, let result?, nil):
            guard let id else { return nil }
            self = .result(id: id, result)
        case (nil, nil, let error?):
            // A null id is how JSON-RPC answers a request whose id could not be read.
            guard let error = RPCError(json: error), hasUsableID || object["id"]?.isNull == true else { return nil }
            self = .error(id: id, error)
        default:
            return nil
        }
    }
}
