import Foundation
import Testing
import VestibuleProtocol
import VestibuleServer

private struct Pair: Codable {
    var a: Int
    var b: Int
}

private struct Sum: Codable { var sum: Int }
private struct Picky: Codable, SchemaNoted {
    var region: String
    var limit: Int
    static let schemaNotes: SchemaNotes = [
        "region": .note("Where", header: "Region"), "limit": .note(range: 1...10, default: 5),
    ]
}
private enum Color: String, Codable { case red }
private struct Paint: Codable { var color: Color }

@Suite("Tools made of Swift types")
struct TypedToolTests {
    private let context = RequestContext(principal: nil, requestID: "test")

    /// requirement: E-10, E-16
    @Test("the schemas are derived, and a Codable output is structured with its JSON as text beside it")
    func structured() async throws {
        let tool = try ServedTool("add", "Adds two numbers", .title("Add"), .readOnly, .closedWorld) {
            (input: Pair, context) in Sum(sum: input.a + input.b)
        }
        #expect(tool.tool.description == "Adds two numbers")
        #expect(tool.tool.title == "Add")
        #expect(tool.tool.annotations == Tool.Annotations(readOnlyHint: true, openWorldHint: false))
        #expect(tool.tool.inputSchema["required"] == ["a", "b"])
        #expect(tool.tool.inputSchema["additionalProperties"] == false)
        #expect(tool.tool.outputSchema?["properties"] == ["sum": ["type": "integer"]])
        let result = try await tool.handler(["a": 1, "b": 2], context)
        #expect(result.structuredContent == ["sum": 3])
        #expect(result.content == [.text(#"{"sum":3}"#)])
    }

    @Test("a text is text alone; content blocks and results are taken as they are")
    func outputs() async throws {
        let text = try ServedTool("text", "") { context in "hello" }
        #expect(text.tool.outputSchema == nil)
        #expect(text.tool.inputSchema == ["type": "object", "additionalProperties": false])
        #expect(try await text.handler([:], context) == .text("hello"))

        let block = try ServedTool("block", "") { context in ContentBlock.image([1], mimeType: "image/png") }
        #expect(try await block.handler([:], context).content == [.image(data: "AQ==", mimeType: "image/png")])

        let blocks = try ServedTool("blocks", "") { (input: Pair, context) in
            [ContentBlock.text("\(input.a)"), .text("\(input.b)")]
        }
        #expect(try await blocks.handler(["a": 1, "b": 2], context).content == [.text("1"), .text("2")])

        let result = try ServedTool("result", "") { (input: Pair, context) in ToolResult.failure("no") }
        #expect(try await result.handler(["a": 1, "b": 2], context).isError)

        let list = try ServedTool("list", "") { context in [1, 2] }
        #expect(list.tool.outputSchema == ["type": "array", "items": ["type": "integer"]])
        #expect(try await list.handler([:], context).structuredContent == [1, 2])
    }

    /// requirement: E-26
    @Test("defaults stand in for absent arguments, and headers are named in the schema")
    func notes() async throws {
        let tool = try ServedTool("search", "") { (input: Picky, context) in "\(input.region) \(input.limit)" }
        #expect(tool.tool.inputSchema["properties"]?["region"]?["x-mcp-header"] == "Region")
        #expect(tool.tool.inputSchema["required"] == ["region"])
        #expect(try await tool.handler(["region": "north"], context) == .text("north 5"))
    }

    @Test("what does not fit is an error that the model may read")
    func misfit() async throws {
        let tool = try ServedTool("add", "") { (input: Pair, context) in Sum(sum: input.a + input.b) }
        let error = await #expect(throws: ToolError.self) { try await tool.handler(["a": 1.5.json, "b": 2], context) }
        #expect(error?.message == "the arguments do not fit: a has to be an integer, not a fraction")
    }

    @Test("a schema by hand stands in for the derived one, also where none can be derived")
    func byHand() async throws {
        let schema: JSONObject = ["type": "object", "properties": ["color": ["enum": ["red"]]]]
        let tool = try ServedTool("paint", "", .inputSchema(schema), .outputSchema(["type": "object"])) {
            (input: Paint, context) in ["color": input.color.rawValue]
        }
        #expect(tool.tool.inputSchema == schema)
        #expect(tool.tool.outputSchema == ["type": "object"])
        let open = try ServedTool("open", "", .inputSchema(["type": "object"]), .withoutOutputSchema) {
            (input: JSONObject, context) in JSONValue.object(input)
        }
        #expect(open.tool.outputSchema == nil)
        #expect(try await open.handler(["x": 1], context).structuredContent == ["x": 1])
    }

    /// requirement: E-22
    @Test("what cannot be offered is refused when it is registered, with the name and the way out")
    func refusals() {
        let name = #expect(throws: RegistrationError.self) { try ServedTool("a b", "") { context in "" } }
        #expect(name?.description.hasPrefix("tool \"a b\": a name has 1 to 128 characters") == true)
        let type = #expect(throws: RegistrationError.self) {
            try ServedTool("paint", "") { (input: Paint, context) in "" }
        }
        #expect(
            type?.description
                == "tool paint: no JSON Schema can be derived from Paint.color: Color is read from raw values that are "
                + "not known; let it adopt CaseIterable, or SchemaDescribed")
        let list = #expect(throws: RegistrationError.self) {
            try ServedTool("list", "") { (input: [Int], context) in "" }
        }
        #expect(list?.description.contains("the arguments of a tool are an object") == true)
    }
}

extension Double {
    fileprivate var json: JSONValue { JSONNumber(self).map(JSONValue.number) ?? .null }
}
