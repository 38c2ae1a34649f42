import Foundation
import HTTPTypes
import Synchronization
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// The cases of `Tests/Scenarios`, which every client of Vestibule runs.
@Suite("Scenarios")
struct ScenarioTests {
    static let files: [String] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Scenarios")
        return ["", "Eras"]
            .flatMap { name in
                let folder = name.isEmpty ? folder : folder.appending(path: name)
                let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
                return names.filter { $0.hasSuffix(".json") }.sorted().map { folder.appending(path: $0).path }
            }
    }()

    @Test("there are scenarios to run")
    func thereAreSome() {
        #expect(Self.files.count >= 80)
    }

    @Test("the client lives through every scenario as it says", arguments: files)
    func run(file: String) async throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let scenario = try JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(text)
        let runner = try ScenarioRunner(scenario)
        for step in try #require(scenario["steps"]?.array) { try await runner.run(step) }
        runner.check(try #require(scenario["expect"]))
        await runner.finish()
    }
}

/// Plays one scenario.
final class ScenarioRunner: Sendable {
    private struct State {
        var deliveries: [JSONValue]
        var names: [String: String] = [:]
        var requests: [TokenRequest] = []
        var latches: [String: Latch] = [:]
        var begun: [String: Task<[String], Never>] = [:]
        var questions: [String] = []
        /// The names that the newest list brought.
        var listed: [String] = []
    }

    private let clock = FakeClock()
    private let server: ScriptedServer
    private let client: MCPClient
    private let state: Mutex<State>

    init(_ scenario: JSONValue) throws {
        let deliveries = try #require(scenario["source"]?["deliver"]?.array)
        let era = scenario["server"]?["era"]?.string.flatMap(ScriptedServer.Era.init) ?? .legacy
        self.server = ScriptedServer(clock: clock, era: era)
        if let tools = scenario["server"]?["tools"]?.array { server.list(tools) }
        self.state = Mutex(State(deliveries: deliveries))
        var tokens = TokenManagerConfiguration()
        if let age = scenario["configuration"]?["maximumAge"] { tokens.maximumAge = age.integer.map { .seconds($0) } }
        var configuration = MCPClientConfiguration()
        if scenario["configuration"]?["handshakeToken"] == "sent" { configuration.handshakeToken = .sent }
        configuration.era =
            scenario["configuration"]?["era"]?.string.flatMap(MCPClientConfiguration.Era.init) ?? .legacy
        if let rounds = scenario["configuration"]?["maximumInputRounds"]?.integer {
            configuration.maximumInputRounds = rounds
        }
        configuration.acceptsTasks = false
        configuration.listens = .never
        let link = Link()
        configuration.handlers = link.handlers(scenario["handlers"] ?? [:])
        self.client = MCPClient(
            url: Bench.url,
            token: ClosureTokenSource(
                canRefresh: scenario["source"]?["canRefresh"]?.bool ?? true,
                canWidenScope: scenario["source"]?["canWidenScope"]?.bool ?? false
            ) { try await link.deliver($0) },
            configuration: configuration, tokenConfiguration: tokens, transport: server, clock: clock)
        link.runner.withLock { $0 = self }
        prepare(scenario["server"] ?? [:])
    }

    /// The source is made before the runner is.
    private final class Link: Sendable {
        let runner = Mutex<ScenarioRunner?>(nil)
        func deliver(_ request: TokenRequest) async throws -> IssuedToken {
            let runner = try #require(runner.withLock { $0 })
            return try await runner.deliver(request)
        }

        func handlers(_ script: JSONValue) -> MCPClientHandlers {
            var handlers = MCPClientHandlers()
            if let answer = script["elicitation"] {
                handlers.elicitForm = { [self] _, _ in
                    note("elicitation/create")
                    return try ElicitationResult(json: answer)
                }
            }
            if let answer = script["sampling"] {
                handlers.sample = { [self] _ in
                    note("sampling/createMessage")
                    return try CreateMessageResult(json: answer)
                }
            }
            if let answer = script["roots"] {
                handlers.roots = { [self] in
                    note("roots/list")
                    return try ListRootsResult(json: ["roots": answer]).roots
                }
            }
            return handlers
        }

        private func note(_ question: String) {
            runner.withLock { $0 }?.state.withLock { $0.questions.append(question) }
        }
    }

    private struct Trouble: Error, CustomStringConvertible { var description: String }

    private func prepare(_ script: JSONValue) {
        if let offset = script["clockOffset"]?.integer { server.tellTime(offset: .seconds(offset)) }
        let refused = script["refuse"]?.array ?? []
        server.judgeTokens { token in
            guard let kid = keyID(of: token), let rule = refused.first(where: { $0["kid"]?.string == kid }) else {
                return nil
            }
            return Rejection(data: rule.object ?? [:])
        }
        for reply in script["replies"]?.array ?? [] {
            guard let method = reply["on"]?.string else { continue }
            server.script(Self.reply(reply), for: method)
        }
    }

    private static func reply(_ script: JSONValue) -> ScriptedReply {
        if script["broken"] == true { return .failure(TransportError(.unknown, "the connection was reset")) }
        if let reason = script["reason"]?.string.flatMap(Reason.init(rawValue:)) {
            return .refusal(reason, scope: script["scope"]?.array?.compactMap(\.string) ?? [])
        }
        if script["usual"] == true { return .usual }
        if let result = script["result"] { return .result(result) }
        if let events = script["events"]?.array { return .stream(events.map(event)) }
        if let error = script["error"].flatMap(RPCError.init(json:)) {
            return .error(error).with(status: script["status"]?.integer ?? 200)
        }
        let text = script["body"]?.string ?? ""
        var reply = ScriptedReply.raw(
            status: script["status"]?.integer ?? 200, contentType: script["contentType"]?.string,
            body: Array(text.utf8))
        if let seconds = script["retryAfter"]?.integer { reply = reply.with(.retryAfter, String(seconds)) }
        if let challenge = script["challenge"]?.string { reply = reply.with(.wwwAuthenticate, challenge) }
        return reply
    }

    private static func event(_ script: JSONValue) -> ScriptedReply.Event {
        var event = ScriptedReply.Event(
            id: script["id"]?.string, retry: script["retry"]?.integer.map { .milliseconds($0) },
            afterAnswer: script["afterAnswer"] == true)
        if let message = script["message"] { event.content = .message(message) }
        if let result = script["result"] { event.content = .result(result, of: script["of"]?.string) }
        return event
    }

    private func latch(_ name: String) -> Latch {
        state.withLock { state in
            if let latch = state.latches[name] { return latch }
            let latch = Latch()
            state.latches[name] = latch
            return latch
        }
    }

    private func deliver(_ request: TokenRequest) async throws -> IssuedToken {
        let delivery = state.withLock { state in
            state.requests.append(request)
            return state.deliveries.count > 1 ? state.deliveries.removeFirst() : state.deliveries[0]
        }
        if let name = delivery["hold"]?.string { try await latch(name).wait() }
        if let error = delivery["error"]?.string { throw Trouble(description: error) }
        if let text = delivery["text"]?.string { return IssuedToken(text) }
        if let name = delivery["again"]?.string {
            let text = state.withLock { state in state.names.first { $0.value == name }?.key }
            return IssuedToken(try #require(text))
        }
        let name = delivery["name"]?.string ?? ""
        if let text = delivery["opaque"]?.string {
            state.withLock { $0.names[text] = name }
            return IssuedToken(text, expiresIn: delivery["expiresIn"]?.integer.map { .seconds($0) })
        }
        let text = Self.token(delivery, at: delivery["byServerTime"] == true ? request.serverTime : clock.now())
        state.withLock { $0.names[text] = name }
        return IssuedToken((delivery["before"]?.string ?? "") + text + (delivery["after"]?.string ?? ""))
    }

    private static func token(_ delivery: JSONValue, at now: NumericDate) -> String {
        func date(_ claim: String) -> NumericDate? {
            delivery[claim]?.integer.map { now + .seconds($0) }
        }
        var claims = JSONObject()
        claims["exp"] = date("exp").flatMap { JSONNumber($0.seconds) }.map(JSONValue.number)
        return SampleTokens.token(
            keyID: delivery["kid"]?.string, issuedAt: date("iat"), lifetime: nil, notBefore: date("nbf"),
            claims: claims)
    }

    func run(_ step: JSONValue) async throws {
        let what = step["do"]?.string ?? ""
        switch what {
        case "advance": clock.advance(by: .seconds(try #require(step["seconds"]?.integer)))
        case "untilSleeping": await clock.untilSomebodySleeps(for: .seconds(try #require(step["seconds"]?.integer)))
        case "untilHeld": await latch(try #require(step["what"]?.string)).untilWaiting()
        case "release": latch(try #require(step["what"]?.string)).open()
        case "dropSessions": server.dropSessions()
        case "serverClock": server.tellTime(offset: .seconds(try #require(step["offset"]?.integer)))
        case "await":
            let task = state.withLock { $0.begun[step["as"]?.string ?? ""] }
            check(step, try await #require(task).value)
        case "connect", "call", "list", "close", "read", "prompt":
            let times = step["times"]?.integer ?? 1
            guard let name = step["begin"]?.string else { return check(step, await act(what, step, times: times)) }
            let task = Task { await act(what, step, times: times) }
            state.withLock { $0.begun[name] = task }
        default: Issue.record("unknown step \(step)")
        }
    }

    /// Does it so many times at once, and says what came of each in one word or two.
    private func act(_ what: String, _ step: JSONValue, times: Int) async -> [String] {
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<times {
                group.addTask { [self] in
                    do {
                        switch what {
                        case "connect": try await client.connect()
                        case "call":
                            _ = try await client.callTool(
                                step["tool"]?.string ?? "echo", arguments: step["arguments"]?.object ?? [:])
                        case "list":
                            let names = try await client.listTools().map(\.name)
                            state.withLock { $0.listed = names }
                        case "read": _ = try await client.readResource(step["uri"]?.string ?? "")
                        case "prompt": _ = try await client.getPrompt(step["name"]?.string ?? "")
                        default: await client.close()
                        }
                        return "ok"
                    } catch let error as MCPClientError {
                        return "\(error.code) \(error.reason?.rawValue ?? "-")"
                    } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func check(_ step: JSONValue, _ outcomes: [String]) {
        guard let expected = step["expect"] else { return }
        let word =
            expected["ok"] == true
            ? "ok" : "\(expected["error"]?.string ?? "") \(expected["reason"]?.string ?? "-")"
        for outcome in outcomes { #expect(outcome == word, "\(step)") }
        if let tools = expected["tools"] { #expect(.strings(state.withLock { $0.listed }) == tools) }
    }

    func check(_ expected: JSONValue) {
        let records = client.recentRequests.sorted { $0.sequence < $1.sequence }
        let received = server.received
        let methods = records.map { $0.method.isEmpty ? $0.httpMethod : $0.method }
        let (names, requests) = state.withLock { ($0.names, $0.requests) }
        if let expected = expected["requests"]?.array {
            let bare = expected.map { request in
                let members = ["method", "token", "status", "reason"].map { ($0, request[$0]) }
                return JSONValue.object(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }))
            }
            let actual = zip(records, received)
                .map { record, received in
                    let method = record.method.isEmpty ? record.httpMethod : record.method
                    var object: JSONObject = ["method": .string(method)]
                    object["token"] = received.token.map { .string(names[$0] ?? "unknown") } ?? .null
                    object["status"] = record.status.map { .integer($0) } ?? .null
                    object["reason"] = record.reason.map { .string($0.rawValue) }
                    return JSONValue.object(object)
                }
            #expect(actual == bare)
            #expect(received.count == records.count)
            var ids: Set<RequestID> = []
            for (expected, received) in zip(expected, received) { check(expected, received, &ids) }
        }
        for member in expected["count"]?.object?.members ?? [] {
            #expect(methods.filter { $0 == member.name }.count == member.value.integer, "\(member.name)")
        }
        if let asked = expected["asked"]?.integer { #expect(requests.count == asked) }
        if let scopes = expected["scopes"]?.array { #expect(requests.map { .strings($0.scope) } == scopes) }
        if let occasions = expected["occasions"] {
            #expect(JSONValue.strings(records.map(\.occasion.rawValue)) == occasions)
        }
        if let state = expected["state"]?.string { #expect(client.tokens?.currentState.description == state) }
        if let questions = expected["questions"]?.array {
            // They are asked at the same time, so in no order.
            #expect(state.withLock { $0.questions }.sorted() == questions.compactMap(\.string).sorted())
        }
        if let era = expected["era"] {
            let actual = client.protocolVersion.map { $0.isModern ? "modern" : "legacy" }
            #expect(actual == era.string)
        }
    }

    /// What a request says beyond its method.
    private func check(_ expected: JSONValue, _ received: ScriptedServer.Received, _ ids: inout Set<RequestID>) {
        for member in expected["headers"]?.object?.members ?? [] {
            let value = HTTPField.Name(member.name).flatMap { received.fields[$0] }
            #expect(value == member.value.string, "\(member.name) of \(expected)")
        }
        for member in expected["params"]?.object?.members ?? [] {
            #expect((received.params?[member.name] ?? .null) == member.value, "\(member.name) of \(expected)")
        }
        for member in expected["meta"]?.object?.members ?? [] {
            let value = received.params?["_meta"]?[member.name] ?? .null
            #expect(value == member.value, "\(member.name) of \(expected)")
        }
        if let answer = expected["answer"] {
            #expect(received.json?["id"] == answer["id"])
            #expect(received.json?["result"] == answer["result"], "\(received.json ?? [:])")
            #expect(received.json?["error"]?["code"] == answer["error"], "\(received.json ?? [:])")
        }
        if let id = received.id, !received.method.isEmpty {
            if expected["newID"] == true { #expect(!ids.contains(id)) }
            ids.insert(id)
        }
    }

    func finish() async {
        for latch in state.withLock({ Array($0.latches.values) }) { latch.open() }
        for task in state.withLock({ Array($0.begun.values) }) { _ = await task.value }
        await client.close()
    }
}
