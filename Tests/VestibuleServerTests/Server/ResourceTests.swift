import Testing
import VestibuleAuth
import VestibuleProtocol

@testable import VestibuleServer

@Suite("Resources")
struct ResourceTests {
    /// requirement: E-30, E-01, D-40, D-42
    @Test("lists show what is offered, in the order of registration, with hints in the modern era alone")
    func lists() async throws {
        let bench = try Bench()
        let modern = await bench.entrance.modern("resources/list")
        #expect(
            modern.result?["resources"]?.array?.compactMap { $0["uri"]?.string }
                == ["test://a", "test://shared", "test://gone", "test://broken"])
        #expect(modern.result?["ttlMs"]?.integer == 60_000)
        #expect(modern.result?["cacheScope"] == "private")
        let templates = await bench.entrance.modern("resources/templates/list")
        #expect(templates.result?["resourceTemplates"]?.array?.first?["uriTemplate"] == "test://items/{id}/data")
        let legacy = try await bench.legacy("resources/list")
        #expect(legacy.result?["resources"] == modern.result?["resources"])
        #expect(legacy.result?.object?.names == ["resources"])
    }

    /// requirement: E-31, D-40, D-44
    @Test("what is read has the hint of its own, private where it took a token")
    func read() async throws {
        let bench = try Bench()
        let a = await bench.entrance.modern("resources/read", #""uri":"test://a""#)
        #expect(
            a.result?["contents"]
                == [["uri": "test://a", "mimeType": "text/plain", "text": "contents of a"]])
        #expect(a.result?["ttlMs"]?.integer == 0)
        #expect(a.result?["cacheScope"] == "private")
        let shared = await bench.entrance.modern("resources/read", #""uri":"test://shared""#)
        #expect(shared.result?["ttlMs"]?.integer == 5000)
        #expect(shared.result?["cacheScope"] == "public")
        let guarded = try Bench(policy: AccessPolicy())
        let token = try guarded.entrance.token()
        let alone = await guarded.entrance.modern("resources/read", #""uri":"test://shared""#, token: token)
        #expect(alone.result?["cacheScope"] == "private")
        #expect(await guarded.entrance.modern("resources/read", #""uri":"test://shared""#).status == 401)
    }

    /// requirement: E-32, B-62, B-83
    @Test(
        "what is not there is an error in the terms of its era, with the URI, and never empty contents",
        arguments: ["test://nothing", "test://gone", "test://items/0/data", "test://items/1/2/data", "TEST://a"])
    func missing(_ uri: String) async throws {
        let bench = try Bench()
        let modern = await bench.entrance.modern("resources/read", #""uri":"\#(uri)""#)
        #expect(modern.status == 200)
        #expect(modern.error?["code"]?.integer == -32602)
        #expect(modern.error?["data"]?["uri"]?.string == uri)
        let legacy = try await bench.legacy("resources/read", #""uri":"\#(uri)""#)
        #expect(legacy.status == 200)
        #expect(legacy.error?["code"]?.integer == -32002)
        #expect(legacy.error?["data"]?["uri"]?.string == uri)
    }

    /// requirement: E-33
    @Test(
        "URIs are checked before anybody looks them up",
        arguments: [
            "", "a", "/etc/passwd", "test", "test:", ":x", "1test://a", "test://a b", "file:///data/../etc/passwd",
            "file:///data/%2e%2E/etc", "FILE:///data/..%2Fetc", "file:///a/..", #"file:///a\\..\\b"#,
        ])
    func checked(_ uri: String) async throws {
        let bench = try Bench()
        let reply = try await bench.legacy("resources/read", #""uri":"\#(uri)""#)
        #expect(reply.error?["code"]?.integer == -32602)
    }

    @Test("a URI has its bound, and a file whose name merely has dots is none that climbs")
    func bounds() async throws {
        let long = "test://" + String(repeating: "a", count: MCPServer.maximumURILength)
        let reply = try await Bench().legacy("resources/read", #""uri":"\#(long)""#)
        #expect(reply.error?["message"]?.string?.contains("8192") == true)
        #expect(!ResourceURI.climbs("file:///a/..b/c../d"))
        #expect(!ResourceURI.climbs("test://x/../y"))
        #expect(try await Bench().legacy("resources/read").error?["code"]?.integer == -32602)
    }

    /// requirement: E-30, E-33
    @Test("a template's resources are read with its variables")
    func templates() async throws {
        let bench = try Bench()
        let reply = await bench.entrance.modern("resources/read", #""uri":"test://items/4%202/data""#)
        #expect(
            reply.result?["contents"]
                == [["uri": "test://items/4%202/data", "text": "item 4 2"]])
    }

    @Test("a reader's own line reaches the caller as an error")
    func broken() async throws {
        let reply = try await Bench().legacy("resources/read", #""uri":"test://broken""#)
        #expect(reply.error?["code"]?.integer == -32603)
        #expect(reply.error?["message"] == "the disk is on fire")
    }

    /// requirement: D-65, E-34
    @Test("a session subscribes to resources that there are, up to its bound")
    func subscriptions() async throws {
        var configuration = MCPServerConfiguration()
        configuration.maximumSubscriptions = 2
        let bench = try Bench(configuration: configuration)
        let session = try await bench.entrance.open()
        let subscribe = { (uri: String) in
            try await bench.legacy("resources/subscribe", #""uri":"\#(uri)""#, session: session)
        }
        #expect(try await subscribe("test://a").result == [:])
        #expect(try await subscribe("test://items/5/data").result == [:])
        #expect(try await subscribe("test://a").result == [:])
        #expect(try await subscribe("test://shared").error?["code"]?.integer == -32602)
        #expect(try await subscribe("test://nothing").error?["code"]?.integer == -32002)
        let end = try await bench.legacy("resources/unsubscribe", #""uri":"test://a""#, session: session)
        #expect(end.result == [:])
        #expect(try await subscribe("test://shared").result == [:])
    }
}
