import Testing
import VestibuleAuth
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleBuckets

/// The tools on a store, called as the endpoint calls them; whatever they answer is held against their output schemas.
struct ToolBench {
    let tools: [ServedTool]
    let context: RequestContext

    init(_ store: any BucketStore, buckets: [String]? = nil, visibility: BucketTools.Visibility = .claimed) {
        tools = BucketTools.all(on: store, visibility: visibility)
        context = RequestContext(principal: buckets.map { principal(buckets: $0) }, requestID: "test")
    }

    func result(_ name: String, _ arguments: JSONObject) async throws -> ToolResult {
        let served = try #require(tools.first { $0.tool.name == name })
        return try await served.handler(arguments, context)
    }

    /// The structured answer of a call that succeeds.
    func call(_ name: String, _ arguments: JSONObject) async throws -> JSONObject {
        let served = try #require(tools.first { $0.tool.name == name })
        let result = try await served.handler(arguments, context)
        #expect(!result.isError)
        let structured = try #require(result.structuredContent?.object)
        let schema = try #require(served.tool.outputSchema)
        #expect(SchemaChecker.violations(of: .object(schema), in: .object(structured)) == [])
        #expect(SchemaChecker.violations(of: .object(served.tool.inputSchema), in: .object(arguments)) == [])
        #expect(result.content == [.text(JSONValue.object(structured).description)])
        return structured
    }

    /// The error of a call that fails; it is one line.
    func failure(_ name: String, _ arguments: JSONObject) async throws -> ToolError {
        do {
            let result = try await result(name, arguments)
            Issue.record("\(name) answered \(result)")
            return ToolError("")
        } catch let error as ToolError {
            #expect(!error.message.isEmpty && !error.message.contains("\n"))
            return error
        }
    }
}
