import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("Streams of legacy sessions")
struct LegacyStreamTests {
    // MARK: - Answers

    /// requirement: B-08, B-12, B-22, B-23, B-26, B-27, B-28
    @Test(
        "a tool that tells something is answered by a stream, which its result ends; only 2025-11-25 is primed",
        arguments: ["2025-03-26", "2025-06-18", "2025-11-25"])
    func answer(_ version: String) async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open(version)
        let response = await house.call("tell", token: token, session: session)
        #expect(response.status == 200)
        #expect(response.head.headerFields[.xAccelBuffering] == "no")
        #expect(response.head.headerFields[.cacheControl] == "no-store")
        var reader = try response.reader()
        let first = try #require(try await reader.event())
        #expect(first.id == "1-0")
        #expect(first.data.isEmpty == (version == "2025-11-25"))
        let rest = try await reader.messages()
        let messages = first.data.isEmpty ? rest : [try JSONValue(parsing: Array(first.data.utf8))] + rest
        #expect(
            messages.dropLast().map { $0["method"] } == [
                "notifications/message", "notifications/message", "notifications/message",
            ])
        #expect(messages.dropLast().map { $0["params"]?["data"] } == [1, 2, 3])
        #expect(messages.last?["id"] == 1 && messages.last?.text == "told")
        await house.endpoint.callsFinished()
        let record = try #require(house.records.list.last)
        #expect(record.tool == "tell" && record.status == 200 && record.verdict == .admitted)
    }

    @Test("a tool that tells nothing, and a client that takes no stream, are answered by JSON")
    func plain() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        #expect(await house.call("plain", token: token, session: session).text == "plain")
        let refusing = await house.call("tell", token: token, session: session, accept: "application/json")
        #expect(refusing.text == "told")
        let asked = await house.call("ask", token: token, session: session, accept: "application/json")
        #expect(asked.text?.contains("cannot be asked") == true && asked.json?["result"]?["isError"] == true)
    }

    /// requirement: D-08, D-09
    @Test("progress goes out on the request's own stream, with its token")
    func progress() async throws {
        let house = try StreamHouse()
        let session = try await house.open()
        var reader =
            try await house.call(
                "progress", meta: #"{"progressToken":"t"}"#, token: try house.token(), session: session
            )
            .reader()
        let messages = try await reader.messages()
        #expect(messages.dropLast().map { $0["params"]?["progress"] } == [0, 50, 100])
        #expect(messages.dropLast().allSatisfy { $0["params"]?["progressToken"] == "t" })
        #expect(messages.last?.text == "done")
    }

    // MARK: - Coming back

    /// requirement: B-25, B-29, B-41, B-42, B-43
    @Test("a call goes on when its client goes, and the client that comes back has all that followed")
    func resumption() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        let response = await house.call("wait", token: token, session: session)
        var reader = try response.reader()
        #expect(try await reader.event()?.id == "1-0")
        #expect(try await reader.message()?["params"]?["data"] == "waiting")
        let last = try #require(reader.lastEventID)
        if case .stream(let stream) = response.body { stream.cancel() }
        house.goOn.open()
        try await house.wentOn.wait()
        var back = try await house.get(token: token, session: session, after: last).reader()
        #expect(try await back.message()?["params"]?["data"] == "going on")
        #expect(try await back.message()?.text == "waited")
        #expect(try await back.message() == nil)
        // And again, for a client that lost it once more.
        var again = try await house.get(token: token, session: session, after: last).reader()
        #expect(try await again.messages().last?.text == "waited")
    }

    /// requirement: B-25, B-26, C-17
    @Test("a tool may send its client away, which is told when to come back and finds the answer")
    func polling() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("poll", token: token, session: session).reader()
        #expect(try await reader.event()?.data == "")
        #expect(try await reader.event() == nil)
        #expect(reader.retry == .milliseconds(40))
        var back = try await house.get(token: token, session: session, after: reader.lastEventID).reader()
        #expect(try await back.message()?["params"]?["data"] == "while away")
        house.goOn.open()
        #expect(try await back.messages().first?.text == "polled")
    }

    @Test("before 2025-11-25 nobody is sent away")
    func noPolling() async throws {
        let house = try StreamHouse()
        let session = try await house.open("2025-06-18")
        house.goOn.open()
        var reader = try await house.call("poll", token: try house.token(), session: session).reader()
        #expect(try await reader.messages().last?.text == "polled")
        #expect(reader.retry == nil)
    }

    /// requirement: B-44, B-57, B-58
    @Test("only the owner's token resumes a stream of a bound session or opens one")
    func owners() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("tell", token: token, session: session).reader()
        _ = try await reader.messages()
        for after in ["1-0", nil] {
            #expect(await house.get(session: session, after: after).status == 401)
            let other = await house.get(token: try house.token("bob"), session: session, after: after)
            #expect(other.status == 404)
            #expect(other.json?["error"]?["data"]?["reason"] == "session_subject_mismatch")
            #expect(await house.get(token: "garbage", session: session, after: after).status == 401)
        }
        // An id of another session is none of this one.
        let mine = try await house.open(token: token)
        #expect(await house.get(token: token, session: mine, after: "1-0").status == 400)
        var back = try await house.get(token: token, session: session, after: "1-1").reader()
        #expect(try await back.messages().count == 3)
    }

    // MARK: - GET

    /// requirement: B-35, B-54, B-65, B-80
    @Test("GET needs a session, a client that takes events, and a version of the legacy era")
    func getProblems() async throws {
        let house = try StreamHouse()
        let session = try await house.open()
        let none = await house.get(session: nil)
        #expect(none.status == 400)
        #expect(none.json?["error"]?["message"]?.string?.contains("initialize first") == true)
        #expect(await house.get(session: "unknown").status == 404)
        #expect(await house.get(session: session, accept: "application/json").status == 406)
        let modern = await house.get(session: nil, [("MCP-Protocol-Version", "2026-07-28")])
        #expect(modern.status == 405 && modern.head.headerFields[.allow] != nil)
        #expect(await house.get(session: session, [("MCP-Protocol-Version", "1999-01-01")]).status == 400)
        for accept in ["text/event-stream", "*/*", "application/json, text/event-stream;q=0.5"] {
            #expect(await house.get(session: session, accept: accept).status == 200)
        }
    }

    /// requirement: B-36, B-37, B-38
    @Test("a GET stream tells of changes, and each on one stream alone")
    func changes() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open(token: token)
        let subscribed = await house.post(
            #"{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"test://a"}}"#, token: token,
            session: session)
        var reader = try await house.get(token: token, session: session).reader()
        #expect(try await reader.event()?.id == "1-0")
        house.server.removeTool("plain")
        #expect(try await reader.message()?["method"] == "notifications/tools/list_changed")
        if subscribed.json?["result"] != nil {
            house.server.resourceUpdated("test://other")
            house.server.resourceUpdated("test://a")
            #expect(try await reader.message()?["params"]?["uri"] == "test://a")
        }
        house.server.removeTool("tell")
        #expect(try await reader.message()?["method"] == "notifications/tools/list_changed")
        #expect(reader.lastEventID?.hasPrefix("1-") == true)
    }

    @Test("a stream that was opened without a token gets nothing that depends on whoever the session is bound to later")
    func unbound() async throws {
        let house = try StreamHouse()
        let session = try await house.open()
        var anonymous = try await house.get(session: session).reader()
        #expect(try await anonymous.event()?.data == "")
        // Binds it.
        #expect(await house.call("plain", token: try house.token(), session: session).status == 200)
        let streams = try #require(house.endpoint.sessions.use(session)?.streams)
        _ = streams.session.subscribe(to: "test://a")
        house.server.resourceUpdated("test://a")
        house.server.removeTool("tell")
        #expect(try await anonymous.message()?["method"] == "notifications/tools/list_changed")
        #expect(!anonymous.text.contains("test://a"))
    }

    /// requirement: D-65
    @Test("where anybody may read resources, a stream without a token tells of them too")
    func openToAnybody() async throws {
        let house = try StreamHouse(policy: AccessPolicy(operation: .open))
        let session = try await house.open()
        var reader = try await house.get(session: session).reader()
        #expect(try await reader.event()?.data == "")
        let streams = try #require(house.endpoint.sessions.use(session)?.streams)
        _ = streams.session.subscribe(to: "test://a")
        house.server.resourceUpdated("test://a")
        #expect(try await reader.message()?["params"]?["uri"] == "test://a")
        // Whoever binds the session need not be who opened the stream.
        #expect(await house.call("plain", token: try house.token(), session: session).status == 200)
        #expect(await reader.piece()?.hasPrefix(": closed: the session belongs to a subject now") == true)
        #expect(await reader.piece() == nil)
    }

    // MARK: - Ends

    /// requirement: D-73
    @Test("streams end when the token expires, with a line that says so; the call goes on for a client that comes back")
    func expiry() async throws {
        let house = try StreamHouse()
        let session = try await house.open()
        let short = try house.token(ttl: .seconds(10))
        var call = try await house.call("wait", token: short, session: session).reader()
        _ = try await call.message()
        await house.clock.untilSomebodySleeps(for: .seconds(10))
        house.clock.advance(by: .seconds(10))
        #expect(
            await call.piece()?.hasPrefix(": closed (token_expired): the access token of this stream expired at")
                == true)
        #expect(await call.piece() == nil)
        // The leeway of clocks is over, too.
        house.clock.advance(by: .seconds(10))
        #expect(await house.get(token: short, session: session, after: "1-1").status == 401)
        house.goOn.open()
        var back = try await house.get(token: try house.token(), session: session, after: "1-1").reader()
        #expect(try await back.messages().last?.text == "waited")
    }

    /// requirement: B-30, B-55, B-56
    @Test("DELETE and a session's idle time end its streams")
    func sessionEnds() async throws {
        let house = try StreamHouse { $0.session.idle = .seconds(40) }
        let token = try house.token()
        let deleted = try await house.open(token: token)
        var stream = try await house.get(token: token, session: deleted).reader()
        _ = try await stream.event()
        let answer = await house.send(.delete, [("Mcp-Session-Id", deleted), ("Authorization", "Bearer \(token)")])
        #expect(answer.status == 204)
        #expect(await stream.piece()?.contains("the session has ended") == true)
        #expect(await stream.piece() == nil)
        #expect(await house.get(token: token, session: deleted).status == 404)
        let idle = try await house.open()
        var other = try await house.get(session: idle).reader()
        _ = try await other.event()
        let turn = Task {
            for _ in 0..<3 {
                await house.clock.untilSomebodySleeps(for: .seconds(15))
                house.clock.advance(by: .seconds(15))
            }
        }
        var last = ""
        while let piece = await other.piece() { last = piece }
        #expect(last.contains("the session has ended"))
        await turn.value
        #expect(house.endpoint.sessionCount == 0)
    }

    @Test("the server's end ends GET streams with a line, lets calls go on, and opens nothing any more")
    func drain() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open(token: token)
        var standing = try await house.get(token: token, session: session).reader()
        _ = try await standing.event()
        var call = try await house.call("wait", token: token, session: session).reader()
        _ = try await call.message()
        house.endpoint.drain()
        #expect(await standing.piece()?.contains("shutting down") == true)
        #expect(await standing.piece() == nil)
        #expect(await house.get(token: token, session: session).status == 503)
        house.goOn.open()
        #expect(try await call.messages().last?.text == "waited")
        await house.endpoint.callsFinished()
    }

    // MARK: - Questions

    /// requirement: B-23, B-36, B-59, C-19
    @Test("a question goes out on the stream of its request, and the client's answer by POST goes back to the tool")
    func question() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("ask", token: token, session: session).reader()
        let question = try #require(try await reader.message())
        #expect(question["method"] == "elicitation/create" && question["params"]?["message"] == "your name?")
        let id = try #require(question["id"]?.string)
        func answer(_ result: String, _ token: String?) async -> EndpointResponse {
            await house.post(#"{"jsonrpc":"2.0","id":"\#(id)",\#(result)}"#, token: token, session: session)
        }
        let accepted = #""result":{"action":"accept","content":{"name":"Ada"}}"#
        // A session id is no credential, and another subject's token is not this one's.
        #expect(await answer(accepted, nil).status == 401)
        #expect(await answer(accepted, try house.token("bob")).status == 404)
        #expect(
            await house.post(#"{"jsonrpc":"2.0","id":"nobody","result":{}}"#, token: token, session: session).status
                == 400)
        #expect(await answer(accepted, token).status == 202)
        #expect(try await reader.messages().map(\.text) == ["accept Ada"])
        // It crossed the answer; nothing comes of it.
        #expect(await answer(accepted, token).status == 202)
    }

    @Test("whoever calls a public tool without a token may answer what it asks, also without one")
    func anonymousQuestion() async throws {
        let house = try StreamHouse()
        let session = try await house.open()
        var reader = try await house.call("open_ask", token: nil, session: session).reader()
        let id = try #require(try await reader.message()?["id"]?.string)
        let answer = #"{"jsonrpc":"2.0","id":"\#(id)","result":{"action":"decline"}}"#
        #expect(await house.post(answer, session: session).status == 202)
        #expect(try await reader.messages().map(\.text) == ["decline"])
        #expect(await house.post(answer, session: session).status == 401)
    }

    @Test("a client's refusal is the tool's failure, in the client's words")
    func refusedQuestion() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("ask", token: token, session: session).reader()
        let id = try #require(try await reader.message()?["id"]?.string)
        _ = await house.post(
            #"{"jsonrpc":"2.0","id":"\#(id)","error":{"code":-1,"message":"not now"}}"#, token: token, session: session)
        let result = try #require(try await reader.message()?["result"])
        #expect(result["isError"] == true)
        #expect(result["content"]?.array?.first?["text"]?.string?.contains("error -1: not now") == true)
    }

    /// requirement: D-04, D-05
    @Test("a cancelled call withdraws its question, and its stream ends without an answer")
    func cancelledQuestion() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("ask", token: token, session: session).reader()
        let id = try #require(try await reader.message()?["id"])
        let cancellation = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
        #expect(await house.post(cancellation, token: token, session: session).status == 202)
        let messages = try await reader.messages()
        #expect(messages.map { $0["method"] } == ["notifications/cancelled"])
        #expect(messages.first?["params"]?["requestId"] == id)
    }

    /// requirement: E-55
    @Test("the end of a page's elicitation is told in 2025-11-25, and in no other version")
    func elicitationComplete() async throws {
        let house = try StreamHouse()
        let token = try house.token()
        let session = try await house.open()
        var reader = try await house.call("page", token: token, session: session).reader()
        let message = try #require(try await reader.message())
        #expect(
            message["method"] == "notifications/elicitation/complete" && message["params"]?["elicitationId"] == "e1")
        let older = try await house.open("2025-06-18")
        #expect(await house.call("page", token: token, session: older).text == "opened")
        #expect(await house.modernCall("page", token: token).text == "opened")
    }

    @Test("a batch whose messages tell something is answered by a stream that the batch of answers ends")
    func batch() async throws {
        let house = try StreamHouse()
        let session = try await house.open("2025-03-26")
        let body =
            #"[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tell"}},"#
            + #"{"jsonrpc":"2.0","id":2,"method":"ping"}]"#
        var reader = try await house.post(body, token: try house.token(), session: session).reader()
        let messages = try await reader.messages()
        #expect(messages.count == 4)
        #expect(messages.last?.array?.map { $0["id"] } == [1, 2])
    }
}
