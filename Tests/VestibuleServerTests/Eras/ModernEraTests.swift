import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("The modern era")
struct ModernEraTests {
    /// requirement: A-08, A-10, A-11, A-58, A-59, E-01, E-06, D-40
    @Test("server/discover says versions, capabilities and who it is, to anybody")
    func discover() async throws {
        let entrance = try Entrance()
        let reply = await entrance.modern("server/discover")
        #expect(reply.status == 200)
        let result = try #require(reply.result)
        #expect(result["resultType"] == "complete")
        #expect(result["supportedVersions"] == ["2026-07-28"])
        #expect(result["capabilities"]?.object?.names == ["tools"])
        #expect(result["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "entrance")
        #expect(result["serverInfo"] == nil)
        #expect(result["ttlMs"]?.integer == 60_000)
        #expect(result["cacheScope"] == "private")
        #expect(entrance.records.last?.phase == .handshake)
        let unsupported = await entrance.post(
            #"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"#
                + #""io.modelcontextprotocol/protocolVersion":"1999-01-01","#
                + #""io.modelcontextprotocol/clientCapabilities":{}}}}"#,
            headers: [("MCP-Protocol-Version", "1999-01-01"), ("Mcp-Method", "server/discover")])
        #expect(unsupported.status == 400)
        #expect(unsupported.error?["code"]?.integer == -32022)
        #expect(unsupported.error?["data"]?["supported"] == result["supportedVersions"])
        #expect(unsupported.error?["data"]?["requested"] == "1999-01-01")
    }

    /// requirement: A-14, A-50, B-81, E-06
    @Test("a call is served by itself, without a session, and a session id that comes is passed over")
    func call() async throws {
        let entrance = try Entrance()
        let reply = await entrance.modern(
            "tools/call", #""name":"echo","arguments":{"text":"hi"}"#, token: try entrance.token(),
            headers: [("Mcp-Session-Id", "whatever")])
        #expect(reply.status == 200)
        #expect(reply["Mcp-Session-Id"] == nil)
        #expect(reply.json?["id"] == "m")
        #expect(reply.result?["resultType"] == "complete")
        #expect(reply.result?["structuredContent"]?["subject"] == "ada")
        #expect(reply.result?["ttlMs"] == nil)
        #expect(entrance.endpoint.sessionCount == 0)
        // The other era goes on beside it.
        let session = try await entrance.open()
        let legacy = await entrance.call("echo", token: try entrance.token(), session: session)
        #expect(legacy.result?["resultType"] == nil)
        #expect(legacy.result?["_meta"] == nil)
    }

    /// requirement: A-56, B-79, D-03, G-04
    @Test(
        "what the era removed, or never had, is -32601 with 404 and the request's id",
        arguments: [
            "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "tasks/list",
            "tasks/result", "nothing/of/the/kind", "resources/list", "prompts/get", "completion/complete",
        ])
    func removed(_ method: String) async throws {
        let entrance = try Entrance()
        let reply = await entrance.modern(
            method, #""name":"x","level":"info","uri":"test://x""#, token: try entrance.token(),
            headers: method == "prompts/get" ? [] : [("Mcp-Name", "x")].filter { _ in false })
        #expect(reply.status == 404)
        #expect(reply.error?["code"]?.integer == -32601)
        #expect(reply.json?["id"] == "m")
    }

    /// requirement: H-03, H-04, F-13, F-28
    @Test("who may do what is decided before the protocol: a bad token and a missing one are 401, with their reasons")
    func admission() async throws {
        let entrance = try Entrance()
        let expired = try entrance.token(ttl: .seconds(1))
        entrance.clock.advance(by: .seconds(60))
        for (method, token, status, reason) in [
            ("server/discover", expired, 401, "token_expired"), ("ping", expired, 401, "token_expired"),
            ("tools/list", expired, 401, "token_expired"), ("nothing", nil, 401, "token_missing"),
            ("tools/call", nil, 401, "token_missing"), ("ping", nil, 404, nil), ("tools/list", nil, 200, nil),
        ] as [(String, String?, Int, String?)] {
            let reply = await entrance.modern(method, #""name":"echo""#, token: token)
            #expect(reply.status == status, "\(method)")
            #expect(reply.reason == reason)
            if status == 401 { #expect(reply.challenge?.contains("resource_metadata") == true) }
        }
        // The refusal comes before what is wrong with the message, too.
        let unclear = await entrance.modern("tools/call", #""name":"echo""#, token: expired, without: ["Mcp-Method"])
        #expect(unclear.status == 401)
    }

    /// requirement: F-16, F-19
    @Test("rules bind modern calls as they bind legacy ones, with the same reasons")
    func rules() async throws {
        let rules = [Rule(tools: ["echo"], permissions: ["call"]), Rule(tools: ["other"], scope: ["wide"])]
        let entrance = try Entrance(rules: rules)
        let token = try entrance.token()
        let denied = await entrance.modern("tools/call", #""name":"echo""#, token: token)
        #expect(denied.status == 200)
        #expect(denied.result?["isError"] == true)
        #expect(denied.result?["resultType"] == "complete")
        #expect(denied.reason == "tool_forbidden")
        let unlisted = await entrance.modern("tools/call", #""name":"open""#, token: token)
        #expect(unlisted.reason == "tool_forbidden")
        let scope = await entrance.modern("tools/call", #""name":"other""#, token: token)
        #expect(scope.status == 403)
        #expect(scope.challenge?.contains(#"scope="wide""#) == true)
        let list = await entrance.modern("tools/list", token: token)
        #expect(list.result?["tools"]?.array?.compactMap { $0["name"]?.string } == ["other"])
        #expect(list.result?["cacheScope"] == "private")
    }

    /// requirement: A-12
    @Test("clients: rules see the name that a modern request gives, and the record has it")
    func clients() async throws {
        let policy = AccessPolicy(clients: [ClientOverride(clientName: "strict*", handshake: .challenge)])
        let entrance = try Entrance(policy: policy)
        let name = { (name: String) in #""io.modelcontextprotocol/clientInfo":{"name":"\#(name)","version":"1"}"# }
        #expect(await entrance.modern("server/discover", meta: name("strict one")).status == 401)
        #expect(entrance.records.last?.clientName == "strict one")
        #expect(await entrance.modern("server/discover", meta: name("another")).status == 200)
        #expect(await entrance.modern("server/discover").status == 200)
    }

    struct HeaderRow: Sendable, CustomTestStringConvertible {
        var what: String
        var method = "tools/call"
        var params = #""name":"echo""#
        var without: Set<String> = []
        var headers: [[String]] = []
        var code: Int?

        var testDescription: String { what }
    }

    static let headerRows: [HeaderRow] = [
        HeaderRow(what: "as they should be"),
        HeaderRow(what: "no Mcp-Method", without: ["Mcp-Method"], code: -32020),
        HeaderRow(what: "no Mcp-Name", without: ["Mcp-Name"], code: -32020),
        HeaderRow(what: "no MCP-Protocol-Version", without: ["MCP-Protocol-Version"], code: -32020),
        HeaderRow(
            what: "another method", without: ["Mcp-Method"], headers: [["Mcp-Method", "tools/list"]], code: -32020),
        HeaderRow(
            what: "the method in capitals", without: ["Mcp-Method"], headers: [["Mcp-Method", "TOOLS/CALL"]],
            code: -32020),
        HeaderRow(what: "another name", without: ["Mcp-Name"], headers: [["Mcp-Name", "other"]], code: -32020),
        HeaderRow(what: "the name in capitals", without: ["Mcp-Name"], headers: [["Mcp-Name", "ECHO"]], code: -32020),
        HeaderRow(what: "names of headers in any case", without: ["Mcp-Name"], headers: [["mcp-NAME", "echo"]]),
        HeaderRow(what: "white space around a value", without: ["Mcp-Name"], headers: [["Mcp-Name", " \techo  "]]),
        HeaderRow(what: "a name in base64", without: ["Mcp-Name"], headers: [["Mcp-Name", "=?base64?ZWNobw==?="]]),
        HeaderRow(
            what: "base64 without its padding", without: ["Mcp-Name"], headers: [["Mcp-Name", "=?base64?ZWNobw?="]],
            code: -32020),
        HeaderRow(
            what: "base64 of another alphabet", without: ["Mcp-Name"], headers: [["Mcp-Name", "=?base64?ZWN*bw==?="]],
            code: -32020),
        HeaderRow(
            what: "a mark in capitals is a literal", without: ["Mcp-Name"],
            headers: [["Mcp-Name", "=?BASE64?ZWNobw==?="]], code: -32020),
        HeaderRow(what: "a method twice", headers: [["Mcp-Method", "tools/call"]], code: -32020),
        HeaderRow(what: "a name twice", headers: [["Mcp-Name", "echo"]], code: -32020),
        HeaderRow(what: "a version twice", headers: [["MCP-Protocol-Version", "2026-07-28"]], code: -32020),
        HeaderRow(
            what: "a list needs no name", method: "tools/list", params: "", headers: [["Mcp-Name", "whatever"]]),
    ]

    /// requirement: B-90, B-91, B-92, B-94, B-95, B-96, B-97, B-98, B-108, A-57
    @Test("headers have to say what the body says", arguments: headerRows)
    func headers(_ row: HeaderRow) async throws {
        let entrance = try Entrance()
        let reply = await entrance.modern(
            row.method, row.params, token: try entrance.token(), without: row.without,
            headers: row.headers.map { ($0[0], $0[1]) })
        #expect(reply.status == (row.code == nil ? 200 : 400))
        #expect(reply.error?["code"]?.integer == row.code)
        if row.code != nil { #expect(reply.json?["id"] == "m") }
    }

    /// requirement: B-09, B-70, B-82, G-06, G-09
    @Test("a notification is 202 without a body; a response or an array is 400")
    func otherMessages() async throws {
        let entrance = try Entrance()
        let token = try entrance.token()
        let header = ("MCP-Protocol-Version", "2026-07-28")
        let cancelled = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
        let taken = await entrance.post(cancelled, token: token, headers: [header])
        #expect(taken.status == 202)
        #expect(taken.body.isEmpty)
        let response = await entrance.post(#"{"jsonrpc":"2.0","id":1,"result":{}}"#, token: token, headers: [header])
        #expect(response.status == 400)
        #expect(response.error?["code"]?.integer == -32600)
        let session = try await entrance.open(version: "2025-03-26")
        for (headers, body) in [
            ([header], "[\(Entrance.ping)]"), ([], "[]"),
            (
                [],
                #"[{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"#
                    + #""io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}]"#
            ),
        ] as [([(String, String)], String)] {
            let reply = await entrance.post(body, token: token, session: session, headers: headers)
            #expect(reply.status == 400)
            #expect(reply.error?["code"]?.integer == -32600)
        }
    }

    /// requirement: A-42
    @Test("initialize never settles on a revision of the modern era")
    func initializeModern() async throws {
        let reply = try await Entrance().post(Entrance.initialize(version: "2026-07-28"))
        #expect(reply.status == 200)
        #expect(reply.result?["protocolVersion"] == "2025-11-25")
    }

    /// requirement: A-15, H-06
    @Test("operations that are open run as nobody; where there are rules, tools need a token all the same")
    func openOperations() async throws {
        let open = try Entrance(policy: AccessPolicy(operation: .open))
        #expect(await open.modern("tools/call", #""name":"echo""#).result?["structuredContent"]?["subject"] == .null)
        #expect(await open.modern("nothing").status == 404)
        #expect(await open.modern("tools/call", #""name":"echo""#, token: "nonsense").status == 401)
        let ruled = try Entrance(policy: AccessPolicy(operation: .open), rules: [Rule(tools: ["echo"])])
        #expect(await ruled.modern("tools/call", #""name":"echo""#).status == 401)
        #expect(
            await ruled.modern("tools/call", #""name":"other""#, token: try ruled.token()).reason == "tool_forbidden")
    }
}
