import VestibuleProtocol

/// Messages as tests write them.
enum Messages {
    static func request(_ id: JSONValue, _ method: String, _ params: JSONObject? = nil) -> JSONValue {
        var object: JSONObject = ["jsonrpc": "2.0", "id": id, "method": .string(method)]
        object["params"] = params.map(JSONValue.object)
        return .object(object)
    }

    static func notification(_ method: String, _ params: JSONObject? = nil) -> JSONValue {
        var object: JSONObject = ["jsonrpc": "2.0", "method": .string(method)]
        object["params"] = params.map(JSONValue.object)
        return .object(object)
    }

    /// A request of 2026-07-28.
    static func modern(
        _ id: JSONValue, _ method: String, _ params: JSONObject = [:], capabilities: JSONObject = [:],
        meta: JSONObject = [:], version: String = "2026-07-28"
    ) -> JSONValue {
        var members: JSONObject = [
            MetaKey.protocolVersion: .string(version), MetaKey.clientCapabilities: .object(capabilities),
        ]
        for member in meta.members { members[member.name] = member.value }
        var params = params
        params["_meta"] = .object(members)
        return request(id, method, params)
    }

    static func call(_ id: JSONValue, _ tool: String, _ arguments: JSONObject = [:]) -> JSONValue {
        request(id, "tools/call", ["name": .string(tool), "arguments": .object(arguments)])
    }

    static func initialize(_ version: String = "2025-11-25", capabilities: JSONObject = [:]) -> JSONValue {
        request(
            0, "initialize",
            [
                "protocolVersion": .string(version), "capabilities": .object(capabilities),
                "clientInfo": ["name": "test", "version": "1"],
            ])
    }
}
