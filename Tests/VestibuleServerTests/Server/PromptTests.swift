import Testing
import VestibuleProtocol

@testable import VestibuleServer

@Suite("Prompts and completions")
struct PromptTests {
    /// requirement: E-40, D-40
    @Test("a prompt is listed and made, with the arguments that it knows")
    func made() async throws {
        let bench = try Bench()
        let list = await bench.entrance.modern("prompts/list")
        #expect(list.result?["prompts"]?.array?.compactMap { $0["name"]?.string } == ["greet", "plain"])
        #expect(list.result?["cacheScope"] == "private")
        let reply = await bench.entrance.modern(
            "prompts/get", #""name":"greet","arguments":{"name":"Ada","unknown":"x"}"#)
        #expect(reply.result?["resultType"] == "complete")
        #expect(
            reply.result?["messages"]
                == [["role": "user", "content": ["type": "text", "text": "Greet Ada plainly"]]])
        #expect(reply.result?["ttlMs"] == nil)
        let plain = try await bench.legacy("prompts/get", #""name":"plain""#)
        #expect(plain.result?.object?.names == ["messages"])
    }

    /// requirement: E-41, E-42, B-83
    @Test(
        "an unknown prompt, a missing argument and one that is no string are -32602",
        arguments: [
            #""name":"none""#, #""name":"greet""#, #""name":"greet","arguments":{"tone":"warm"}"#,
            #""name":"greet","arguments":{"name":null}"#, #""name":"greet","arguments":{"name":5}"#,
            #""name":"greet","arguments":["Ada"]"#, #""name":"greet","arguments":{"name":"a","name":"b"}"#, "",
        ])
    func refused(_ params: String) async throws {
        let bench = try Bench()
        let legacy = try await bench.legacy("prompts/get", params)
        #expect(legacy.status == 200)
        #expect(legacy.error?["code"]?.integer == -32602)
        let modern = await bench.entrance.modern("prompts/get", params)
        #expect(modern.status == 200)
        #expect(modern.error?["code"]?.integer == -32602)
    }

    private static func params(_ ref: String, _ name: String, _ value: String, context: String = "") -> String {
        #""ref":\#(ref),"argument":{"name":"\#(name)","value":"\#(value)"}\#(context)"#
    }

    private static let greet = #"{"type":"ref/prompt","name":"greet"}"#
    private static let items = #"{"type":"ref/resource","uri":"test://items/{id}/data"}"#

    /// requirement: D-34, D-35
    @Test("suggestions come from the argument's completer, a hundred at most, with the other arguments in view")
    func completions() async throws {
        let bench = try Bench()
        let reply = await bench.entrance.modern(
            "completion/complete",
            Self.params(Self.greet, "name", "p", context: #","context":{"arguments":{"tone":"!"}}"#))
        #expect(reply.result?["completion"]?["values"]?.array?.count == 100)
        #expect(reply.result?["completion"]?["values"]?.array?.first == "p0!")
        #expect(reply.result?["completion"]?["total"]?.integer == 150)
        #expect(reply.result?["completion"]?["hasMore"] == true)
        #expect(reply.result?["resultType"] == "complete")
        #expect(reply.result?["ttlMs"] == nil)
        let items = try await bench.legacy("completion/complete", Self.params(Self.items, "id", "1"))
        #expect(items.result == ["completion": ["values": ["1", "10"]]])
        let nothing = try await bench.legacy("completion/complete", Self.params(Self.greet, "tone", "w"))
        #expect(nothing.result == ["completion": ["values": []]])
        let resource = #"{"type":"ref/resource","uri":"test://a"}"#
        let plain = try await bench.legacy("completion/complete", Self.params(resource, "x", ""))
        #expect(plain.result == ["completion": ["values": []]])
    }

    /// requirement: D-36
    @Test(
        "what there is not cannot be completed: -32602",
        arguments: [
            params(#"{"type":"ref/prompt","name":"none"}"#, "name", ""), params(greet, "none", ""),
            params(#"{"type":"ref/resource","uri":"test://none/{x}"}"#, "x", ""),
            params(#"{"type":"ref/tool","name":"echo"}"#, "x", ""), #""ref":\#(greet)"#, "",
        ])
    func notCompleted(_ params: String) async throws {
        let reply = try await Bench().legacy("completion/complete", params)
        #expect(reply.error?["code"]?.integer == -32602)
    }

    /// requirement: D-36, E-02, D-20
    @Test("what is not offered is not declared, and its methods are unknown")
    func notOffered() async throws {
        var configuration = MCPServerConfiguration()
        configuration.offersLogging = false
        configuration.announcesChanges = false
        let bench = try Bench(resources: [], resourceTemplates: [], prompts: [], configuration: configuration)
        for method in [
            "resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "prompts/list",
            "prompts/get", "completion/complete", "logging/setLevel",
        ] {
            let reply = try await bench.legacy(method, #""uri":"test://a","name":"greet","level":"info""#)
            #expect(reply.status == 200)
            #expect(reply.error?["code"]?.integer == -32601, "\(method)")
        }
        let discovered = await bench.entrance.modern("server/discover")
        #expect(discovered.result?["capabilities"]?.object?.names == ["tools"])
    }

    /// requirement: A-35, A-39, D-20, D-34, E-01
    @Test("what is offered is declared, in either era", arguments: ["2025-03-26", "2025-06-18", "2025-11-25"])
    func declared(_ version: String) async throws {
        let bench = try Bench()
        let reply = await bench.entrance.post(Entrance.initialize(version: version))
        let expected: JSONValue = [
            "logging": [:], "completions": [:], "prompts": ["listChanged": true],
            "resources": ["subscribe": true, "listChanged": true], "tools": ["listChanged": true],
        ]
        #expect(reply.result?["protocolVersion"]?.string == version)
        #expect(reply.result?["capabilities"] == expected)
        #expect(reply.result?["serverInfo"]?["name"] == "bench")
        #expect(reply.result?["instructions"] == "Mind the gap.")
        let discovered = await bench.entrance.modern("server/discover")
        #expect(discovered.result?["capabilities"] == expected)
        #expect(discovered.result?["instructions"] == "Mind the gap.")
    }

    /// requirement: D-21, D-25, D-01
    @Test("a session says from which level on it wants log messages")
    func logLevel() async throws {
        let bench = try Bench()
        let session = try await bench.entrance.open()
        for level in LogLevel.allCases {
            let reply = try await bench.legacy("logging/setLevel", #""level":"\#(level.rawValue)""#, session: session)
            #expect(reply.result == [:])
        }
        for bad in [#""level":"loud""#, #""level":3"#, ""] {
            #expect(try await bench.legacy("logging/setLevel", bad, session: session).error?["code"]?.integer == -32602)
        }
        #expect(try await bench.legacy("ping", session: session).result == [:])
    }

    /// requirement: D-33, E-03, E-05
    @Test(
        "every list comes in pages, whose cursors are the server's own",
        arguments: [
            ("tools/list", "tools", 3), ("resources/list", "resources", 4), ("prompts/list", "prompts", 2),
            ("resources/templates/list", "resourceTemplates", 1),
        ])
    func pages(_ method: String, _ name: String, _ count: Int) async throws {
        var configuration = MCPServerConfiguration()
        configuration.pageSize = 1
        let bench = try Bench(configuration: configuration)
        for _ in 0..<2 {
            var seen = 0
            var cursor: String?
            repeat {
                let reply = await bench.entrance.modern(method, cursor.map { #""cursor":"\#($0)""# } ?? "")
                #expect(reply.result?[name]?.array?.count == 1)
                #expect(reply.result?["cacheScope"] == "private")
                seen += 1
                cursor = reply.result?["nextCursor"]?.string
            } while cursor != nil && seen < 10
            #expect(seen == count)
        }
        for bad in [#""cursor":"nonsense""#, #""cursor":"""#, #""cursor":5"#] {
            #expect(try await bench.legacy(method, bad).error?["code"]?.integer == -32602)
        }
        #expect(try await bench.legacy(method, #""cursor":null"#).result?[name]?.array?.count == 1)
    }
}
