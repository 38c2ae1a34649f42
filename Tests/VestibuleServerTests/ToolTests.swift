import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Tools")
struct ToolTests {
    /// requirement: E-15, F-85
    @Test("a tool gets its arguments and the principal of this very request")
    func call() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let reply = await entrance.call(
            "echo", #"{"text":"é","extra":[1]}"#, token: try entrance.token(), session: session)
        #expect(reply.status == 200)
        #expect(reply.json?["id"]?.integer == 7)
        #expect(reply.result?["isError"] == false)
        #expect(reply.result?["structuredContent"]?["arguments"] == ["text": "é", "extra": [1]])
        #expect(reply.result?["structuredContent"]?["subject"] == "ada")
        #expect(entrance.records.last?.tool == "echo")
        #expect(entrance.records.last?.verdict == .admitted)
    }

    @Test("the catalogue is whole for somebody anonymous and filtered for a principal")
    func listing() async throws {
        let entrance = try Entrance(
            policy: AccessPolicy(publicTools: ["open"]), rules: [Rule(tools: ["echo"], permissions: ["p"])])
        let session = try await entrance.open()
        func names(_ token: String?) async -> [String]? {
            await entrance.post(Entrance.list, token: token, session: session).result?["tools"]?.array?
                .compactMap { $0["name"]?.string }
        }
        #expect(await names(nil) == ["echo", "open", "other"])
        #expect(try await names(entrance.token()) == ["open"])
        #expect(try await names(entrance.token(permissions: ["p"])) == ["echo", "open"])
    }

    /// requirement: D-33
    @Test("a long catalogue comes in pages, whole and in order; a foreign cursor is -32602")
    func pages() async throws {
        let names = (0..<450).map { "tool\($0)" }
        let tools = names.map { name in
            ServedTool(Tool(name: name, inputSchema: ["type": "object"])) { _, _ in ToolResult(content: []) }
        }
        let entrance = try Entrance(tools: tools)
        let session = try await entrance.open()
        var listed: [[String]] = []
        var cursor: String?
        repeat {
            let params = cursor.map { #","params":{"cursor":"\#($0)"}"# } ?? ""
            let reply = await entrance.post(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/list"\#(params)}"#, session: session)
            listed.append(reply.result?["tools"]?.array?.compactMap { $0["name"]?.string } ?? [])
            cursor = reply.result?["nextCursor"]?.string
        } while cursor != nil && listed.count < 10
        #expect(listed.map(\.count) == [200, 200, 50])
        #expect(listed.flatMap { $0 } == names)
        for bad in [#""x""#, #""bm9wZQ""#, "7"] {
            let reply = await entrance.post(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":\#(bad)}}"#, session: session)
            #expect(reply.error?["code"]?.integer == -32602)
        }
    }

    /// requirement: E-20
    @Test("arguments that do not fit the schema are told to the model; malformed params are -32602")
    func badArguments() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let token = try entrance.token()
        let unfit = await entrance.call("echo", #"{"count":0}"#, token: token, session: session)
        #expect(unfit.result?["isError"] == true)
        #expect(
            unfit.result?["content"]?.array?.first?["text"]?.string
                == "echo: argument count has to be at least 1")
        for arguments in ["7", "[]", #"{"a":1,"a":2}"#] {
            let reply = await entrance.call("echo", arguments, token: token, session: session)
            #expect(reply.status == 200)
            #expect(reply.error?["code"]?.integer == -32602)
        }
        let nameless = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#
        #expect(await entrance.post(nameless, token: token, session: session).error?["code"]?.integer == -32602)
    }

    @Test("a tool's own line reaches the caller, any other error only the record")
    func failures() async throws {
        struct Secret: Error {}
        let schema: JSONObject = ["type": "object"]
        let entrance = try Entrance(tools: [
            ServedTool(Tool(name: "told", inputSchema: schema)) { _, _ in
                throw ToolError("no object a/b; list the bucket", structured: ["key": "a/b"])
            },
            ServedTool(Tool(name: "broken", inputSchema: schema)) { _, _ in throw Secret() },
        ])
        let session = try await entrance.open()
        let told = await entrance.call("told", token: try entrance.token(), session: session)
        #expect(told.result?["isError"] == true)
        #expect(told.result?["structuredContent"] == ["key": "a/b"])
        let broken = await entrance.call("broken", token: try entrance.token(), session: session)
        #expect(broken.result?["isError"] == true)
        #expect(!String(decoding: broken.body, as: UTF8.self).contains("Secret"))
        #expect(entrance.records.last?.verdict == .failed)
        #expect(entrance.records.last?.detail?.contains("Secret") == true)
    }

    /// A tool that waits at a latch that nobody opens.
    private func waitingTool(at latch: Latch) -> ServedTool {
        ServedTool(Tool(name: "wait", inputSchema: ["type": "object"])) { _, _ in
            try await latch.wait()
            return ToolResult(content: [])
        }
    }

    /// requirement: D-04
    @Test("notifications/cancelled ends a call of its own session, and of no other")
    func cancellation() async throws {
        let latch = Latch()
        let entrance = try Entrance(tools: [waitingTool(at: latch)])
        let token = try entrance.token()
        let session = try await entrance.open(token: token)
        let other = try await entrance.open(token: token)
        async let reply = entrance.call("wait", token: token, session: session)
        await latch.untilWaiting()
        let cancel = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#
        let wrongType = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}}"#
        for (body, session) in [(cancel, other), (wrongType, session), (cancel, session)] {
            #expect(!entrance.records.list.contains { $0.tool == "wait" }, "the call still runs")
            #expect(await entrance.post(body, token: token, session: session).status == 202)
        }
        #expect(await reply.error?["code"]?.integer == 499)
    }

    @Test("a call that takes too long is cancelled and told as a failed result")
    func timeout() async throws {
        let latch = Latch()
        let entrance = try Entrance(tools: [waitingTool(at: latch)]) { $0.toolTimeout = .seconds(5) }
        let session = try await entrance.open()
        let token = try entrance.token()
        async let reply = entrance.call("wait", token: token, session: session)
        await latch.untilWaiting()
        await entrance.clock.untilSomebodySleeps(for: .seconds(5))
        entrance.clock.advance(by: .seconds(5))
        let result = await reply.result
        #expect(result?["isError"] == true)
        #expect(result?["content"]?.array?.first?["text"]?.string?.contains("within 5.0 s") == true)
    }

    @Test("the rules of every tool are looked up once: a listing does not hold each rule against each tool")
    func preparedRules() throws {
        let tools = (0..<100)
            .map { number in
                ServedTool(Tool(name: "tool-\(number)", inputSchema: [:])) { _, _ in ToolResult(content: []) }
            }
        let entrance = try Entrance(rules: [Rule(tools: ["tool-*"])], tools: tools)
        #expect(tools.allSatisfy { entrance.endpoint.gate.rules.isPrepared(for: $0.tool.name) })
    }

    @Test("a tool that answers at once answers, fails and breaks as any other, and is no running call")
    func answersAtOnce() async throws {
        struct Broken: Error {}
        let tool = ServedTool(Tool(name: "quick", inputSchema: [:]), answersAtOnce: true) { arguments, context in
            if arguments["fail"] != nil { throw ToolError("told to fail") }
            if arguments["break"] != nil { throw Broken() }
            return ToolResult(structured: ["subject": .string(context.principal?.subject ?? "")])
        }
        let entrance = try Entrance(tools: [tool])
        let session = try await entrance.open()
        let token = try entrance.token()
        let reply = await entrance.call("quick", "{}", token: token, session: session)
        #expect(reply.result?["structuredContent"]?["subject"] == "ada")
        let failed = await entrance.call("quick", #"{"fail":1}"#, token: token, session: session)
        #expect(failed.result?["isError"] == true && entrance.records.last?.detail == "told to fail")
        let broken = await entrance.call("quick", #"{"break":1}"#, token: token, session: session)
        #expect(broken.result?["isError"] == true && entrance.records.last?.verdict == .failed)
        #expect(entrance.endpoint.calls.count == 0)
    }
}
