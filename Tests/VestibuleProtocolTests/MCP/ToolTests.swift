import Testing
import VestibuleProtocol

@Suite("Tools and their results")
struct ToolTests {
    @Test("a tool is read with what it has, and not without name or input schema")
    func tool() throws {
        let json: JSONValue = ["name": "t", "inputSchema": ["type": "object"], "annotations": nil, "title": 5]
        let tool = try #require(Tool(json: json))
        #expect(tool == Tool(name: "t", inputSchema: ["type": "object"]))
        #expect(Tool(json: ["name": "t"]) == nil)
        #expect(Tool(json: ["inputSchema": [:]]) == nil)
        #expect(Tool(json: []) == nil)
    }

    @Test("annotations keep what they say and what they leave open")
    func annotations() {
        let annotations = Tool.Annotations(readOnlyHint: true, openWorldHint: false)
        #expect(annotations.json == ["readOnlyHint": true, "openWorldHint": false])
        #expect(Tool.Annotations(json: annotations.json) == annotations)
        #expect(Tool.Annotations(json: ["readOnlyHint": "yes"]) == Tool.Annotations())
    }

    /// requirement: E-18
    @Test(
        "a content block of a known kind is read as such, and anything else is kept as it came",
        arguments: [
            (["type": "text", "text": "a"], .text("a")),
            (["type": "image", "data": "AA==", "mimeType": "image/png"], .image(data: "AA==", mimeType: "image/png")),
            (["type": "audio", "data": "AA=="], .audio(data: "AA==", mimeType: "application/octet-stream")),
            (
                ["type": "resource_link", "uri": "s3://b/k", "name": "k", "mimeType": "text/plain"],
                .resourceLink(uri: "s3://b/k", name: "k", mimeType: "text/plain")
            ),
            (["type": "resource_link", "uri": "s3://b/k"], .other(["type": "resource_link", "uri": "s3://b/k"])),
            (["type": "text"], .other(["type": "text"])), (["type": "hologram"], .other(["type": "hologram"])),
            (5, .other(5)),
        ] as [(JSONValue, ContentBlock)])
    func content(_ json: JSONValue, _ expected: ContentBlock) {
        let block = ContentBlock(json: json)
        #expect(block == expected)
        #expect(ContentBlock(json: block.json) == expected)
        #expect((block.text != nil) == (expected == .text("a")))
    }

    /// requirement: E-16
    @Test("a structured result carries its JSON as text beside it")
    func structured() {
        let result = ToolResult(structured: ["a": [1, 2]])
        #expect(
            result.json
                == [
                    "content": [["type": "text", "text": "{\"a\":[1,2]}"]], "structuredContent": ["a": [1, 2]],
                    "isError": false,
                ])
    }

    /// requirement: E-15
    @Test("a failure never looks like success")
    func failure() throws {
        let result = ToolResult.failure("no", structured: ["reason": "tool_forbidden"])
        #expect(result.json["isError"] == true)
        let read = try #require(ToolResult(json: result.json))
        #expect(read.isError)
        #expect(ToolResult(json: ["content": []])?.isError == false)
        #expect(ToolResult(json: ["isError": true]) == nil)
    }

    @Test("revisions are ordered, and the legacy ones known")
    func versions() {
        #expect(ProtocolVersion.legacy == ProtocolVersion.legacy.sorted())
        #expect(ProtocolVersion.legacy.last == .latestLegacy)
        #expect(!ProtocolVersion.legacy.contains { !$0.isLegacy })
        #expect(!ProtocolVersion.v2026_07_28.isLegacy)
        #expect(ProtocolVersion.latestLegacy < .v2026_07_28)
    }
}
