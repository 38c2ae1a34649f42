import Testing
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

private struct Name: Codable { var name: String }

@Suite("Tools that run on as tasks")
struct TaskTests {
    let clock = FakeClock()
    let latch = Latch()
    let server: MCPServer
    private static let capabilities: JSONObject = [
        "extensions": [MetaKey.tasksExtension: [:]], "elicitation": [:],
    ]

    init() throws {
        server = MCPServer(info: Implementation(name: "tasks", version: "1"), clock: clock)
        server.offerTasks(TaskConfiguration(lifetime: .seconds(60), maximumTasks: 3, maximumPerPrincipal: 2))
        try server.tool("wait", "Waits", .asTask) { [latch] context in
            try await latch.wait()
            return "done"
        }
        try server.tool("only", "A task only", .task(.required)) { context -> String in throw ToolError("no luck") }
        try server.tool("broken", "Breaks", .asTask) { context -> String in throw RPCError(-32000, "broke") }
        try server.tool("ask", "Asks twice at once", .asTask) { context in
            let form = ElicitationSchema().asking("name", .text(), isRequired: true)
            let answers = try await context.ask([
                "a": .elicitation(.form("a?", form)), "b": .elicitation(.form("b?", form)),
            ])
            return answers.keys.sorted().joined()
        }
        try server.tool("later", "Asks, then becomes a task", .task(.optional, atStart: false)) { context in
            let form = ElicitationSchema().asking("name", .text(), isRequired: true)
            let answer = try await context.elicit(.form("name?", form), key: "name")
            let isTask = try context.continueAsTask()
            return "\(answer.content?["name"]?.string ?? "") \(isTask)"
        }
    }

    private func call(_ tool: String, _ more: JSONObject = [:], capabilities: JSONObject = Self.capabilities)
        -> JSONValue
    {
        var params = more
        params["name"] = .string(tool)
        return Messages.modern(.string("call \(tool)"), "tools/call", params, capabilities: capabilities)
    }

    private func task(_ method: String, _ id: String, _ more: JSONObject = [:]) -> JSONValue {
        var params = more
        params["taskId"] = .string(id)
        return Messages.modern(.string("\(method) \(id)"), "tasks/\(method)", params, capabilities: Self.capabilities)
    }

    /// The task once it is in that state: hears of each change by a subscription.
    private func state(_ id: String, _ status: String, _ client: ChannelClient) async throws -> JSONValue? {
        let listen = Messages.modern(
            .string("listen \(id) \(status)"), "subscriptions/listen", ["notifications": ["taskIds": [.string(id)]]],
            capabilities: Self.capabilities)
        try await client.send(listen)
        _ = try await client.next(method: "notifications/subscriptions/acknowledged")
        while true {
            let now = try await client.result(of: task("get", id))
            if now?["status"]?.string == status { return now }
            _ = try await client.next(method: "notifications/tasks")
        }
    }

    private func expect(_ status: JSONValue, of id: String, _ client: ChannelClient) async throws {
        let now = try await client.result(of: task("get", id))
        #expect(now?["status"] == status)
    }

    private let accepted: JSONValue = ["action": "accept", "content": ["name": "ada"]]

    /// requirement: D-84, D-85, E-06
    @Test("a call becomes a task at once, and its result is found with it")
    func lifecycle() async throws {
        try await ChannelClient.with(server) { client in
            let handle = try await client.result(of: call("wait"))
            #expect(handle?["resultType"] == "task")
            #expect(handle?["status"] == "working")
            #expect(handle?["ttlMs"] == 60_000)
            #expect(handle?["pollIntervalMs"] == 1000)
            #expect(handle?["task"] == nil && handle?["result"] == nil && handle?["requestState"] == nil)
            let id = try #require(handle?["taskId"]?.string)
            try await expect("working", of: id, client)
            latch.open()
            let ended = try await state(id, "completed", client)
            #expect(ended?["result"]?["content"]?.array?.first?["text"] == "done")
            #expect(ended?["resultType"] == "complete")
        }
    }

    /// requirement: D-84, D-86, D-87, A-16, A-18
    @Test("a client that cannot follow tasks gets the result, or is told what it lacks")
    func undeclared() async throws {
        try await ChannelClient.with(server) { client in
            latch.open()
            let plain = try await client.result(of: call("wait", capabilities: [:]))
            #expect(plain?["content"]?.array?.first?["text"] == "done")
            #expect(plain?["resultType"] == "complete")
            let needed: JSONValue = ["extensions": [MetaKey.tasksExtension: [:]]]
            let only = try await client.response(to: call("only", capabilities: [:]))
            #expect(only?["error"]?["code"] == -32021)
            #expect(only?["error"]?["data"]?["requiredCapabilities"] == needed)
            let get = try await client.response(to: Messages.modern(1, "tasks/get", ["taskId": "x"]))
            #expect(get?["error"]?["code"] == -32021)
            let listen = try await client.response(
                to: Messages.modern(2, "subscriptions/listen", ["notifications": ["taskIds": ["x"]]]))
            #expect(listen?["error"]?["code"] == -32021)
            _ = try await client.result(of: Messages.initialize())
            let legacy = try await client.result(of: Messages.call(3, "wait"))
            #expect(legacy?["content"]?.array?.first?["text"] == "done")
        }
    }

    /// requirement: D-85, D-86
    @Test("what is not there is not found, and what the extension does not have does not exist")
    func unknown() async throws {
        try await ChannelClient.with(server) { client in
            for method in ["get", "update", "cancel"] {
                let response = try await client.response(to: task(method, "nobody's"))
                #expect(response?["error"]?["code"] == -32602)
            }
            for method in ["result", "list"] {
                let response = try await client.response(to: task(method, "x"))
                #expect(response?["error"]?["code"] == -32601)
            }
        }
    }

    /// requirement: D-85
    @Test("a tool's failure is a completed task, a broken one has failed")
    func failures() async throws {
        try await ChannelClient.with(server) { client in
            let only = try #require(try await client.result(of: call("only"))?["taskId"]?.string)
            let failed = try await state(only, "completed", client)
            #expect(failed?["result"]?["isError"] == true)
            let broken = try #require(try await client.result(of: call("broken"))?["taskId"]?.string)
            let ended = try await state(broken, "failed", client)
            #expect(ended?["error"]?["message"] == "broke")
            #expect(ended?["result"] == nil)
        }
    }

    @Test("what a task says of its progress is its status, long after its call was answered")
    func progress() async throws {
        let reported = Latch()
        try server.tool("report", "Reports", .asTask) { [latch] context in
            try await latch.wait()
            await context.report(progress: 1, message: "half of it")
            try await reported.wait()
            return "done"
        }
        try await ChannelClient.with(server) { client in
            let id = try #require(try await client.result(of: call("report"))?["taskId"]?.string)
            latch.open()
            await reported.untilWaiting()
            let now = try await client.result(of: task("get", id))
            #expect(now?["statusMessage"] == "half of it")
            reported.open()
            _ = try await state(id, "completed", client)
        }
    }

    @Test("a task whose result is none by its tool's output schema has failed")
    func promise() async throws {
        let output: JSONObject = ["type": "object", "required": ["sum"]]
        var tool = ServedTool(Tool(name: "sum", inputSchema: [:], outputSchema: output)) { _, _ in .text("none") }
        tool.taskSupport = .optional
        server.add(tool)
        try await ChannelClient.with(server) { client in
            let id = try #require(try await client.result(of: call("sum"))?["taskId"]?.string)
            let ended = try await state(id, "failed", client)
            #expect(ended?["error"]?["code"] == -32603)
            #expect(ended?["result"] == nil)
        }
    }

    @Test("a handler that gives up asking withdraws its questions, and the task works on")
    func withdrawal() async throws {
        let gaveUp = Latch()
        try server.tool("hurry", "Does not wait for its answer", .asTask) { [latch] context in
            let form = ElicitationSchema().asking("name", .text(), isRequired: true)
            let asking = Task { try await context.ask(["a": .elicitation(.form("a?", form))]) }
            try await latch.wait()
            asking.cancel()
            guard case .failure(is CancellationError) = await asking.result else { return "answered" }
            try await gaveUp.wait()
            return "gave up"
        }
        try await ChannelClient.with(server) { client in
            let id = try #require(try await client.result(of: call("hurry"))?["taskId"]?.string)
            _ = try await state(id, "input_required", client)
            latch.open()
            await gaveUp.untilWaiting()
            try await expect("working", of: id, client)
            gaveUp.open()
            let ended = try await state(id, "completed", client)
            #expect(ended?["result"]?["content"]?.array?.first?["text"] == "gave up")
        }
    }

    /// requirement: D-85
    @Test("a task is cancelled by its client, at once and for good")
    func cancellation() async throws {
        try await ChannelClient.with(server) { client in
            let id = try #require(try await client.result(of: call("wait"))?["taskId"]?.string)
            await latch.untilWaiting()
            let ack = try await client.result(of: task("cancel", id))
            #expect(ack?.object?.names.sorted() == ["_meta", "resultType"])
            try await expect("cancelled", of: id, client)
            latch.open()
            let again = try await client.result(of: task("cancel", id))
            #expect(again != nil)
            try await expect("cancelled", of: id, client)
        }
    }

    /// requirement: D-85, D-58
    @Test("a task that asks waits for all answers, which may come one by one")
    func input() async throws {
        try await ChannelClient.with(server) { client in
            let id = try #require(try await client.result(of: call("ask"))?["taskId"]?.string)
            let waiting = try await state(id, "input_required", client)
            #expect(waiting?["inputRequests"]?.object?.names == ["a", "b"])
            #expect(waiting?["inputRequests"]?["a"]?["method"] == "elicitation/create")
            let one: JSONObject = ["inputResponses": ["a": accepted, "unknown": accepted, "b": 1]]
            _ = try await client.result(of: task("update", id, one))
            let still = try await client.result(of: task("get", id))
            #expect(still?["status"] == "input_required")
            #expect(still?["inputRequests"]?.object?.names == ["b"])
            _ = try await client.result(of: task("update", id, ["inputResponses": ["b": accepted]]))
            let ended = try await state(id, "completed", client)
            #expect(ended?["result"]?["content"]?.array?.first?["text"] == "ab")
        }
    }

    /// requirement: D-84, D-50
    @Test("what is asked before the call is a task is asked in place of a result")
    func composition() async throws {
        try await ChannelClient.with(server) { client in
            let first = try await client.result(of: call("later"))
            #expect(first?["resultType"] == "input_required")
            #expect(first?["taskId"] == nil)
            var retry: JSONObject = ["inputResponses": ["name": accepted]]
            retry["requestState"] = first?["requestState"]
            let second = try await client.result(of: call("later", retry))
            #expect(second?["resultType"] == "task")
            #expect(second?["requestState"] == nil)
            let id = try #require(second?["taskId"]?.string)
            let ended = try await state(id, "completed", client)
            #expect(ended?["result"]?["content"]?.array?.first?["text"] == "ada true")
        }
    }

    @Test("tasks are bounded in number, and given up when their time is over")
    func bounds() async throws {
        try await ChannelClient.with(server) { client in
            let first = try #require(try await client.result(of: call("wait"))?["taskId"]?.string)
            _ = try await client.result(of: call("wait"))
            let third = try await client.result(of: call("wait"))
            #expect(third?["isError"] == true)
            #expect(
                third?["content"]?.array?.first?["text"]?.string?.contains("2 tasks of this caller already") == true)
            await clock.untilSomebodySleeps(for: .seconds(60))
            clock.advance(by: .seconds(60))
            var gone: JSONValue?
            repeat {
                gone = try await client.response(to: task("get", first))
                await Task.yield()
            } while gone?["error"] == nil
            #expect(gone?["error"]?["code"] == -32602)
        }
    }
}
