internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

extension DemoRequest {
    var json: JSONValue {
        var object: JSONObject = ["http_method": .string(server.httpMethod), "token": .bool(server.tokenSent)]
        object["method"] = server.method.map(JSONValue.string)
        object["tool"] = server.tool.map(JSONValue.string)
        object["phase"] = (server.phase?.rawValue).map(JSONValue.string)
        object["token_number"] = token.map(JSONValue.integer)
        object["kid"] = server.keyID.map(JSONValue.string)
        object["key_fingerprint"] = keyFingerprint.map(JSONValue.string)
        object["token_age"] = server.tokenAge.flatMap { JSONNumber($0.inSeconds) }.map(JSONValue.number)
        object["status"] = .integer(server.status)
        object["verdict"] = .string(server.verdict.rawValue)
        object["reason"] = (server.reason?.rawValue).map(JSONValue.string)
        object["detail"] = server.detail.map(JSONValue.string)
        object["event_before"] = event.map(JSONValue.string)
        return .object(object)
    }
}
