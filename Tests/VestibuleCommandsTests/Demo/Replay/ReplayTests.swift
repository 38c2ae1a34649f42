import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

@testable import VestibuleCommands

@Suite("The replay's stage")
struct ReplayTests {
    private let folder: TestFolder
    private let house: ReplayHouse

    init() throws {
        folder = try TestFolder()
        house = try ReplayHouse(folder: folder)
    }

    private func path(_ stage: ReplayHouse.Answer, _ name: String) -> String {
        "/replay/\(stage["id"]?.string ?? "")/\(name)"
    }

    private func holding(_ report: ReplayHouse.Answer) -> [String] {
        (report["criteria"]?.array ?? []).filter { $0["holds"] == true }.compactMap { $0["name"]?.string }
    }

    @Test("a stage says what a page needs, and has rotated yesterday's secret away")
    func open() async throws {
        let stage = try await house.open("after")
        #expect(stage.status == 201)
        #expect(stage["tool"] == "bucket_objects_list" && stage["arguments"] == ["bucket": "demo-bucket"])
        let id = try #require(stage["id"]?.string)
        #expect(id.utf8.count == 43 && stage["url"] == .string("/replay/\(id)/mcp"))
        let secrets = try #require(stage["secrets"]?.array)
        #expect(secrets.map { $0["label"] } == ["A", "B", "C"] && secrets.map { $0["length"] } == [55, 33, 33])
        #expect(secrets.map { $0["note"] } == ["yesterday", "today", "after one more rotation"])
        let stale = try await house.send(
            ReplayHouse.initialize, to: stage, token: stage["stale_token"]?.string)
        #expect(stale.status == 401)
        #expect(try await house.open("before")["secrets"]?.array?.count == 2)
    }

    @Test("the incident, sent by a naive front end, is recognised in the server's record")
    func before() async throws {
        let stage = try await house.open("before")
        for _ in 1...3 {
            let refused = try await house.send(ReplayHouse.initialize, to: stage, token: stage["stale_token"]?.string)
            #expect(refused.status == 401)
        }
        let opened = try await house.send(ReplayHouse.initialize, to: stage)
        let session = HTTPField.Name(MCPHeader.sessionID).flatMap { opened.fields[$0] }
        _ = try await house.send(ReplayHouse.initialized, to: stage, session: session)
        let call = try await house.send(ReplayHouse.call, to: stage, session: session)
        #expect(call.status == 401)
        let report = try await house.page(.get, path(stage, "report?part=before"), csrf: false)
        #expect(report.status == 200 && report["incident"] == true && report["holds"] == false)
        #expect(report["failure"] == "Access denied")
        let requests = try #require(report["requests"]?.array)
        #expect(requests.map { $0["status"]?.integer } == [401, 401, 401, 200, 202, 401])
        #expect(requests.map { $0["token_number"]?.integer } == [1, 1, 1, nil, nil, nil])
        let yesterday = stage["secrets"]?.array?.first?["fingerprint"]
        #expect(requests.first?["key_fingerprint"] == yesterday && requests.first?["reason"] == "key_retired")
        // The server says the same to everybody; the naive front end does not read it.
        #expect(holding(report) == ["the refusal of the old token names the retired key"])
        #expect(!"\(report.json ?? .null)".contains("eyJ"), "no token is in the report")
    }

    @Test("the cure, on the Swift client, holds by seven of seven criteria")
    func after() async throws {
        let stage = try await house.open("after")
        let report = try await cure(on: stage)
        #expect(report["failure"] == nil && report["incident"] == false)
        #expect(holding(report).count == 7, "\(report.json ?? .null)")
        #expect(report["holds"] == true)
        let requests = try #require(report["requests"]?.array)
        #expect(requests.map { $0["status"]?.integer } == [200, 202, 200, 401, 200, 200, 204])
        #expect(requests.map { $0["token_number"]?.integer } == [nil, nil, 1, 1, 2, 2, 2])
        #expect(requests[3]["event_before"] == "the secret is rotated again, with no overlap")
        let fingerprints = try #require(stage["secrets"]?.array).map { $0["fingerprint"] }
        #expect(report["keys"]?.array == fingerprints.compactMap { $0 })
        #expect(requests.map { $0["key_fingerprint"] }.suffix(5) == [1, 1, 2, 2, 2].map { fingerprints[$0] })
    }

    @Test("a front end that shows yesterday's token unticks its criteria")
    func staleFrontEnd() async throws {
        let stage = try await house.open("after")
        let report = try await cure(on: stage, showing: stage["stale_token"]?.string)
        let missed = Set(DemoCriterion.Name.allCases.map(\.rawValue)).subtracting(holding(report))
        #expect(missed.contains(DemoCriterion.Name.staleTokenGone.rawValue), "\(report.json ?? .null)")
        #expect(report["holds"] == false)
    }

    /// The page's after-run, with the Swift client in place of the page's.
    private func cure(on stage: ReplayHouse.Answer, showing first: String? = nil) async throws -> ReplayHouse.Answer {
        let (house, token) = (house, path(stage, "token"))
        let source = ClosureTokenSource { _ in
            let answer = try await house.page(.post, token)
            guard let text = answer["access_token"]?.string, let seconds = answer["expires_in"]?.integer else {
                throw Unexpected("no token: \(answer.status)")
            }
            return IssuedToken(text, expiresIn: .seconds(seconds))
        }
        if let first {
            _ = try await house.send(ReplayHouse.initialize, to: stage, token: first)
        }
        let client = MCPClient(
            url: ReplayHouse.origin + (stage["url"]?.string ?? ""), token: source,
            configuration: MCPClientConfiguration(era: .legacy),
            transport: house.transport, clock: house.clock)
        let arguments = try #require(stage["arguments"]?.object)
        let tool = try #require(stage["tool"]?.string)
        #expect(try await client.callTool(tool, arguments: arguments).isError == false)
        let rotation = try await house.page(.post, path(stage, "rotate"))
        #expect(rotation.status == 200 && rotation["active"] == stage["secrets"]?.array?.last?["fingerprint"])
        for _ in 1...2 { #expect(try await client.callTool(tool, arguments: arguments).isError == false) }
        await client.close()
        return try await house.page(.get, path(stage, "report?part=after"))
    }

    @Test("a stage's token may read the sample bucket, and nothing else")
    func rights() async throws {
        let stage = try await house.open("after")
        let token = try await house.page(.post, path(stage, "token"))["access_token"]?.string
        let opened = try await house.send(ReplayHouse.initialize, to: stage, token: token)
        let session = HTTPField.Name(MCPHeader.sessionID).flatMap { opened.fields[$0] }
        for (tool, arguments) in [
            ("bucket_objects_list", #"{"bucket":"payroll"}"#),
            ("bucket_objects_put", #"{"bucket":"demo-bucket","items":[{"key":"x","text":"x"}]}"#),
        ] {
            let message =
                #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
            let answer = try await house.send(message, to: stage, token: token, session: session)
            var bytes: [UInt8] = []
            for try await piece in answer.body { bytes += piece }
            let body = String(decoding: bytes, as: UTF8.self)
            #expect(body.contains("_forbidden"), "\(body)")
        }
    }

    @Test("what changes something needs the page's origin, its session and its CSRF token")
    func authorization() async throws {
        let stage = try await house.open("after")
        for path in ["/replay", path(stage, "token"), path(stage, "rotate")] {
            let body = #"{"part":"after"}"#
            for origin in [nil, "http://evil.example", "http://127.0.0.1:9999", "null"] {
                let answer = try await house.page(.post, path, body: body, origin: origin)
                #expect(answer.status == 403 && answer["error"] == "origin_forbidden")
            }
            #expect(try await house.page(.post, path, body: body, signedIn: false).status == 401)
            #expect(try await house.page(.post, path, body: body, csrf: false)["error"] == "csrf")
            #expect(try await house.page(.get, path).status == 405)
        }
        #expect(house.site.stageCount == 1)
        #expect(try await house.page(.post, path(stage, "report")).status == 405)
    }

    @Test(
        "a body that names no part is refused",
        arguments: ["", "{}", "[]", #"{"part":"both"}"#, #"{"part":1}"#, #"{"part":"after","part":"before"}"#, "\u{0}"])
    func badBody(body: String) async throws {
        let answer = try await house.page(.post, "/replay", body: body)
        #expect(answer.status == 400 && answer["error"] == "bad_request")
        let large = #"{"part":"after","x":"\#(String(repeating: "x", count: 2_000))"}"#
        #expect(try await house.page(.post, "/replay", body: large).status == 400)
        #expect(house.site.stageCount == 0)
    }

    @Test("there is no third rotation, and a report is of the part that the stage was made for")
    func ends() async throws {
        let stage = try await house.open("before")
        #expect(try await house.page(.post, path(stage, "rotate")).status == 200)
        let none = try await house.page(.post, path(stage, "rotate"))
        #expect(none.status == 409 && none["error"] == "no_secret_left")
        #expect(try await house.page(.get, path(stage, "report?part=after")).status == 400)
        let empty = try await house.page(.get, path(stage, "report"))
        #expect(empty.status == 200 && empty["requests"] == [] && empty["failure"] == "no tool was called")
        for path in [path(stage, "elsewhere"), path(stage, "mcp/x"), path(stage, "")] {
            #expect(try await house.page(.get, path).status == 404)
        }
    }

    @Test("the challenge of a stage leads to its metadata")
    func metadata() async throws {
        let stage = try await house.open("after")
        let url = "/.well-known/oauth-protected-resource" + (stage["url"]?.string ?? "")
        let answer = try await house.page(.get, url, signedIn: false, csrf: false)
        #expect(answer["resource"] == .string(ReplayHouse.origin + (stage["url"]?.string ?? "")))
    }

    @Test("the MCP endpoint of a stage does not answer to another host or a foreign page")
    func stageChecks() async throws {
        let stage = try await house.open("after")
        let url = try #require(stage["url"]?.string)
        #expect(try await house.page(.options, url, origin: "http://evil.example").status == 403)
        var head = HTTPRequest(method: .post, scheme: "http", authority: "evil.example", path: url)
        head.headerFields[.contentType] = "application/json"
        let answer = await house.site.respond(to: .init(head: head))
        #expect(answer?.head.status.code == 403)
    }

    @Test("at most 16 stages live, the newest, and none for more than ten minutes")
    func bounds() async throws {
        var stages: [ReplayHouse.Answer] = []
        for _ in 0..<17 { stages.append(try await house.open("before")) }
        #expect(house.site.stageCount == 16)
        let gone = try await house.page(.get, path(stages[0], "report"))
        #expect(gone.status == 404 && gone["error"] == "stage_unknown")
        #expect(try await house.send(ReplayHouse.initialize, to: stages[0]).status == 404)
        #expect(try await house.page(.get, path(stages[1], "report")).status == 200)
        house.clock.advance(by: .seconds(599))
        #expect(try await house.page(.get, path(stages[16], "report")).status == 200)
        house.clock.advance(by: .seconds(1))
        #expect(try await house.page(.get, path(stages[16], "report")).status == 404)
        #expect(house.site.stageCount == 0)
    }

    @Test("a stage takes 200 requests and then says so")
    func exhaustion() async throws {
        let stage = try await house.open("before")
        for _ in 0..<200 { _ = try await house.send(ReplayHouse.initialized, to: stage) }
        #expect(try await house.send(ReplayHouse.initialize, to: stage).status == 429)
        #expect(try await house.page(.get, path(stage, "report"))["requests"]?.array?.count == 200)
    }

    @Test("a stage takes no more than 200 requests of a crowd that comes at once")
    func crowd() async throws {
        let gate = Latch()
        let (events, feed) = AsyncStream<Event>.makeStream()
        let tool = ServedTool(Tool(name: DemoStage.tool, inputSchema: ["type": "object"])) { _, _ in
            feed.yield(.served)
            try await gate.wait()
            return ToolResult(content: [])
        }
        let stage = try ReplayStage(
            id: "stage", part: .before, origin: ReplayHouse.origin, tools: [tool], clock: house.clock)
        let token = try #require(try stage.token()?["access_token"]?.string)
        let opened = await stage.respond(to: request(ReplayHouse.initialize, token: token))
        let name = try #require(HTTPField.Name(MCPHeader.sessionID))
        let call = request(ReplayHouse.call, token: token, session: opened?.head.headerFields[name])
        let served = await withTaskGroup(of: Void.self) { group in
            for _ in 0..<250 {
                group.addTask { if await stage.respond(to: call) == nil { feed.yield(.refused) } }
            }
            var served = 0
            var iterator = events.makeAsyncIterator()
            for _ in 0..<250 where await iterator.next() == .served { served += 1 }
            gate.open()
            await group.waitForAll()
            return served
        }
        // And the one that opened the session.
        #expect(served == 199)
    }

    private enum Event { case served, refused }

    private func request(_ message: String, token: String, session: String? = nil) -> EndpointRequest {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "127.0.0.1:8080", path: "/replay/stage/mcp")
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.accept] = "application/json, text/event-stream"
        head.headerFields[.authorization] = "Bearer \(token)"
        if let name = HTTPField.Name(MCPHeader.sessionID) { head.headerFields[name] = session }
        return EndpointRequest(head: head, body: Array(message.utf8))
    }

    @Test("a stage gives 200 tokens and then says so")
    func tokens() async throws {
        let stage = try await house.open("before")
        for _ in 0..<200 { #expect(try await house.page(.post, path(stage, "token")).status == 200) }
        let refused = try await house.page(.post, path(stage, "token"))
        #expect(refused.status == 429 && refused["error"] == "stage_exhausted")
    }

    @Test(
        "other paths are not the site's", arguments: ["/", "/replays", "/mcp", "/.well-known/oauth-protected-resource"])
    func otherPaths(path: String) async throws {
        let head = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:8080", path: path)
        #expect(await house.site.respond(to: .init(head: head)) == nil)
    }
}
