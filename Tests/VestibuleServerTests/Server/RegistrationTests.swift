import Testing
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

@Suite("What is registered with a server")
struct RegistrationTests {
    private func server(_ tools: [ServedTool] = []) -> MCPServer {
        MCPServer(info: Implementation(name: "s", version: "1"), tools: tools)
    }

    private func tool(_ name: String, _ schema: JSONObject, output: JSONObject? = nil) -> ServedTool {
        ServedTool(Tool(name: name, inputSchema: schema, outputSchema: output)) { _, _ in .text(name) }
    }

    /// requirement: E-11, E-12, E-13, E-26
    @Test("what nobody could use is not offered, and a line says why")
    func problems() {
        let mirrored: (JSONValue, String) -> JSONObject = { name, type in
            ["type": "object", "properties": ["a": ["type": .string(type), "x-mcp-header": name]]]
        }
        let served = server([
            tool("fine", ["type": "object"]), tool("list", ["type": "array"]),
            tool("dialect", ["type": "object", "$schema": "https://example.com/other"]),
            tool("remote", ["type": "object", "$ref": "https://example.com/schema"]),
            tool("output", ["type": "object"], output: ["type": 5]), tool("mirrored", mirrored("Region", "string")),
            tool("no token", mirrored("not a token", "string")), tool("number", mirrored("Ratio", "number")),
        ])
        #expect(served.offer.tools.entries.map(\.key) == ["fine", "mirrored"])
        #expect(served.problems.count == 6)
        for name in ["list", "dialect", "remote", "output", "no token", "number"] {
            #expect(served.problems.contains { $0.hasPrefix("tool \(name) is not offered: ") })
        }
        served.add(ServedResourceTemplate(ResourceTemplate(uriTemplate: "test://{", name: "t")) { _, _, _ in nil })
        served.add(ServedResource(Resource(uri: "relative", name: "r")) { _ in [] })
        #expect(served.problems.count == 8)
        #expect(!served.offer.features.contains(.resources))
    }

    /// requirement: E-07, E-03
    @Test("what is added and removed is announced once; what was offered once is declared on")
    func changes() async {
        let served = server()
        #expect(served.capabilities.tools == nil)
        let subscription = served.changes.subscribe { _ in true }
        served.add(tool("a", [:]))
        served.add(tool("a", ["type": "object"]))
        served.add(ServedPrompt(Prompt(name: "p")) { _, _ in GetPromptResult([]) })
        served.add(ServedResource(Resource(uri: "test://r", name: "r")) { _ in [] })
        served.resourceUpdated("test://r")
        served.resourceUpdated("test://r")
        for expected in [ServerChange.tools, .prompts, .resources, .resource("test://r")] {
            #expect(await subscription.next() == expected)
        }
        #expect(served.removeTool("a"))
        #expect(!served.removeTool("a"))
        #expect(await subscription.next() == .tools)
        #expect(served.capabilities.tools != nil)
        #expect(served.removePrompt("p") && served.removeResource("test://r"))
        subscription.end()
        #expect(await subscription.next() == nil)
        #expect(served.changes.count == 0)
    }

    @Test("a listener that is behind loses the oldest changes, and keeps each once")
    func bound() async {
        let hub = ChangeHub()
        let subscription = hub.subscribe(limit: 2) { $0 != .prompts }
        hub.publish(.prompts)
        for uri in ["a", "b", "a", "c"] { hub.publish(.resource(uri)) }
        #expect(await subscription.next() == .resource("b"))
        #expect(await subscription.next() == .resource("c"))
        let task = Task { await subscription.next() }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test("of two things of one key the first counts at the start, and the latter when it is added later")
    func duplicates() {
        let served = server([
            tool("a", ["type": "object", "title": "first"]), tool("a", ["type": "object", "title": "second"]),
        ])
        #expect(served.offer.tools["a"]?.served.tool.inputSchema["title"] == "first")
        served.add(tool("a", ["type": "object", "title": "third"]))
        #expect(served.offer.tools.entries.count == 1)
        #expect(served.offer.tools["a"]?.served.tool.inputSchema["title"] == "third")
    }

    /// requirement: E-10, E-17
    @Test("a tool is listed as its revision has it")
    func listed() async throws {
        let output: JSONObject = ["type": "array", "items": ["type": "string"]]
        let tool = ServedTool(
            Tool(
                name: "t", title: "T", inputSchema: [:], outputSchema: output,
                icons: [Icon(source: "data:image/png;base64,AA==")])
        ) { _, _ in ToolResult(structuredValue: ["a"]) }
        let bench = try Bench(tools: [tool])
        let modern = await bench.entrance.modern("tools/list").result?["tools"]?.array?.first
        #expect(modern?.object?.names == ["name", "title", "inputSchema", "outputSchema", "icons"])
        #expect(modern?["inputSchema"]?["type"] == "object")
        for (version, names) in [
            ("2025-11-25", ["name", "title", "inputSchema", "icons"]),
            ("2025-06-18", ["name", "title", "inputSchema"]),
            ("2025-03-26", ["name", "inputSchema"]),
        ] {
            let listed = try await bench.legacy("tools/list", version: version).result?["tools"]?.array?.first
            #expect(listed?.object?.names == names)
            let called = try await bench.legacy("tools/call", #""name":"t""#, version: version)
            #expect(called.result?["structuredContent"] == nil)
            #expect(called.result?["content"]?.array?.first?["text"] == #"["a"]"#)
        }
        let called = await bench.entrance.modern("tools/call", #""name":"t""#)
        #expect(called.result?["structuredContent"] == ["a"])
    }

    /// requirement: E-16
    @Test("structured content that breaks the output schema is the server's fault, and told to nobody but its log")
    func promises() async throws {
        let output: JSONObject = ["type": "object", "required": ["n"], "properties": ["n": ["type": "integer"]]]
        let results: [(String, ToolResult)] = [
            ("none", .text("x")), ("wrong", ToolResult(structured: ["n": "secret"])),
            ("right", ToolResult(structured: ["n": 1])), ("failed", .failure("no")),
        ]
        let tools = results.map { name, result in
            ServedTool(Tool(name: name, inputSchema: [:], outputSchema: output)) { _, _ in result }
        }
        let bench = try Bench(tools: tools)
        for name in ["none", "wrong"] {
            let reply = await bench.entrance.modern("tools/call", #""name":"\#(name)""#)
            #expect(reply.result?["isError"] == true)
            #expect(reply.result?["structuredContent"] == nil)
            #expect(bench.entrance.records.last?.verdict == .failed)
            #expect(bench.entrance.records.last?.detail?.contains(name == "none" ? "gave none" : "n has to be") == true)
        }
        #expect(await bench.entrance.modern("tools/call", #""name":"right""#).result?["isError"] == false)
        #expect(
            await bench.entrance.modern("tools/call", #""name":"failed""#).result?["content"]?.array?.first?["text"]
                == "no")
    }

    struct MirrorRow: Sendable, CustomTestStringConvertible {
        var arguments: String
        var fields: [[String]] = []
        var isAccepted = true

        var testDescription: String { "\(arguments) with \(fields)" }
    }

    /// requirement: B-96, B-98, B-99, B-100, B-101, B-102, B-106
    @Test(
        "arguments that a tool has repeated in headers have to be, and have to agree",
        arguments: [
            MirrorRow(arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "eu"]]),
            MirrorRow(arguments: #"{"region":"eu"}"#, fields: [["mcp-param-region", " eu "]]),
            MirrorRow(arguments: #"{"region":"eu"}"#, isAccepted: false),
            MirrorRow(arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "us"]], isAccepted: false),
            MirrorRow(arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "=?base64?ZXU=?="]]),
            MirrorRow(
                arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "=?base64?ZXU?="]], isAccepted: false),
            MirrorRow(
                arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "=?base64?Z!U=?="]], isAccepted: false),
            MirrorRow(arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "e\u{FC}"]], isAccepted: false),
            MirrorRow(
                arguments: #"{"region":"eu"}"#, fields: [["Mcp-Param-Region", "eu"], ["Mcp-Param-Region", "eu"]],
                isAccepted: false),
            MirrorRow(arguments: "{}"),
            MirrorRow(arguments: #"{"count":42.0}"#, fields: [["Mcp-Param-Count", "42"]]),
            MirrorRow(arguments: #"{"count":42}"#, fields: [["Mcp-Param-Count", "42.0"]]),
            MirrorRow(arguments: #"{"count":42}"#, fields: [["Mcp-Param-Count", "43"]], isAccepted: false),
            MirrorRow(arguments: #"{}"#, fields: [["Mcp-Param-Other", "whatever"]]),
        ])
    func mirrors(_ row: MirrorRow) async throws {
        let schema: JSONObject = [
            "type": "object",
            "properties": [
                "region": ["type": "string", "x-mcp-header": "Region"],
                "count": ["type": "integer", "x-mcp-header": "Count"],
            ],
        ]
        let bench = try Bench(tools: [tool("t", schema)])
        #expect(bench.server.problems.isEmpty)
        let reply = await bench.entrance.modern(
            "tools/call", #""name":"t","arguments":\#(row.arguments)"#, headers: row.fields.map { ($0[0], $0[1]) })
        #expect(reply.status == (row.isAccepted ? 200 : 400))
        #expect(reply.error?["code"]?.integer == (row.isAccepted ? nil : -32020))
        // The legacy era knows no such headers.
        let legacy = try await bench.legacy("tools/call", #""name":"t","arguments":\#(row.arguments)"#)
        #expect(legacy.status == 200)
    }

    /// requirement: D-08, D-09
    @Test("progress grows strictly, is not told too often, and ends with the call")
    func progress() {
        let clock = FakeClock(NumericDate(1_800_000_000))
        let meter = ProgressMeter(.integer(7), perSecond: 2, clock: clock)
        #expect(
            meter.params(1, total: 10, message: "begun")
                == ["progressToken": 7, "progress": 1, "total": 10, "message": "begun"])
        #expect(meter.params(1, total: 10, message: nil) == nil)
        #expect(meter.params(0.5, total: nil, message: nil) == nil)
        #expect(meter.params(.nan, total: nil, message: nil) == nil)
        #expect(meter.params(1.5, total: nil, message: nil)?["progress"]?.number?.double == 1.5)
        #expect(meter.params(2, total: 10, message: nil) == nil)
        clock.advance(by: .milliseconds(500))
        #expect(meter.params(3, total: 10, message: nil) != nil)
        #expect(meter.params(10, total: 10, message: nil) != nil)
        clock.advance(by: .seconds(5))
        meter.end()
        #expect(meter.params(11, total: nil, message: nil) == nil)
    }
}
