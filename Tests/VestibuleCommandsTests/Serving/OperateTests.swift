import HTTPTypes
import Testing
import VestibuleClient
import VestibuleProtocol

@testable import VestibuleCommands

@Suite("vestibule serve: the operator's state and the replay, over a socket")
struct OperateTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// A browser without a window.
    private struct Browser: Sendable {
        let origin: String
        let transport: any HTTPTransport
        var cookie: String?

        init(_ url: String, _ transport: any HTTPTransport) {
            origin = String(url.dropLast("/mcp".count))
            self.transport = transport
        }

        func send(
            _ method: HTTPRequest.Method, _ path: String, body: String = "", type: String = "application/json",
            csrf: String? = nil
        ) async throws -> TransportResponse {
            var fields = HTTPFields()
            fields[.contentType] = type
            fields[.origin] = method == .get ? nil : origin
            fields[.cookie] = cookie
            if let name = HTTPField.Name("Vestibule-CSRF") { fields[name] = csrf }
            return try await transport.send(
                TransportRequest(method: method, url: origin + path, fields: fields, body: Array(body.utf8)))
        }

        func text(_ response: TransportResponse) async throws -> String {
            var bytes: [UInt8] = []
            for try await piece in response.body { bytes += piece }
            return String(decoding: bytes, as: UTF8.self)
        }

        func json(_ response: TransportResponse) async throws -> JSONValue {
            try JSONParser().parse(try await text(response))
        }

        /// By the development form.
        mutating func signIn(as user: String) async throws {
            let page = try await send(.get, "/auth/sign-in")
            cookie = page.fields[.setCookie].map { String($0.prefix { $0 != ";" }) }
            let html = try await text(page)
            let csrf = html.firstMatch(of: /name="csrf" value="([^"]+)"/).map { String($0.1) }
            let form = try #require(csrf.map { "user=\(user)&csrf=\($0)&return=/" })
            let done = try await send(
                .post, "/auth/sign-in", body: form, type: "application/x-www-form-urlencoded")
            #expect(done.status == 303)
            cookie = done.fields[values: .setCookie].map { String($0.prefix { $0 != ";" }) }
                .first { !$0.hasSuffix("=") }
        }
    }

    @Test("an operator's stream shows a stale token as it arrives, and ends when the server is stopped")
    func stream() async throws {
        let folder = folder
        try await AsyncHTTPClientTransport.withTransport { transport in
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            let status = try await RunningServer.run(["--port", "0", "--data", folder.file("data")]) { server in
                var browser = Browser(server.url, transport)
                try await browser.signIn(as: "olga")
                let events = try await browser.send(.get, "/operate/events")
                #expect(events.status == 200 && events.fields[.contentType] == "text/event-stream")
                let (seen, see) = AsyncStream.makeStream(of: String.self)
                Task {
                    var text = ""
                    do {
                        for try await piece in events.body {
                            text += String(decoding: piece, as: UTF8.self)
                            see.yield(text)
                        }
                    } catch {
                        Issue.record("the stream broke off: \(error)")
                    }
                    end.finish()
                    see.finish()
                }
                #expect(await seen.contains { $0.contains("event: state") && $0.contains("\"stale\":[]") })
                let refused = await vestibule("call", server.url, "echo", "--arg", "text=x", "--token", "a.b.c")
                #expect(refused.status != .success)
                var body = HTTPFields()
                body[.contentType] = "application/json"
                body[.accept] = "application/json, text/event-stream"
                body[.authorization] = "Bearer a.b.c"
                let answer = try await transport.send(
                    TransportRequest(
                        method: .post, url: server.url, fields: body,
                        body: Array(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.utf8)))
                #expect(answer.status == 401)
                #expect(await seen.contains { $0.contains("\"reason\":\"token_malformed\"") })
            }
            #expect(status == .success)
            for await _ in ends {}
        }
    }

    @Test("the replay is there on the embedded default, and its path in the log is without its key")
    func replay() async throws {
        let folder = folder
        _ = try await AsyncHTTPClientTransport.withTransport { transport in
            try await RunningServer.run(["--port", "0", "--data", folder.file("data")]) { server in
                var browser = Browser(server.url, transport)
                try await browser.signIn(as: "ada")
                let session = try await browser.json(try await browser.send(.get, "/auth/session"))
                #expect(session["replay"] == true)
                #expect(try await browser.send(.get, "/operate/state").status == 403)
                let response = try await browser.send(
                    .post, "/replay", body: #"{"part":"before"}"#, csrf: session["csrf"]?.string)
                #expect(response.status == 201)
                let stage = try await browser.json(response)
                let id = try #require(stage["id"]?.string)
                let report = try await browser.json(try await browser.send(.get, "/replay/\(id)/report?part=before"))
                #expect(report["requests"] == [] && report["criteria"]?.array?.count == 7)
                #expect(!server.talk.text.contains(id) && server.talk.text.contains("/replay/…/report"))
            }
        }
    }

    @Test("with a configuration file there is no replay, and without sign-in no operator's state")
    func configured() async throws {
        let folder = folder
        let file = try folder.write("data: \(folder.file("data"))\n", to: "vestibule.yaml")
        _ = try await AsyncHTTPClientTransport.withTransport { transport in
            try await RunningServer.run(["--port", "0", "--config", file]) { server in
                let browser = Browser(server.url, transport)
                let session = try await browser.json(try await browser.send(.get, "/auth/session"))
                #expect(session["replay"] == false)
                #expect(try await browser.send(.post, "/replay", body: #"{"part":"after"}"#).status == 404)
                #expect(try await browser.send(.get, "/operate/state").status == 404)
            }
        }
    }
}
