import HTTPTypes
import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("The way through the endpoint")
struct PipelineTests {
    /// requirement: B-01
    @Test(
        "the endpoint is its path, with or without one slash at its end and whatever the query",
        arguments: ["/mcp", "/mcp/", "/mcp?x=1", "/mcp/?a=b#c"])
    func path(_ path: String) async throws {
        let reply = try await Entrance()
            .send(
                .post, path, body: Entrance.initialize(), headers: [("Content-Type", "application/json")])
        #expect(reply.status == 200)
    }

    @Test("any other path is a 404 that names the endpoint", arguments: ["/", "/mcp/x", "/MCP", "/sse", "", "/mcp%2F"])
    func elsewhere(_ path: String) async throws {
        let reply = try await Entrance().send(.get, path)
        #expect(reply.status == 404)
        #expect(reply.error?["message"]?.string?.contains("/mcp") == true)
    }

    /// requirement: F-10, F-11, F-12, F-29
    @Test("the metadata lies at both well-known paths, for everybody")
    func metadata() async throws {
        let entrance = try Entrance()
        for path in ["", "/mcp", "/mcp/"] {
            let reply = await entrance.send(
                .get, "/.well-known/oauth-protected-resource" + path,
                headers: [("Origin", "https://anybody.example"), ("Authorization", "Bearer nonsense")])
            #expect(reply.status == 200)
            #expect(reply["Access-Control-Allow-Origin"] == "*")
            #expect(reply.json?["resource"]?.string == Entrance.resource)
            #expect(reply.json?["authorization_servers"] == .strings([Entrance.origin]))
            #expect(reply.json?["scopes_supported"] == ["mcp"])
            #expect(reply.json?["bearer_methods_supported"] == ["header"])
        }
        #expect(await entrance.send(.post, "/.well-known/oauth-protected-resource").status == 405)
    }

    @Test("metadata without elements is left out")
    func emptyMetadata() async throws {
        let entrance = try Entrance {
            $0.authorizationServers = []
            $0.scopesSupported = []
        }
        let json = await entrance.send(.get, "/.well-known/oauth-protected-resource").json
        #expect(json?.object?.names == ["resource", "bearer_methods_supported", "resource_name"])
    }

    @Test("a behind-proxy endpoint publishes the metadata under its public path, too")
    func publicPath() async throws {
        let entrance = try Entrance { $0.resource = "https://mcp.example.com/tools/mcp" }
        #expect(
            entrance.endpoint.metadataURL == "https://mcp.example.com/.well-known/oauth-protected-resource/tools/mcp")
        let reply = await entrance.send(
            .get, "/.well-known/oauth-protected-resource/tools/mcp", host: "mcp.example.com")
        #expect(reply.status == 200)
    }

    /// requirement: B-04
    @Test(
        "Host must be the public one, a configured one, or loopback where that is allowed",
        arguments: [
            ("127.0.0.1:8080", false, true), ("127.0.0.1", false, true), ("evil.example", false, false),
            ("evil.example", true, false), ("localhost:3000", true, true), ("[::1]:8080", true, true),
            ("localhost", false, false), ("127.0.0.1.evil.example", true, false), ("127.9.9.9", true, true),
            ("extra.example", false, true), ("EXTRA.example:81", false, true), ("port.example:99", false, true),
            ("port.example:98", false, false), ("", true, false),
        ])
    func host(_ host: String, _ isLoopbackAllowed: Bool, _ isAllowed: Bool) async throws {
        let entrance = try Entrance {
            $0.allowsLoopbackOrigins = isLoopbackAllowed
            $0.allowedHosts = ["extra.example", "port.example:99"]
        }
        let reply = await entrance.send(.options, host: host)
        #expect(reply.status == (isAllowed ? 204 : 403))
        #expect(reply.reason == (isAllowed ? nil : "host_forbidden"))
    }

    /// requirement: B-02, B-03
    @Test(
        "a page's origin must be allowed",
        arguments: [
            ("https://app.example.com", false, true), ("https://APP.example.com", false, true),
            ("http://app.example.com", false, false), ("https://app.example.com:444", false, false),
            ("https://evil.example", true, false), ("null", true, false), ("http://localhost:5173", true, true),
            ("http://localhost:5173", false, false), ("https://127.0.0.1:1", true, true),
            ("http://[::1]:5173", true, true), ("http://localhost.evil.example", true, false),
            ("https://app.example.com.evil.example", true, false), ("", false, false),
        ])
    func origin(_ origin: String, _ isLoopbackAllowed: Bool, _ isAllowed: Bool) async throws {
        let entrance = try Entrance { $0.allowsLoopbackOrigins = isLoopbackAllowed }
        let reply = await entrance.post(Entrance.initialize(), headers: [("Origin", origin)])
        #expect(reply.status == (isAllowed ? 200 : 403))
        #expect(reply.reason == (isAllowed ? nil : "origin_forbidden"))
        #expect(reply["Access-Control-Allow-Origin"] == (isAllowed ? origin : nil))
        #expect(reply["Vary"] == "Origin")
    }

    @Test("a preflight needs no token and says everything that the page may send")
    func preflight() async throws {
        let reply = try await Entrance(policy: AccessPolicy(handshake: .challenge))
            .send(
                .options,
                headers: [
                    ("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "authorization,mcp-session-id"),
                ])
        #expect(reply.status == 204)
        #expect(reply["Access-Control-Allow-Origin"] == "https://app.example.com")
        #expect(reply["Access-Control-Allow-Methods"]?.contains("DELETE") == true)
        for name in ["Authorization", "Content-Type", "Mcp-Session-Id", "MCP-Protocol-Version", "Last-Event-ID"] {
            #expect(reply["Access-Control-Allow-Headers"]?.contains(name) == true)
        }
        #expect(reply["Access-Control-Max-Age"] == "7200")
        #expect(reply["Access-Control-Allow-Credentials"] == nil)
    }

    @Test("every answer can be read by an allowed page: refusals, errors and 404s, too")
    func corsEverywhere() async throws {
        let entrance = try Entrance()
        let origin = ("Origin", "https://app.example.com")
        let replies = [
            await entrance.post(Entrance.initialize(), headers: [origin]),
            await entrance.call("echo", session: nil, headers: [origin]),
            await entrance.post("{", headers: [origin]),
            await entrance.post(Entrance.ping, session: "gone", headers: [origin]),
            await entrance.send(.get, headers: [origin]),
            await entrance.send(.get, "/nowhere", headers: [origin]),
            await entrance.send(.options, headers: [origin]),
            await entrance.send(headers: [origin], host: "evil.example"),
        ]
        #expect(replies.map(\.status) == [200, 401, 400, 404, 400, 404, 204, 403])
        for reply in replies {
            #expect(reply["Access-Control-Allow-Origin"] == origin.1)
            for name in [
                "Mcp-Session-Id", "WWW-Authenticate", "Retry-After", "MCP-Protocol-Version", "Vestibule-Token",
                "Vestibule-Request-Id", "Date",
            ] {
                #expect(reply["Access-Control-Expose-Headers"]?.contains(name) == true)
            }
        }
    }

    @Test("every answer has the server's time and an id of its own, which the record has, too")
    func dateAndID() async throws {
        let entrance = try Entrance()
        let first = await entrance.send(.get, "/nowhere")
        entrance.clock.advance(by: .seconds(1))
        let second = await entrance.post(Entrance.initialize())
        #expect(first["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT")
        #expect(second["Date"] == "Fri, 15 Jan 2027 08:00:01 GMT")
        let ids = [first, second].map { $0["Vestibule-Request-Id"] }
        #expect(ids[0] != ids[1])
        #expect(entrance.records.list.map(\.requestID) == ids)
    }

    @Test("unknown methods are 405, which says what is allowed", arguments: ["HEAD", "PUT", "PATCH"])
    func method(_ name: String) async throws {
        let method = try #require(HTTPRequest.Method(name))
        let reply = try await Entrance().send(method)
        #expect(reply.status == 405)
        #expect(reply["Allow"] == "GET, POST, DELETE, OPTIONS")
        #expect(reply.body.isEmpty == (name == "HEAD"))
    }

    /// requirement: B-07, B-11
    @Test(
        "only JSON in UTF-8 is read",
        arguments: [
            ("application/json", 200), ("Application/JSON; charset=UTF-8", 200),
            ("application/json; charset=\"utf-8\"", 200), ("application/json;x=y", 200), ("text/plain", 415),
            ("application/json; charset=latin1", 415), ("application/jsonx", 415), ("", 415), (nil, 415),
        ])
    func contentType(_ type: String?, _ status: Int) async throws {
        let headers = type.map { [("Content-Type", $0)] } ?? []
        let reply = try await Entrance().send(body: Entrance.initialize(), headers: headers)
        #expect(reply.status == status)
    }

    /// requirement: B-11
    @Test(
        "Accept has to allow JSON where it says anything",
        arguments: [
            (nil, 200), ("*/*", 200), ("application/*", 200), ("application/json", 200),
            ("text/event-stream, application/json;q=0.5", 200), ("text/html", 406), ("text/event-stream", 406),
            ("application/json;q=0", 406), ("application/json;q=0, */*", 200),
        ])
    func accept(_ accept: String?, _ status: Int) async throws {
        let headers = [("Content-Type", "application/json")] + (accept.map { [("Accept", $0)] } ?? [])
        let reply = try await Entrance().send(body: Entrance.initialize(), headers: headers)
        #expect(reply.status == status)
    }

    /// requirement: B-107
    @Test("a head beyond its bounds is 431, one at them is read")
    func headBounds() async throws {
        let entrance = try Entrance {
            $0.maximumHeaderFields = 10
            $0.maximumHeaderSize = 1000
        }
        func reply(fields: Int, size: Int) async -> Reply {
            let filler = (2..<fields).map { ("X-\($0)", "y") }
            let used = filler.reduce(0) { $0 + $1.0.utf8.count + 5 } + 12 + 16 + 4 + 4 + 6 + 4
            return await entrance.send(
                body: Entrance.initialize(),
                headers: filler + [
                    ("Content-Type", "application/json"), ("X-Fill", String(repeating: "z", count: size - used)),
                ])
        }
        #expect(await reply(fields: 10, size: 1000).status == 200)
        #expect(await reply(fields: 11, size: 900).status == 431)
        #expect(await reply(fields: 10, size: 1001).status == 431)
    }

    /// requirement: B-11
    @Test("a body at its bound is read, one byte more is 413")
    func bodyBound() async throws {
        let body = Entrance.initialize()
        let entrance = try Entrance { $0.maximumBodySize = body.utf8.count }
        #expect(await entrance.post(body).status == 200)
        #expect(await entrance.post(body + " ").status == 413)
    }

    /// requirement: B-11, G-01, G-04, G-10
    @Test(
        "what is not one JSON-RPC message is 400 with a JSON-RPC error, and the id where it can be read",
        arguments: [
            ("", -32700, nil), ("{", -32700, nil), ("nonsense", -32700, nil), ("[]", -32600, nil),
            (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, nil), ("1", -32600, nil),
            (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600, 1),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, -32600, 1),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":2,"method":7}"#, -32600, 2),
        ] as [(String, Int, Int?)])
    func badBody(_ body: String, _ code: Int, _ id: Int?) async throws {
        let entrance = try Entrance()
        let reply = await entrance.post(body)
        #expect(reply.status == 400)
        #expect(reply.error?["code"]?.integer == code)
        #expect(reply.json?["id"]?.integer == id)
        #expect(entrance.records.last?.verdict == .failed)
    }

    /// requirement: F-28, H-04
    @Test("a refused token is told before a malformed body, a malformed body before a missing token")
    func order() async throws {
        let entrance = try Entrance()
        #expect(await entrance.post("{", token: "nonsense").status == 401)
        #expect(await entrance.post("{").status == 400)
        #expect(await entrance.call("echo", session: nil).status == 401)
        let lenient = try Entrance(policy: AccessPolicy(rejectedToken: .anonymous))
        #expect(await lenient.post("{", token: "nonsense").status == 400)
    }

    /// requirement: D-01, G-04
    @Test(
        "ids come back with their type",
        arguments: ["1", "0", "-5", #""1""#, #""""#, #""é\n""#, "9007199254740993"])
    func ids(_ id: String) async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let reply = await entrance.post(#"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#, session: session)
        #expect(try reply.json?["id"] == JSONValue(parsing: id))
        #expect(reply.result == [:])
    }

    /// requirement: A-32, A-35, A-42
    @Test("versions: the client's where it is known, else the newest legacy one")
    func versions() async throws {
        for (asked, answered) in [
            ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"),
            ("2026-07-28", "2025-11-25"), ("1999-01-01", "2025-11-25"),
        ] {
            let reply = try await Entrance().post(Entrance.initialize(version: asked))
            #expect(reply.result?["protocolVersion"]?.string == answered)
            #expect(reply.result?["serverInfo"]?["name"] == "entrance")
            #expect(reply.result?["capabilities"]?["tools"] != nil)
        }
    }

    @Test("initialize without what it needs is -32602 and opens no session")
    func badInitialize() async throws {
        let entrance = try Entrance()
        for params in ["{}", #"{"protocolVersion":3}"#, #"{"protocolVersion":"2025-11-25","clientInfo":{}}"#] {
            let reply = await entrance.post(#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":\#(params)}"#)
            #expect(reply.status == 400)
            #expect(reply.error?["code"]?.integer == -32602)
        }
        #expect(entrance.endpoint.sessionCount == 0)
    }

    /// requirement: B-65, B-67, B-68
    @Test("an unsupported MCP-Protocol-Version is 400 with the supported ones; on initialize the body counts")
    func versionHeader() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        for version in ProtocolVersion.legacy {
            let header = ("MCP-Protocol-Version", version.rawValue)
            #expect(await entrance.post(Entrance.ping, session: session, headers: [header]).status == 200)
        }
        let bad = ("MCP-Protocol-Version", "2024-01-01")
        let reply = await entrance.post(Entrance.ping, session: session, headers: [bad])
        #expect(reply.status == 400)
        #expect(reply.error?["code"]?.integer == -32022)
        #expect(reply.error?["data"]?["supported"] == ["2026-07-28"])
        #expect(reply.error?["data"]?["requested"] == "2024-01-01")
        #expect(await entrance.post(Entrance.initialize(), headers: [bad]).status == 200)
    }

    /// requirement: B-62
    @Test("an unknown method is -32601 in HTTP 200, for whoever passed the gate")
    func unknownMethod() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let body = #"{"jsonrpc":"2.0","id":1,"method":"nothing/such"}"#
        #expect(await entrance.post(body, session: session).status == 401)
        let reply = await entrance.post(body, token: try entrance.token(), session: session)
        #expect(reply.status == 200)
        #expect(reply.error?["code"]?.integer == -32601)
    }

    /// requirement: B-09, B-10, G-06
    @Test("notifications are 202 without a body; a request without an id is 400")
    func notifications() async throws {
        let entrance = try Entrance()
        let session = try await entrance.open()
        let initialized = await entrance.post(
            #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, session: session)
        #expect(initialized.status == 202)
        #expect(initialized.body.isEmpty)
        let call = await entrance.post(
            #"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}"#, token: try entrance.token(),
            session: session)
        #expect(call.status == 400)
    }
}
