import Synchronization
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Requests of several rounds")
struct RoundTests {
    private static let schema = ElicitationSchema().asking("name", .text(), isRequired: true)
    private static let all = #"{"elicitation":{},"sampling":{},"roots":{}}"#

    /// Asks for a name and a colour, one after the other.
    private static let tools = [
        ServedTool(Tool(name: "ask", inputSchema: ["type": "object"])) { _, context in
            let name = try await context.elicit(.form("Your name?", schema), key: "name")
            guard name.action == .accept else { return .text("no name") }
            let colour = try await context.elicit(.form("Your colour?", schema))
            return .text("\(name.content?["name"]?.string ?? "?") in \(colour.content?["name"]?.string ?? "?")")
        },
        ServedTool(Tool(name: "together", inputSchema: ["type": "object"])) { _, context in
            let answers = try await context.ask([
                "name": .elicitation(.form("Your name?", schema)), "roots": .roots,
                "joke": .sampling(CreateMessageParams([.user("Tell a joke")], maxTokens: 10)),
            ])
            return .text("\(answers.count) answers")
        },
        ServedTool(Tool(name: "steps", inputSchema: ["type": "object"])) { _, context in
            let step = context.state?.integer ?? 0
            guard step < 3 else { return .text("done: \(context.inputResponses.keys.sorted())") }
            throw InputRequired(["step\(step)": .roots], state: .integer(step + 1))
        },
        ServedTool(Tool(name: "forever", inputSchema: ["type": "object"])) { _, context in
            throw InputRequired(["more\(context.inputResponses.count)": .roots])
        },
        ServedTool(Tool(name: "large", inputSchema: ["type": "object"])) { _, _ in
            throw InputRequired(["x": .roots], state: .string(String(repeating: "x", count: 1 << 20)))
        },
    ]

    private static func accept(_ name: String) -> String {
        #"{"action":"accept","content":{"name":"\#(name)"}}"#
    }

    private func call(
        _ bench: Bench, _ tool: String, state: String? = nil, responses: String? = nil, capabilities: String = all,
        arguments: String = "{}", token: String? = nil
    ) async -> Reply {
        var params = #""name":"\#(tool)","arguments":\#(arguments)"#
        if let responses { params += #","inputResponses":{\#(responses)}"# }
        if let state { params += #","requestState":"\#(state)""# }
        return await bench.entrance.modern("tools/call", params, capabilities: capabilities, token: token)
    }

    /// requirement: D-50, D-51, D-52, D-54, D-41, E-06
    @Test("the handler runs anew with each round's answers, until it has them all")
    func rounds() async throws {
        let bench = try Bench(tools: Self.tools)
        let first = await call(bench, "ask")
        #expect(first.status == 200)
        #expect(first.result?["resultType"] == "input_required")
        #expect(first.result?["inputRequests"]?.object?.names == ["name"])
        #expect(first.result?["inputRequests"]?["name"]?["method"] == "elicitation/create")
        #expect(first.result?["inputRequests"]?["name"]?["params"]?["message"] == "Your name?")
        #expect(first.result?["ttlMs"] == nil)
        #expect(first.result?["content"] == nil)
        let state = try #require(first.result?["requestState"]?.string)
        let second = await call(bench, "ask", state: state, responses: #""name":\#(Self.accept("Ada"))"#)
        #expect(second.result?["inputRequests"]?.object?.names == ["elicitation/create#1"])
        let next = try #require(second.result?["requestState"]?.string)
        #expect(next != state)
        let third = await call(
            bench, "ask", state: next, responses: #""elicitation/create#1":\#(Self.accept("blue"))"#)
        #expect(third.result?["resultType"] == "complete")
        #expect(third.result?["content"]?.array?.first?["text"] == "Ada in blue")
    }

    /// requirement: D-52, D-58
    @Test("several questions come together; what else is answered is passed over, what is missing is asked again")
    func together() async throws {
        let bench = try Bench(tools: Self.tools)
        let first = await call(bench, "together")
        #expect(first.result?["inputRequests"]?.object?.names == ["joke", "name", "roots"])
        #expect(first.result?["inputRequests"]?["roots"]?["method"] == "roots/list")
        let state = try #require(first.result?["requestState"]?.string)
        let joke = #""joke":{"role":"assistant","content":{"type":"text","text":"ha"},"model":"m"}"#
        let partial = await call(
            bench, "together", state: state, responses: #"\#(joke),"unknown":5,"name":{"action":"dance"}"#)
        #expect(partial.result?["inputRequests"]?.object?.names == ["name", "roots"])
        let rest = #""name":\#(Self.accept("Ada")),"roots":{"roots":[{"uri":"file:///x"}]}"#
        let last = await call(
            bench, "together", state: try #require(partial.result?["requestState"]?.string), responses: rest)
        #expect(last.result?["content"]?.array?.first?["text"] == "3 answers")
        // A client that answers at once, and carries no state, is served as well.
        let atOnce = await call(bench, "together", responses: "\(joke),\(rest)")
        #expect(atOnce.result?["content"]?.array?.first?["text"] == "3 answers")
    }

    /// requirement: D-58
    @Test(
        "an answer that is none is asked for again",
        arguments: [
            #"5"#, #"{}"#, #"{"action":"accept"}"#, #"{"action":"accept","content":{"name":5}}"#,
            #"{"action":"accept","content":{"other":"x"}}"#, #"null"#,
        ])
    func invalid(_ answer: String) async throws {
        let bench = try Bench(tools: Self.tools)
        let first = await call(bench, "ask")
        let state = try #require(first.result?["requestState"]?.string)
        let again = await call(bench, "ask", state: state, responses: #""name":\#(answer)"#)
        #expect(again.result?["inputRequests"]?.object?.names == ["name"])
        let declined = await call(bench, "ask", state: state, responses: #""name":{"action":"decline"}"#)
        #expect(declined.result?["content"]?.array?.first?["text"] == "no name")
        let odd = await bench.entrance.modern(
            "tools/call", #""name":"ask","inputResponses":[1]"#, capabilities: Self.all)
        #expect(odd.error?["code"]?.integer == -32602)
    }

    /// requirement: D-51, D-53
    @Test("a handler of its own questions finds its state again")
    func ownState() async throws {
        let bench = try Bench(tools: Self.tools)
        var reply = await call(bench, "steps")
        for step in 0..<3 {
            #expect(reply.result?["inputRequests"]?.object?.names == ["step\(step)"])
            reply = await call(
                bench, "steps", state: try #require(reply.result?["requestState"]?.string),
                responses: #""step\#(step)":{"roots":[]}"#)
        }
        #expect(reply.result?["content"]?.array?.first?["text"]?.string == #"done: ["step0", "step1", "step2"]"#)
    }

    /// requirement: D-53, D-54
    @Test("a state is refused when it was changed, is another's, another request's or too old")
    func refused() async throws {
        let bench = try Bench(tools: Self.tools, policy: AccessPolicy())
        let (ada, bob) = (try bench.entrance.token("ada"), try bench.entrance.token("bob"))
        let first = await call(bench, "ask", arguments: #"{"x":1,"y":2}"#, token: ada)
        let state = try #require(first.result?["requestState"]?.string)
        let answer = #""name":\#(Self.accept("Ada"))"#
        var changed = Array(state.utf8)
        changed[changed.count / 2] ^= 1
        let tries: [(String, Reply)] = [
            (
                "changed",
                await call(
                    bench, "ask", state: String(decoding: changed, as: UTF8.self), responses: answer,
                    arguments: #"{"x":1,"y":2}"#, token: ada)
            ),
            ("cannot be opened", await call(bench, "ask", state: "", responses: answer, token: ada)),
            ("cannot be opened", await call(bench, "ask", state: state + "-tampered", responses: answer, token: ada)),
            (
                "somebody else's",
                await call(
                    bench, "ask", state: state, responses: answer, arguments: #"{"x":1,"y":2}"#, token: bob)
            ),
            (
                "another request",
                await call(
                    bench, "ask", state: state, responses: answer, arguments: #"{"x":1,"y":3}"#, token: ada)
            ),
            (
                "another request",
                await call(
                    bench, "together", state: state, responses: answer, arguments: #"{"x":1,"y":2}"#, token: ada)
            ),
        ]
        for (line, reply) in tries {
            #expect(reply.error?["code"]?.integer == -32602)
            #expect(reply.error?["message"]?.string?.contains(line) == true)
        }
        // The same arguments in another order are the same request.
        let fits = await call(
            bench, "ask", state: state, responses: answer, arguments: #"{ "y": 2, "x": 1 }"#, token: ada)
        #expect(fits.result?["resultType"] == "input_required")
        bench.clock.advance(by: .seconds(601))
        let old = await call(
            bench, "ask", state: state, responses: answer, arguments: #"{"x":1,"y":2}"#,
            token: try bench.entrance.token("ada"))
        #expect(old.error?["message"]?.string?.contains("older than 600") == true)
        // Another server's, and that of one with the same key.
        let other = try Bench(tools: Self.tools)
        let foreign = try #require(await call(other, "ask").result?["requestState"]?.string)
        #expect(await call(try Bench(tools: Self.tools), "ask", state: foreign).error?["code"]?.integer == -32602)
    }

    @Test("replicas with one key serve each other's rounds")
    func replicas() async throws {
        var configuration = MCPServerConfiguration()
        configuration.requestStateKey = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let (one, two) = (
            try Bench(tools: Self.tools, configuration: configuration),
            try Bench(tools: Self.tools, configuration: configuration)
        )
        let state = try #require(await call(one, "ask").result?["requestState"]?.string)
        let reply = await call(two, "ask", state: state, responses: #""name":\#(Self.accept("Ada"))"#)
        #expect(reply.result?["inputRequests"]?.object?.names == ["elicitation/create#1"])
    }

    /// requirement: A-16, D-52, E-51
    @Test("nothing is asked that the client did not declare: -32021 with what it would take")
    func capabilities() async throws {
        let bench = try Bench(tools: Self.tools)
        let none = await call(bench, "ask", capabilities: "{}")
        #expect(none.status == 400)
        #expect(none.error?["code"]?.integer == -32021)
        #expect(none.error?["data"]?["requiredCapabilities"]?["elicitation"]?.object != nil)
        let url = await call(bench, "ask", capabilities: #"{"elicitation":{"url":{}}}"#)
        #expect(url.error?["code"]?.integer == -32021)
        let sampling = await call(bench, "together", capabilities: #"{"elicitation":{},"roots":{}}"#)
        #expect(sampling.error?["data"]?["requiredCapabilities"] == ["sampling": [:]])
        let own = await call(bench, "steps", capabilities: #"{"elicitation":{}}"#)
        #expect(own.error?["data"]?["requiredCapabilities"] == ["roots": [:]])
        // Each request declares for itself: what an earlier one had does not count.
        #expect(await call(bench, "ask").result?["resultType"] == "input_required")
        #expect(await call(bench, "ask", capabilities: "{}").error?["code"]?.integer == -32021)
    }

    /// requirement: D-59
    @Test("rounds and state have their bounds")
    func bounds() async throws {
        let bench = try Bench(tools: Self.tools)
        var reply = await call(bench, "forever")
        var rounds = 1
        while let state = reply.result?["requestState"]?.string, rounds < 50 {
            let key = try #require(reply.result?["inputRequests"]?.object?.names.first)
            reply = await call(bench, "forever", state: state, responses: #""\#(key)":{"roots":[]}"#)
            rounds += 1
        }
        #expect(rounds == 17)
        #expect(reply.result?["isError"] == true)
        let large = await call(bench, "large")
        #expect(large.result?["isError"] == true)
        #expect(large.result?["content"]?.array?.first?["text"]?.string?.contains("65536 bytes") == true)
        #expect(bench.entrance.records.last?.verdict == .failed)
    }

    /// requirement: D-50
    @Test("prompts and resources may ask, completions may not")
    func otherMethods() async throws {
        let prompt = ServedPrompt(
            Prompt(name: "p", arguments: [PromptArgument("a")]),
            completions: ["a": { _, _, context in Completion(try await context.roots().map(\.uri)) }]
        ) { _, context in
            let answer = try await context.elicit(.form("What?", Self.schema), key: "what")
            return GetPromptResult([.user(answer.content?["name"]?.string ?? "?")])
        }
        let resource = ServedResource(Resource(uri: "test://r", name: "r")) { context in
            [.text("\(try await context.roots(key: "roots").count) roots", uri: "test://r")]
        }
        let bench = try Bench(resources: [resource], prompts: [prompt])
        let asked = await bench.entrance.modern("prompts/get", #""name":"p""#, capabilities: Self.all)
        #expect(asked.result?["resultType"] == "input_required")
        let made = await bench.entrance.modern(
            "prompts/get", #""name":"p","inputResponses":{"what":\#(Self.accept("this"))}"#, capabilities: Self.all)
        #expect(made.result?["messages"]?.array?.first?["content"]?["text"] == "this")
        let read = await bench.entrance.modern(
            "resources/read", #""uri":"test://r","inputResponses":{"roots":{"roots":[]}}"#, capabilities: Self.all)
        #expect(read.result?["contents"]?.array?.first?["text"] == "0 roots")
        let unread = await bench.entrance.modern("resources/read", #""uri":"test://r""#, capabilities: Self.all)
        #expect(unread.result?["resultType"] == "input_required")
        #expect(unread.result?["ttlMs"] == nil)
        let complete = await bench.entrance.modern(
            "completion/complete",
            #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}"#, capabilities: Self.all)
        #expect(complete.error?["code"]?.integer == -32603)
        for method in ["tools/list", "prompts/list", "server/discover"] {
            let reply = await bench.entrance.modern(
                method, #""inputResponses":{"x":{}},"requestState":"x""#, capabilities: Self.all)
            #expect(reply.result?["resultType"] == "complete")
        }
    }

    @Test("in the legacy era a handler's own questions are asked at once, and it runs anew with the answers")
    func legacy() async throws {
        let asked = Mutex<[String]>([])
        let link = AnsweringLink { key in
            asked.withLock { $0.append(key) }
            return ["roots": []]
        }
        let bench = try Bench(tools: Self.tools)
        let session = SessionState(version: .v2025_11_25, capabilities: ClientCapabilities(roots: .init()))
        let body = Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"steps"}}"#.utf8)
        var context = RequestContext(
            principal: nil, requestID: "r", protocolVersion: .v2025_11_25, party: .session(session))
        context.link = link
        let call = ServerCall(envelope: try Envelope.scan(body), body: body, context: context, session: session)
        let reply = await bench.server.perform(call)
        guard case .result(.object(let result)) = reply.outcome else { throw Unexpected("\(reply)") }
        #expect(
            result["content"]?.array?.first?["text"]?.string == #"done: ["step0", "step1", "step2"]"#)
        #expect(asked.withLock { $0 } == ["step0", "step1", "step2"])
        context.party = .unknown
        let lacking = await bench.server.perform(
            ServerCall(envelope: try Envelope.scan(body), body: body, context: context, session: session))
        guard case .result(.object(let failure)) = lacking.outcome else { throw Unexpected("\(lacking)") }
        #expect(failure["isError"] == true)
    }
}

/// Answers every question.
private struct AnsweringLink: RequestLink {
    let answer: @Sendable (_ key: String) -> JSONValue

    func notify(_ method: String, _ params: JSONObject) async {}

    func ask(_ questions: [String: InputRequest]) async throws -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: questions.keys.map { ($0, answer($0)) })
    }
}
