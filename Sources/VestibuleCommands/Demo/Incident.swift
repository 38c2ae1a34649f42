internal import HTTPTypes
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol
internal import VestibuleServer

/// *Before*: a front end that caches its token, and sends it with the handshake.
///
/// Deliberately naive, and so written on the bare transport: three tries with the token, then one without.
enum Incident {
    static func run(on scene: DemoScene) async throws -> DemoRun {
        var keys = scene.keys
        let cached = try scene.stage.makeStaleToken(&keys)
        let client = NaiveClient(scene: scene)
        var session: String?
        for _ in 1...3 where session == nil { session = try await client.initialize(token: cached) }
        if session == nil { session = try await client.initialize(token: nil) }
        var failure: String? = "no session"
        if let session {
            try await client.announce(session: session)
            failure = try await client.call(session: session)
        }
        return DemoRun(requests: scene.stage.traffic.requests, keys: keys.fingerprints, failure: failure)
    }

    /// Whether what was recorded is the incident: three refusals, an anonymous session, a refused tool.
    static func isReplayed(by run: DemoRun) -> Bool {
        run.requests.map(\.server.status) == [401, 401, 401, 200, 202, 401]
            && run.requests.map(\.token) == [1, 1, 1, nil, nil, nil] && run.failure != nil
    }
}

private struct NaiveClient {
    var scene: DemoScene

    /// - Returns: The session's id, where one was opened.
    func initialize(token: String?) async throws -> String? {
        let response = try await send(
            "initialize", id: 1,
            params: [
                "protocolVersion": .string(ProtocolVersion.latestLegacy.rawValue), "capabilities": [:],
                "clientInfo": Implementation(name: "naive-front-end", version: "1").json,
            ], token: token, session: nil)
        guard response.status == 200 else { return nil }
        return HTTPField.Name(MCPHeader.sessionID).flatMap { response.fields[$0] }
    }

    func announce(session: String) async throws {
        _ = try await send("notifications/initialized", id: nil, params: nil, token: nil, session: session)
    }

    /// - Returns: What the user is told; `nil` where the tool worked.
    func call(session: String) async throws -> String? {
        let response = try await send(
            "tools/call", id: 2, params: ["name": .string(DemoStage.tool), "arguments": .object(DemoStage.arguments)],
            token: nil, session: session)
        return response.status == 200 ? nil : "Access denied"
    }

    private func send(
        _ method: String, id: Int?, params: JSONObject?, token: String?, session: String?
    ) async throws -> TransportResponse {
        let message: RPCMessage =
            id.map { .request(id: .integer($0), method: method, params: params) }
            ?? .notification(method: method, params: params)
        var fields = HTTPFields()
        fields[.contentType] = "application/json"
        fields[.accept] = "application/json, text/event-stream"
        if let token { fields[.authorization] = "Bearer \(token)" }
        if let name = HTTPField.Name(MCPHeader.sessionID) { fields[name] = session }
        let response = try await scene.transport.send(
            TransportRequest(
                method: .post, url: scene.url, fields: fields, body: message.json.serialized, timeout: .seconds(10)))
        for try await _ in response.body {}
        return response
    }
}
