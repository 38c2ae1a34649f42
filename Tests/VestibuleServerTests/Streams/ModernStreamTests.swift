import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Streams of the modern era")
struct ModernStreamTests {
    /// requirement: B-08, B-71, B-72, B-73, B-76, B-78, D-10, D-23
    @Test("what a request tells goes out on its own stream, without ids, and the response ends it")
    func answer() async throws {
        let house = try StreamHouse()
        let response = await house.modernCall("progress", token: try house.token())
        #expect(response.head.headerFields[.xAccelBuffering] == "no")
        #expect(response.head.headerFields[.mcpSessionID] == nil)
        var reader = try response.reader()
        let messages = try await reader.messages()
        #expect(messages.dropLast().map { $0["method"] == "notifications/progress" } == [true, true, true])
        #expect(messages.last?["result"]?["resultType"] == "complete" && messages.last?.text == "done")
        #expect(reader.lastEventID == nil && !reader.text.contains("id: "))
    }

    /// requirement: D-22
    @Test("without a log level nothing is told, and the answer is JSON")
    func silent() async throws {
        let house = try StreamHouse()
        #expect(await house.modernCall("tell", token: try house.token(), log: false).text == "told")
    }

    /// requirement: B-74, B-75
    @Test("closing the stream cancels the call")
    func closed() async throws {
        let house = try StreamHouse()
        let response = await house.modernCall("wait", token: try house.token())
        guard case .stream(let stream) = response.body else { throw Unexpected("no stream") }
        stream.cancel()
        try await house.cancelled.wait()
        await house.endpoint.callsFinished()
        #expect(house.records.list.last?.tool == "wait")
    }

    /// requirement: B-74
    @Test("a peer that goes before there is an answer cancels the call; one of a session goes on")
    func peerGone() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let peer = PeerPresence()
        let call = Task { await house.modernCall("wait", token: token, log: false, peer: peer) }
        peer.leave()
        try await house.cancelled.wait()
        #expect(await call.value.json?["error"] != nil)

        let other = try StreamHouse()
        let session = try await other.open()
        let gone = PeerPresence()
        gone.leave()
        other.goOn.open()
        _ = await other.call("wait", token: try other.token(), session: session, peer: gone)
        try await other.wentOn.wait()
    }

    /// requirement: B-74
    @Test("a reader that takes nothing for 30 s has its stream closed and its call cancelled")
    func stalled() async throws {
        let house = try StreamHouse()
        let response = await house.modernCall("wait", token: try house.token())
        for _ in 0..<2 {
            await house.clock.untilSomebodySleeps(for: .seconds(15))
            house.clock.advance(by: .seconds(15))
        }
        try await house.cancelled.wait()
        var reader = try response.reader()
        #expect(try await reader.message() == nil)
    }

    /// requirement: D-73
    @Test("a call whose token expires ends with an error that says so, and is cancelled")
    func expiry() async throws {
        let house = try StreamHouse()
        var reader = try await house.modernCall("wait", token: try house.token(ttl: .seconds(10))).reader()
        _ = try await reader.message()
        await house.clock.untilSomebodySleeps(for: .seconds(10))
        house.clock.advance(by: .seconds(10))
        let last = try #require(try await reader.message())
        #expect(last["id"] == 1 && last["error"]?["data"]?["reason"] == "token_expired")
        #expect(try await reader.message() == nil)
        try await house.cancelled.wait()
    }

    @Test("who calls a public tool without a token may follow the task that it became, and nobody's else")
    func publicTask() async throws {
        let house = try StreamHouse()
        house.server.offerTasks()
        var tool = ServedTool(Tool(name: "open_task", inputSchema: [:])) { [latch = house.goOn] _, _ in
            try await latch.wait()
            return .text("done")
        }
        tool.taskSupport = .optional
        house.server.add(tool)
        tool.tool.name = "task"
        house.server.add(tool)
        let capabilities = #"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#
        func make(_ name: String, token: String?) async throws -> String {
            let made = await house.modern(
                "tools/call", #""name":"\#(name)""#, name: name, token: token, capabilities: capabilities, log: false)
            return try #require(made.json?["result"]?["taskId"]?.string)
        }
        func ask(_ method: String, _ id: String, token: String? = nil) async -> EndpointResponse {
            await house.modern(
                method, #""taskId":"\#(id)""#, name: id, token: token, capabilities: capabilities, log: false)
        }
        let token = try house.token()
        let (anybodys, adas) = (try await make("open_task", token: nil), try await make("task", token: token))
        #expect(await ask("tasks/get", anybodys).json?["result"]?["status"] == "working")
        #expect(await ask("tasks/get", adas, token: token).json?["result"]?["status"] == "working")
        #expect(await ask("tasks/get", anybodys, token: token).json?["error"]?["code"] == -32602)
        #expect(await ask("tasks/get", adas).status == 401)
        #expect(await ask("tasks/get", "none").status == 401)
        #expect(await ask("tasks/cancel", anybodys).json?["result"] != nil)
        #expect(await ask("tasks/get", anybodys).json?["result"]?["status"] == "cancelled")
    }

    // MARK: - Subscriptions

    private func listen(
        _ house: StreamHouse, _ filter: String, id: String = "1", token: String?
    ) async -> EndpointResponse {
        await house.modern(
            "subscriptions/listen", #""notifications":\#(filter)"#, id: id, token: token, log: false)
    }

    /// requirement: D-66, D-67, D-68, D-69, E-07
    @Test(
        "a subscription is acknowledged first, tells what was asked for and nothing else, and names itself in every message",
        arguments: [("7", JSONValue.integer(7)), (#""seven""#, "seven")])
    func subscription(_ id: String, _ json: JSONValue) async throws {
        let house = try StreamHouse()
        let response = await listen(
            house, #"{"toolsListChanged":true,"resourceSubscriptions":["test://a"],"unheard":1}"#, id: id,
            token: try house.token())
        var reader = try response.reader()
        let acknowledged = try #require(try await reader.message())
        #expect(acknowledged["method"] == "notifications/subscriptions/acknowledged")
        #expect(
            acknowledged["params"]?["notifications"]
                == ["toolsListChanged": true, "resourceSubscriptions": ["test://a"]])
        house.server.removePrompt("none")
        house.server.resourceUpdated("test://b")
        house.server.resourceUpdated("test://a")
        let update = try #require(try await reader.message())
        #expect(update["method"] == "notifications/resources/updated" && update["params"]?["uri"] == "test://a")
        house.server.removeTool("plain")
        let change = try #require(try await reader.message())
        #expect(change["method"] == "notifications/tools/list_changed")
        for message in [acknowledged, update, change] {
            #expect(message["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == json)
        }
        #expect(!reader.text.contains("id: "))
    }

    /// requirement: D-70, D-73, J-1
    @Test("the token's end and the server's end a subscription with its response; afterwards none is opened")
    func ends() async throws {
        let house = try StreamHouse()
        var expiring = try await listen(house, "{}", token: try house.token(ttl: .seconds(10))).reader()
        _ = try await expiring.message()
        await house.clock.untilSomebodySleeps(for: .seconds(10))
        house.clock.advance(by: .seconds(10))
        let result = try #require(try await expiring.message())
        #expect(result["id"] == 1 && result["result"]?["resultType"] == "complete")
        #expect(result["result"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 1)
        #expect(try await expiring.message() == nil)
        #expect(expiring.text.contains(": closed (token_expired)"))
        let token = try house.token()
        var other = try await listen(house, #"{"promptsListChanged":true}"#, id: "2", token: token).reader()
        #expect(try await other.message()?["params"]?["notifications"] == ["promptsListChanged": true])
        house.endpoint.drain()
        #expect(try await other.message()?["id"] == 2)
        #expect(try await other.message() == nil)
        let listening = house.server.changes.count
        #expect(await listen(house, "{}", token: token).status == 503)
        #expect(house.server.changes.count <= listening)
    }

    @Test("a subject has so many subscriptions, and one that was closed makes room; another subject has its own")
    func places() async throws {
        let house = try StreamHouse { $0.streams.maximumPerSubject = 2 }
        let token = try house.token()
        let open = [await listen(house, "{}", token: token), await listen(house, "{}", token: token)]
        let listening = house.server.changes.count
        let refused = await listen(house, "{}", token: token)
        #expect(house.server.changes.count == listening)
        #expect(refused.status == 429 && refused.head.headerFields[.retryAfter] == "15")
        #expect(refused.json?["error"]?["data"]?["reason"] == "rate_limited")
        #expect(await listen(house, "{}", token: try house.token("bob")).status == 200)
        if case .stream(let stream) = open[0].body { stream.cancel() }
        while house.endpoint.longStreams.count > 1 { await Task.yield() }
        #expect(await listen(house, "{}", token: token).status == 200)
    }

    @Test(
        "a subscription that is not made as it has to be is refused",
        arguments: [
            ("", 400, -32602), (#""notifications":1"#, 400, -32602),
            (#""notifications":{"toolsListChanged":1}"#, 400, -32602),
        ])
    func malformed(_ params: String, _ status: Int, _ code: Int) async throws {
        let house = try StreamHouse()
        let refused = await house.modern("subscriptions/listen", params, token: try house.token())
        #expect(refused.status == status && refused.json?["error"]?["code"] == .integer(code))
        #expect(await house.modern("subscriptions/listen", #""notifications":{}"#, token: nil).status == 401)
        let deaf = await house.modern(
            "subscriptions/listen", #""notifications":{}"#, token: try house.token(), accept: "application/json")
        #expect(deaf.status == 406)
    }
}
