import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

private struct Echo: Codable { var text: String }

@Suite("A server over a channel")
struct ChannelTests {
    let server: MCPServer
    let latch = Latch()

    init() throws {
        server = MCPServer(info: Implementation(name: "channel", version: "1"))
        try server.tool("echo", "Echoes") { (echo: Echo, context) in echo.text }
        try server.tool("wait", "Waits") { [latch] context in
            await context.report(progress: 1, message: "waiting")
            try await latch.wait()
            return "done"
        }
        try server.tool("ask", "Asks") { context in
            try await context.sample(CreateMessageParams([.user("?")], maxTokens: 5)).text
        }
        try server.tool("log", "Logs") { context in
            await context.log(.warning, "careful")
            return "logged"
        }
        server.resource("test://a", name: "a") { context in "text" }
    }

    private func initialized(
        _ client: ChannelClient, _ version: String = "2025-11-25", capabilities: JSONObject = [:]
    ) async throws {
        _ = try await client.result(of: Messages.initialize(version, capabilities: capabilities))
        try await client.send(Messages.notification("notifications/initialized"))
    }

    /// requirement, C-50
    @Test("both eras are served side by side: a message with its version by itself, the others in the session")
    func eras() async throws {
        try await ChannelClient.with(server) { client in
            let discovered = try await client.result(of: Messages.modern("d", "server/discover"))
            #expect(discovered?["supportedVersions"] == ["2026-07-28"])
            let opened = try await client.result(of: Messages.initialize("2025-06-18"))
            #expect(opened?["protocolVersion"] == "2025-06-18")
            let legacy = try await client.result(of: Messages.call(1, "echo", ["text": "a"]))
            #expect(legacy?["content"]?.array?.first?["text"] == "a")
            #expect(legacy?["resultType"] == nil)
            let modern = try await client.result(
                of: Messages.modern(2, "tools/call", ["name": "echo", "arguments": ["text": "b"]]))
            #expect(modern?["content"]?.array?.first?["text"] == "b")
            #expect(modern?["resultType"] == "complete")
            #expect(modern?["_meta"]?[MetaKey.serverInfo]?["name"] == "channel")
        }
    }

    /// requirement: A-37, D-01
    @Test("without a session only ping is answered, and initialize opens one once")
    func sessions() async throws {
        try await ChannelClient.with(server) { client in
            #expect(try await client.result(of: Messages.request(1, "ping")) == [:])
            let early = try await client.response(to: Messages.request(2, "tools/list"))
            #expect(early?["error"]?["code"] == -32600)
            #expect(early?["error"]?["message"]?.string?.contains("initialize first") == true)
            _ = try await client.result(of: Messages.initialize())
            let second = try await client.response(
                to: Messages.request("again", "initialize", Messages.initialize()["params"]?.object))
            #expect(second?["error"]?["code"] == -32600)
        }
    }

    /// requirement, G-04
    @Test("modern requests that are not made as the era has them are refused by its codes")
    func modernRefusals() async throws {
        try await ChannelClient.with(server) { client in
            let version = try await client.response(to: Messages.modern(1, "tools/list", version: "2099-01-01"))
            #expect(version?["error"]?["code"] == -32022)
            #expect(version?["error"]?["data"]?["supported"] == ["2026-07-28"])
            #expect(version?["error"]?["data"]?["requested"] == "2099-01-01")
            let meta: JSONObject = ["_meta": [MetaKey.protocolVersion: "2026-07-28"]]
            let bare = try await client.response(to: Messages.request("x", "tools/list", meta))
            #expect(bare?["error"]?["code"] == -32602)
            #expect(bare?["id"] == "x")
            let removed = try await client.response(to: Messages.modern(3, "ping"))
            #expect(removed?["error"]?["code"] == -32601)
        }
    }

    /// requirement: D-04, D-05, D-08
    @Test("requests run beside each other, and a cancelled one is answered by nothing", arguments: [false, true])
    func cancellation(isModern: Bool) async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client)
            let token: JSONObject = ["progressToken": "p"]
            let wait =
                isModern
                ? Messages.modern(7, "tools/call", ["name": "wait"], meta: token)
                : Messages.request(7, "tools/call", ["name": "wait", "_meta": .object(token)])
            try await client.send(wait)
            let progress = try await client.next(method: "notifications/progress")
            #expect(progress?["params"]?["progressToken"] == "p")
            await latch.untilWaiting()
            try await client.send(Messages.notification("notifications/cancelled", ["requestId": 7]))
            _ = try await client.result(of: Messages.call(8, "echo", ["text": "still here"]))
            await client.close()
            let late = try await client.next { $0["id"] == 7 }
            #expect(late == nil)
        }
    }

    /// requirement: C-53, G-09, D-52
    @Test("in the legacy era the client is asked by a request, in the modern one by the answer")
    func asking() async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client, capabilities: ["sampling": [:]])
            try await client.send(Messages.call(1, "ask"))
            let question = try #require(try await client.next(method: "sampling/createMessage"))
            #expect(question["params"]?["maxTokens"] == 5)
            let answer: JSONObject = ["role": "assistant", "model": "m", "content": ["type": "text", "text": "42"]]
            try await client.send(["jsonrpc": "2.0", "id": question["id"] ?? .null, "result": .object(answer)])
            let result = try await client.next { $0["id"] == 1 }
            #expect(result?["result"]?["content"]?.array?.first?["text"] == "42")

            let first = try await client.result(
                of: Messages.modern(2, "tools/call", ["name": "ask"], capabilities: ["sampling": [:]]))
            #expect(first?["resultType"] == "input_required")
            let key = try #require(first?["inputRequests"]?.object?.names.first)
            var retry: JSONObject = ["name": "ask", "inputResponses": .object([key: .object(answer)])]
            retry["requestState"] = first?["requestState"]
            let second = try await client.result(
                of: Messages.modern(3, "tools/call", retry, capabilities: ["sampling": [:]]))
            #expect(second?["content"]?.array?.first?["text"] == "42")
        }
    }

    @Test("a client that refuses to answer fails the tool with its line")
    func refusedQuestion() async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client, capabilities: ["sampling": [:]])
            try await client.send(Messages.call(1, "ask"))
            let question = try #require(try await client.next(method: "sampling/createMessage"))
            let error: JSONValue = ["code": -1, "message": "the person said no"]
            try await client.send(["jsonrpc": "2.0", "id": question["id"] ?? .null, "error": error])
            let result = try await client.next { $0["id"] == 1 }?["result"]
            #expect(result?["isError"] == true)
            #expect(result?["content"]?.array?.first?["text"] == "the client refused with error -1: the person said no")
        }
    }

    /// requirement: D-20, D-21, D-22, D-23
    @Test("log messages come from the session's level on, and to a modern request only if it asks")
    func logging() async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client)
            _ = try await client.result(of: Messages.request(1, "logging/setLevel", ["level": "error"]))
            try await client.send(Messages.call(2, "log"))
            let quiet = try await client.next()
            #expect(quiet?["id"] == 2)
            let level: JSONObject = [MetaKey.logLevel: "info"]
            try await client.send(Messages.modern(3, "tools/call", ["name": "log"], meta: level))
            #expect(try await client.next()?["params"]?["level"] == "warning")
            #expect(try await client.next()?["id"] == 3)
            try await client.send(Messages.modern(4, "tools/call", ["name": "log"]))
            #expect(try await client.next()?["id"] == 4)
        }
    }

    /// requirement: A-38, E-07, D-65, E-34
    @Test("a session hears of changed lists once it is initialized, and of resources that it subscribed to")
    func legacyChanges() async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client)
            #expect(try await client.result(of: Messages.request(1, "resources/subscribe", ["uri": "test://a"])) == [:])
            server.resourceUpdated("test://b")
            server.resourceUpdated("test://a")
            let updated = try await client.next()
            #expect(updated?["method"] == "notifications/resources/updated")
            #expect(updated?["params"]?["uri"] == "test://a")
            server.removeTool("log")
            #expect(try await client.next()?["method"] == "notifications/tools/list_changed")
        }
    }

    @Test("a client that says twice that it is initialized hears of each change once")
    func initializedTwice() async throws {
        try await ChannelClient.with(server) { client in
            try await initialized(client)
            for _ in 0..<3 { try await client.send(Messages.notification("notifications/initialized")) }
            #expect(try await client.result(of: Messages.request(1, "ping")) == [:])
            while server.changes.count == 0 { await Task.yield() }
            server.removeTool("log")
            #expect(try await client.next()?["method"] == "notifications/tools/list_changed")
            #expect(server.changes.count == 1)
            await client.close()
            #expect(try await client.next() == nil)
        }
    }

    /// requirement: D-66, D-67, D-68, D-69, D-71, D-72
    @Test("a subscription is acknowledged first, tells what was asked for under its id, and ends when it is cancelled")
    func subscriptions() async throws {
        try await ChannelClient.with(server) { client in
            let wanted: JSONObject = [
                "notifications": ["toolsListChanged": true, "resourceSubscriptions": ["test://a"]]
            ]
            try await client.send(Messages.modern("s", "subscriptions/listen", wanted))
            let first = try await client.next()
            #expect(first?["method"] == "notifications/subscriptions/acknowledged")
            #expect(first?["params"]?["_meta"]?[MetaKey.subscriptionID] == "s")
            #expect(first?["params"]?["notifications"] == wanted["notifications"])
            server.prompt("new") { context in "text" }
            server.resourceUpdated("test://a")
            let second = try await client.next()
            #expect(second?["method"] == "notifications/resources/updated")
            #expect(second?["params"]?["_meta"]?[MetaKey.subscriptionID] == "s")
            #expect(second?["params"]?["uri"] == "test://a")
            try await client.send(Messages.notification("notifications/cancelled", ["requestId": "s"]))
            _ = try await client.result(of: Messages.modern(1, "server/discover"))
            server.resourceUpdated("test://a")
            try await client.send(Messages.modern(2, "server/discover"))
            #expect(try await client.next()?["id"] == 2)
        }
    }

    /// requirement: D-07, D-70
    @Test("a subscription that the server's end cuts short is cancelled and answered, both")
    func subscriptionEndsWithTheServer() async throws {
        let (ours, theirs) = InProcessChannel.pair()
        let client = ChannelClient(ours)
        let serving = Task { [server] in try await server.run(.channel(theirs)) }
        try await client.send(
            Messages.modern("s", "subscriptions/listen", ["notifications": ["toolsListChanged": true]]))
        _ = try await client.next(method: "notifications/subscriptions/acknowledged")
        await client.close()
        let cancelled = try await client.next(method: "notifications/cancelled")
        #expect(cancelled?["params"]?["requestId"] == "s")
        let result = try await client.next { $0["id"] == "s" }
        #expect(result?["result"]?["resultType"] == "complete")
        #expect(result?["result"]?["_meta"]?[MetaKey.subscriptionID] == "s")
        try await serving.value
    }

    /// requirement: C-55
    @Test("the end of the input ends what runs, after a moment")
    func endOfInput() async throws {
        let clock = FakeClock()
        let server = MCPServer(info: Implementation(name: "end", version: "1"), clock: clock)
        let latch = latch
        try server.tool("wait", "Waits") { context in
            try await latch.wait()
            return "never"
        }
        let (ours, theirs) = InProcessChannel.pair()
        let client = ChannelClient(ours)
        let serving = Task { try await server.run(.channel(theirs)) }
        try await client.send(Messages.modern(1, "tools/call", ["name": "wait"]))
        await latch.untilWaiting()
        await client.close()
        await clock.untilSomebodySleeps(for: .seconds(1))
        clock.advance(by: .seconds(1))
        try await serving.value
        #expect(try await client.next() == nil)
    }

    @Test("of too many requests at once the last is refused, and one too long is passed over")
    func bounds() async throws {
        let configuration = ChannelConfiguration(maximumMessageSize: 1024, maximumRunning: 1)
        try await ChannelClient.with(server, configuration: configuration) { client in
            try await client.send(Messages.modern(1, "tools/call", ["name": "wait"]))
            await latch.untilWaiting()
            let refused = try await client.response(to: Messages.modern(2, "tools/list"))
            #expect(refused?["error"]?["code"] == 429)
            latch.open()
            #expect(try await client.next { $0["id"] == 1 }?["result"] != nil)
        }
    }

    /// requirement: G-07, A-40, G-08
    @Test("a batch is taken in a session of 2025-03-26, and nowhere else")
    func batches() async throws {
        let batch: JSONValue = [Messages.request(1, "ping"), Messages.request(2, "ping")]
        try await ChannelClient.with(server) { client in
            try await initialized(client, "2025-03-26")
            try await client.send(batch)
            #expect(try await client.next { $0["id"] == 1 }?["result"] == [:])
            #expect(try await client.next { $0["id"] == 2 }?["result"] == [:])
        }
        try await ChannelClient.with(server) { client in
            try await initialized(client, "2025-06-18")
            try await client.send(batch)
            #expect(try await client.next()?["error"]?["code"] == -32600)
        }
    }

    /// requirement: C-58
    @Test("whoever the embedding program says is there, is the principal; nobody otherwise")
    func principal() async throws {
        try server.tool("who", "Says who asks") { context in context.principal?.subject ?? "nobody" }
        try await ChannelClient.with(server) { client in
            let result = try await client.result(of: Messages.modern(1, "tools/call", ["name": "who"]))
            #expect(result?["content"]?.array?.first?["text"] == "nobody")
        }
    }
}
