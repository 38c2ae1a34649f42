import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

@Suite("Lists and what may be kept of them")
struct ListTests {
    private struct House {
        let clock = FakeClock()
        let server: ScriptedServer
        let client: MCPClient

        init(_ tokens: String..., maximumCachedResults: Int = 64) {
            let clock = self.clock
            server = ScriptedServer(clock: clock, era: .modern)
            let deliveries = tokens.map { keyID -> ScriptedTokenSource.Delivery in
                { _ in IssuedToken(clock.token(keyID, lifetime: .seconds(3000))) }
            }
            client = MCPClient(
                url: Bench.url, token: ScriptedTokenSource(deliveries: deliveries),
                configuration: MCPClientConfiguration(era: .modern, maximumCachedResults: maximumCachedResults),
                tokenConfiguration: TokenManagerConfiguration(maximumAge: nil), transport: server, clock: clock)
        }

        func count(_ method: String) -> Int { server.received.count { $0.method == method } }

        func page(_ name: String, ttl: Int, scope: String = "private", next: String? = nil) -> ScriptedReply {
            var result: JSONObject = [
                "tools": [["name": .string(name), "inputSchema": ["type": "object"]]], "resultType": "complete",
                "ttlMs": .integer(ttl), "cacheScope": .string(scope),
            ]
            result["nextCursor"] = next.map(JSONValue.string)
            return .result(.object(result))
        }
    }

    // requirement: D-30, D-31, D-32
    @Test("pages come one by one, each when it is asked for; an empty cursor is a cursor")
    func pages() async throws {
        let house = House("k1")
        house.server.script(
            house.page("a", ttl: 0, next: ""), house.page("b", ttl: 0, next: "2"), house.page("c", ttl: 0),
            for: "tools/list")
        var pages = house.client.tools().makeAsyncIterator()
        #expect(try await pages.next()?.map(\.name) == ["a"])
        #expect(house.count("tools/list") == 1)
        #expect(try await pages.next()?.map(\.name) == ["b"])
        #expect(try await pages.next()?.map(\.name) == ["c"])
        #expect(try await pages.next() == nil)
        #expect(
            house.server.received.filter { $0.method == "tools/list" }.map { $0.params?["cursor"] } == [nil, "", "2"])
    }

    // requirement: E-30, E-31, E-40, D-34
    @Test("every kind of list and every feature is asked for as the server expects it")
    func features() async throws {
        let house = House("k1")
        let uri: JSONValue = ["uri": "a://b", "name": "b"]
        house.server.script(.result(["resources": [uri]]), for: "resources/list")
        house.server.script(
            .result(["resourceTemplates": [["uriTemplate": "a://{x}", "name": "t"]]]), for: "resources/templates/list")
        house.server.script(.result(["prompts": [["name": "p"]]]), for: "prompts/list")
        house.server.script(
            .result(["completion": ["values": ["paris"], "hasMore": true]]), for: "completion/complete")
        #expect(try await house.client.listResources().map(\.uri) == ["a://b"])
        #expect(try await house.client.listResourceTemplates().map(\.uriTemplate) == ["a://{x}"])
        #expect(try await house.client.listPrompts().map(\.name) == ["p"])
        #expect(try await house.client.readResource("a://b").contents.count == 1)
        #expect(try await house.client.getPrompt("p", arguments: ["x": "y"]).messages.count == 1)
        let completion = try await house.client.complete(
            .prompt(name: "p"), argument: (name: "city", value: "par"), context: ["country": "fr"])
        #expect(completion.values == ["paris"])
        let asked = try #require(house.server.received.last?.params)
        #expect(asked["ref"] == ["type": "ref/prompt", "name": "p"])
        #expect(asked["argument"] == ["name": "city", "value": "par"])
        #expect(asked["context"] == ["arguments": ["country": "fr"]])
        #expect(house.server.received.first { $0.method == "prompts/get" }?.params?["arguments"] == ["x": "y"])
    }

    // requirement: D-46
    @Test("what may be kept is kept for as long as the server says, and no longer")
    func ttl() async throws {
        let house = House("k1")
        house.server.script(
            house.page("a", ttl: 2_000), house.page("b", ttl: 0), house.page("c", ttl: -5), for: "tools/list")
        #expect(try await house.client.listTools().map(\.name) == ["a"])
        #expect(try await house.client.listTools().map(\.name) == ["a"])
        house.clock.advance(by: .seconds(2))
        #expect(try await house.client.listTools().map(\.name) == ["b"])
        #expect(try await house.client.listTools().map(\.name) == ["c"])
        #expect(try await house.client.listTools().map(\.name) == ["echo"])
        #expect(house.count("tools/list") == 4)
    }

    // requirement: D-43, D-44, D-45
    @Test("what is private is kept for its own token alone, what is public for every one")
    func scopes() async throws {
        for (scope, expected) in [("private", 2), ("public", 1)] {
            let house = House("k1", "k2")
            house.server.script(house.page("a", ttl: 60_000, scope: scope), for: "tools/list")
            try await house.client.connect()
            _ = try await house.client.listTools()
            _ = try await house.client.listTools()
            #expect(house.count("tools/list") == 1)
            try await house.client.tokens?.refreshAllData()
            _ = try await house.client.listTools()
            #expect(house.count("tools/list") == expected, "\(scope)")
        }
    }

    // requirement: D-45
    @Test("calls are never kept; resources are, by their URI, and not where answers were given on the way")
    func kinds() async throws {
        let house = House("k1")
        let kept: JSONValue = [
            "contents": [["uri": "a://b", "text": "t"]], "resultType": "complete", "ttlMs": 60_000,
            "cacheScope": "public",
        ]
        house.server.script(.result(kept), for: "resources/read")
        _ = try await house.client.readResource("a://b")
        _ = try await house.client.readResource("a://b")
        #expect(house.count("resources/read") == 1)
        house.server.script(
            .result(["resultType": "input_required", "requestState": "s"]), .result(kept), for: "resources/read")
        _ = try await house.client.readResource("a://c")
        _ = try await house.client.readResource("a://c")
        #expect(house.count("resources/read") == 4)
        let result: JSONValue = ["content": [], "resultType": "complete", "ttlMs": 60_000, "cacheScope": "public"]
        house.server.script(.result(result), for: "tools/call")
        _ = try await house.client.callTool("echo")
        _ = try await house.client.callTool("echo")
        #expect(house.count("tools/call") == 2)
    }

    // requirement: D-46
    @Test("a notification that something has changed ends what was kept of it")
    func invalidation() async throws {
        let house = House("k1")
        house.server.script(house.page("a", ttl: 60_000), house.page("b", ttl: 60_000), for: "tools/list")
        _ = try await house.client.listTools()
        house.server.script(
            .stream(
                .init(.message(["method": "notifications/tools/list_changed"])),
                .init(.result(ToolResult(content: []).json))), for: "tools/call")
        _ = try await house.client.callTool("echo")
        #expect(try await house.client.listTools().map(\.name) == ["b"])
    }

    @Test("no more is kept than is configured; with nothing configured, nothing is")
    func bound() async throws {
        let house = House("k1", maximumCachedResults: 2)
        for name in ["a", "b", "c"] {
            house.server.script(
                .result([
                    "contents": [], "resultType": "complete", "ttlMs": .integer(60_000 + Int(name.utf8.first ?? 0)),
                    "cacheScope": "public",
                ]), for: "resources/read")
            _ = try await house.client.readResource("x://\(name)")
        }
        _ = try await house.client.readResource("x://c")
        #expect(house.count("resources/read") == 3)
        _ = try await house.client.readResource("x://a")
        #expect(house.count("resources/read") == 4, "the one that ended soonest made room")
        let none = House("k1", maximumCachedResults: 0)
        none.server.script(none.page("a", ttl: 60_000), for: "tools/list")
        _ = try await none.client.listTools()
        _ = try await none.client.listTools()
        #expect(none.count("tools/list") == 2)
    }

    // requirement: E-12, E-13, E-16
    @Test("a result that is not what the tool's output schema says is an error; nothing is fetched to find out")
    func outputSchema() async throws {
        let house = House("k1")
        house.server.list([
            [
                "name": "strict", "inputSchema": ["type": "object"],
                "outputSchema": ["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]],
            ],
            [
                "name": "foreign", "inputSchema": ["type": "object"],
                "outputSchema": ["$ref": "https://schemas.test/output.json"],
            ],
        ])
        _ = try await house.client.listTools()
        house.server.script(
            .result(ToolResult(structured: ["n": 1]).json(for: .v2026_07_28)),
            .result(ToolResult(structured: ["n": "1"]).json(for: .v2026_07_28)),
            .result(ToolResult(content: []).json(for: .v2026_07_28)),
            .result(ToolResult.failure("no").json(for: .v2026_07_28)),
            .result(ToolResult(structured: ["x": 1]).json(for: .v2026_07_28)), for: "tools/call")
        _ = try await house.client.callTool("strict")
        let wrong = try await failure { try await house.client.callTool("strict") }
        #expect(wrong.code == .invalidOutput)
        #expect(wrong.message.contains("n"))
        #expect(try await failure { try await house.client.callTool("strict") }.code == .invalidOutput)
        #expect(try await house.client.callTool("strict").isError)
        _ = try await house.client.callTool("foreign")
        #expect(house.server.received.allSatisfy { ["tools/list", "tools/call"].contains($0.method) })
    }

    // requirement: C-35
    @Test("tools that mark their arguments wrongly are left out, with a record of why")
    func dropped() async throws {
        let house = House("k1")
        house.server.list([
            [
                "name": "bad",
                "inputSchema": ["type": "object", "properties": ["a": ["type": "string", "x-mcp-header": "a b"]]],
            ],
            [
                "name": "good",
                "inputSchema": ["type": "object", "properties": ["a": ["type": "string", "x-mcp-header": "A"]]],
            ],
        ])
        #expect(try await house.client.listTools().map(\.name) == ["good"])
        #expect(house.client.droppedTools.map(\.name) == ["bad"])
        #expect(house.client.droppedTools.first?.problem.isEmpty == false)
    }

    // requirement: D-85, D-88
    @Test("a call that is answered by a task returns what comes of the task, and answers its questions once")
    func task() async throws {
        let clock = FakeClock()
        let server = ScriptedServer(clock: clock, era: .modern)
        let client = MCPClient(
            url: Bench.url, token: ScriptedTokenSource(clock.token()),
            configuration: MCPClientConfiguration(
                handlers: MCPClientHandlers(elicitForm: { _, _ in .accept(["n": 1]) }), era: .modern),
            transport: server, clock: clock)
        func task(_ status: String, _ more: JSONObject = [:], type: String = "complete") -> ScriptedReply {
            var result: JSONObject = [
                "resultType": .string(type), "taskId": "t1", "status": .string(status),
                "createdAt": "2026-07-28T10:00:00Z", "lastUpdatedAt": "2026-07-28T10:00:00Z", "ttlMs": 60_000,
                "pollIntervalMs": 2_000,
            ]
            for member in more.members { result[member.name] = member.value }
            return .result(.object(result))
        }
        let question: JSONValue = [
            "method": "elicitation/create",
            "params": [
                "message": "n?", "requestedSchema": ["type": "object", "properties": ["n": ["type": "integer"]]],
            ],
        ]
        server.script(task("working", type: "task"), for: "tools/call")
        server.script(
            task("working"), task("input_required", ["inputRequests": ["q": question]]),
            task("input_required", ["inputRequests": ["q": question]]),
            task("completed", ["result": ["content": [["type": "text", "text": "done"]]]]), for: "tasks/get")
        server.script(.result(["resultType": "complete"]), for: "tasks/update")
        let call = Task { try await client.callTool("echo") }
        for _ in 0..<4 {
            await clock.untilSomebodySleeps(for: .seconds(2))
            clock.advance(by: .seconds(2))
        }
        #expect(try await call.value.content == [.text("done")])
        let updates = server.received.filter { $0.method == "tasks/update" }
        #expect(updates.count == 1)
        #expect(updates.first?.params?["inputResponses"]?["q"]?["content"] == ["n": 1])
        for received in server.received where received.method.hasPrefix("tasks/") {
            #expect(HTTPField.Name("Mcp-Name").flatMap { received.fields[$0] } == "t1")
        }
        server.script(task("working", type: "task"), for: "tools/call")
        server.script(task("failed", ["error": ["code": -32603, "message": "broke"]]), for: "tasks/get")
        let failed = Task { try await failure { try await client.callTool("echo") } }
        await clock.untilSomebodySleeps(for: .seconds(2))
        clock.advance(by: .seconds(2))
        #expect(try await failed.value.rpcError?.code == .internalError)
    }
}
