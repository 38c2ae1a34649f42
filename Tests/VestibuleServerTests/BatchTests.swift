import Testing
import VestibuleAuth
import VestibuleProtocol

@testable import VestibuleServer

@Suite("Batches, for sessions of 2025-03-26")
struct BatchTests {
    private static let initialized = #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#
    private static let response = #"{"jsonrpc":"2.0","id":9,"result":{}}"#

    private static func call(_ tool: String, id: Int) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":{}}}"#
    }

    private func open(_ entrance: Entrance, version: String = "2025-03-26") async throws -> String {
        let reply = await entrance.post(Entrance.initialize(version: version))
        return try #require(reply["Mcp-Session-Id"])
    }

    private func post(
        _ messages: [String], _ entrance: Entrance, token: String? = nil, session: String?
    ) async -> Reply {
        await entrance.post(" [" + messages.joined(separator: ", ") + "] ", token: token, session: session)
    }

    /// requirement: B-20, G-07
    @Test("the answers come as an array in the order of the requests, each as it would come alone")
    func answers() async throws {
        let entrance = try Entrance()
        let session = try await open(entrance)
        let messages = [Self.call("echo", id: 2), Self.initialized, Entrance.ping, Self.call("none", id: 3)]
        let reply = await post(messages, entrance, token: try entrance.token(), session: session)
        #expect(reply.status == 200)
        let answers = try #require(reply.json?.array)
        #expect(answers.map { $0["id"]?.integer } == [2, 1, 3])
        // Structured content came with the next revision; its text says the same.
        #expect(answers[0]["result"]?["structuredContent"] == nil)
        #expect(answers[0]["result"]?["content"]?.array?.first?["text"]?.string?.contains(#""subject":"ada""#) == true)
        #expect(answers[1]["result"] == [:])
        #expect(answers[2]["error"]?["code"]?.integer == -32602)
        let records = entrance.records.list.dropFirst()
        #expect(Set(records.map(\.method)) == ["tools/call", "notifications/initialized", "ping"])
        #expect(records.count == 4)
        #expect(Set(records.map(\.requestID)) == [reply["Vestibule-Request-Id"]])
    }

    /// requirement: B-09, B-20
    @Test("a batch without a request is 202 without a body")
    func nothingToAnswer() async throws {
        let entrance = try Entrance()
        let session = try await open(entrance)
        let token = try entrance.token()
        let reply = await post([Self.initialized, Self.response], entrance, token: token, session: session)
        #expect(reply.status == 202)
        #expect(reply.body.isEmpty)
    }

    @Test("where one message needs a token that did not come, the whole batch is 401 and nothing of it is done")
    func refused() async throws {
        let entrance = try Entrance(policy: AccessPolicy(publicTools: ["open"]))
        let session = try await open(entrance)
        let messages = [Self.call("open", id: 2), Self.call("echo", id: 3)]
        let reply = await post(messages, entrance, session: session)
        #expect(reply.status == 401)
        #expect(reply.reason == "token_missing")
        #expect(reply.json?["id"]?.integer == 3)
        #expect(reply.challenge?.hasPrefix("Bearer ") == true)
        #expect(entrance.records.list.count == 2, "the handshake and the one refusal")
        #expect(entrance.records.last?.verdict == .refused)
        #expect(await post([Self.call("open", id: 2)], entrance, session: session).status == 200)
        let bad = await post(messages, entrance, token: "x.y.z", session: session)
        #expect(bad.status == 401)
        #expect(bad.reason == "token_malformed")
    }

    @Test("a denial in band is that message's answer among the others")
    func denied() async throws {
        let entrance = try Entrance(rules: [Rule(tools: ["echo"])])
        let session = try await open(entrance)
        let messages = [Self.call("other", id: 2), Self.call("echo", id: 3)]
        let reply = await post(messages, entrance, token: try entrance.token(), session: session)
        let answers = try #require(reply.json?.array)
        #expect(answers.map { $0["result"]?["isError"] == true } == [true, false])
        #expect(answers[0]["result"]?["structuredContent"]?["reason"] == "tool_forbidden")
        #expect(entrance.records.list.map(\.verdict).filter { $0 == .refused }.count == 1)
    }

    /// requirement: A-40, G-07
    @Test(
        "a batch is 400 where it is empty, too long, holds initialize or anything that is no message",
        arguments: [
            [], [Entrance.initialize(version: "2025-03-26")], [Entrance.ping, "1"], [Entrance.ping, "[]"],
            [#"{"jsonrpc":"2.0","method":"tools/list"}"#],
            [String](repeating: Entrance.ping, count: MessageBatch.maximumCount + 1),
        ])
    func malformed(_ messages: [String]) async throws {
        let entrance = try Entrance()
        let session = try await open(entrance)
        let reply = await post(messages, entrance, session: session)
        #expect(reply.status == 400)
        #expect(reply.error?["code"]?.integer == -32600)
        #expect(entrance.endpoint.sessionCount == 1)
    }

    @Test("a batch at its bound is served")
    func bound() async throws {
        let entrance = try Entrance()
        let session = try await open(entrance)
        let pings = [String](repeating: Entrance.ping, count: MessageBatch.maximumCount)
        let reply = await post(pings, entrance, session: session)
        #expect(reply.json?.array?.count == MessageBatch.maximumCount)
    }

    @Test("once the answers have their greatest size, what is left of a batch is told so and not carried out")
    func answerBound() async throws {
        let text = String(repeating: "x", count: 900)
        let large = ServedTool(Tool(name: "large", inputSchema: ["type": "object"])) { _, _ in
            ToolResult(content: [.text(text)])
        }
        let entrance = try Entrance(tools: [large]) { $0.maximumBatchAnswer = 1600 }
        let session = try await open(entrance)
        let messages = (1...3).map { Self.call("large", id: $0) } + [Self.initialized]
        let reply = await post(messages, entrance, token: try entrance.token(), session: session)
        #expect(reply.status == 200)
        #expect(reply.body.count < 3000)
        let end = String(decoding: reply.body.suffix(1000), as: UTF8.self)
        #expect(end.contains(#""id":3,"error":{"code":413"#))
        #expect(entrance.records.list.dropFirst().map(\.verdict) == [.admitted, .admitted, .failed, .admitted])
    }

    /// requirement: B-21, G-08
    @Test("no other revision has batches, and none comes without a session")
    func otherRevisions() async throws {
        let entrance = try Entrance()
        for version in ["2025-06-18", "2025-11-25"] {
            let session = try await open(entrance, version: version)
            let reply = await post([Entrance.ping], entrance, session: session)
            #expect(reply.status == 400)
            #expect(reply.error?["code"]?.integer == -32600)
        }
        #expect(await post([Entrance.ping], entrance, session: nil).status == 400)
        #expect(await post([Entrance.ping], entrance, session: "unknown").status == 400)
    }

    /// requirement: B-58, B-60
    @Test("a batch on another subject's session is 404")
    func foreign() async throws {
        let entrance = try Entrance()
        let session = try await open(entrance)
        let mine = await post([Self.call("echo", id: 2)], entrance, token: try entrance.token(), session: session)
        #expect(mine.status == 200)
        let theirs = await post(
            [Self.call("echo", id: 2)], entrance, token: try entrance.token("bob"), session: session)
        #expect(theirs.status == 404)
        #expect(theirs.reason == "session_subject_mismatch")
    }
}
