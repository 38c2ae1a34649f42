import Foundation
import Testing
import VestibuleProtocol
import VestibuleServer
import VestibuleTesting

private enum Language: String, Codable, CaseIterable { case swift, scheme, c }
private struct User: Codable { var id: Int }
private struct Review: Codable, SchemaNoted {
    var code: String
    var language: Language?
    var lines: Int
    static let schemaNotes: SchemaNotes = ["code": "What to review", "lines": .note(default: 10)]
}
private struct Nested: Codable { var parts: [String] }

@Suite("Resources and prompts made of Swift types")
struct ResourceAndPromptTests {
    let server = MCPServer(info: Implementation(name: "authoring", version: "1"))

    private func contents(_ uri: String) async throws -> JSONValue? {
        try await ChannelClient.with(server) { client in
            let response = try await client.response(
                to: Messages.modern(1, "resources/read", ["uri": .string(uri)]))
            return response?["result"]?["contents"]?.array?.first ?? response?["error"]?["code"]
        }
    }

    /// requirement: E-30, E-31
    @Test("texts are text, bytes are a blob, anything else Codable is its JSON, and nothing is not there")
    func outputs() async throws {
        server.resource("test://text", name: "text") { context in "hello" }
        server.resource("test://bytes", name: "bytes") { context in [UInt8]([1, 2, 3]) }
        server.resource("test://data", name: "data", mimeType: "image/png") { context in Data([1]) }
        server.resource("test://json", name: "json") { context in ["a": 1] }
        server.resource("test://none", name: "none") { context in String?.none }
        server.resource("test://own", name: "own") { context in ResourceContents.text("x", uri: "test://own") }
        #expect(try await contents("test://text") == ["uri": "test://text", "mimeType": "text/plain", "text": "hello"])
        let bytes = try await contents("test://bytes")
        #expect(bytes?["blob"] == "AQID" && bytes?["mimeType"] == "application/octet-stream")
        #expect(try await contents("test://data")?["mimeType"] == "image/png")
        let json = try await contents("test://json")
        #expect(json?["text"] == #"{"a":1}"# && json?["mimeType"] == "application/json")
        #expect(try await contents("test://none") == -32602)
        #expect(try await contents("test://own")?["text"] == "x")
    }

    @Test("a template's variables are checked when it is registered")
    func templates() throws {
        try server.resourceTemplate("users://{id}/profile", name: "users") { (user: User, context) in user.id }
        try server.resourceTemplate("any://{+path}{?a,b*}", name: "any") { (variables: [String: String], context) in
            variables.count
        }
        let error = #expect(throws: RegistrationError.self) {
            try server.resourceTemplate("users://{name}", name: "users") { (user: User, context) in user.id }
        }
        #expect(
            error?.description
                == "resource template users://{name}: User needs id, which is no variable of the template")
    }

    /// requirement: E-40, E-41, D-34
    @Test("a prompt's arguments are derived, read from texts, and those of a choice are suggested")
    func prompts() async throws {
        try server.prompt("review", "Reviews code") { (review: Review, context) in
            "\(review.code) \(review.language?.rawValue ?? "-") \(review.lines)"
        }
        try await ChannelClient.with(server) { client in
            let listed = try await client.result(of: Messages.modern(1, "prompts/list"))?["prompts"]?.array?.first
            #expect(
                listed?["arguments"] == [
                    ["name": "code", "description": "What to review", "required": true], ["name": "language"],
                    ["name": "lines"],
                ])
            let arguments: JSONObject = ["code": "let", "language": "swift", "lines": "3"]
            let made = try await client.result(
                of: Messages.modern(2, "prompts/get", ["name": "review", "arguments": .object(arguments)]))
            #expect(made?["messages"]?.array?.first?["content"]?["text"] == "let swift 3")
            #expect(made?["messages"]?.array?.first?["role"] == "user")
            let wrong = try await client.response(
                to: Messages.modern(
                    3, "prompts/get", ["name": "review", "arguments": ["code": "x", "lines": "many"]]))
            #expect(wrong?["error"]?["code"] == -32602)
            #expect(wrong?["error"]?["message"]?.string?.contains("lines has to be an integer") == true)
            let ref: JSONValue = ["type": "ref/prompt", "name": "review"]
            let completed = try await client.result(
                of: Messages.modern(
                    4, "completion/complete", ["ref": ref, "argument": ["name": "language", "value": "S"]]))
            #expect(completed?["completion"]?["values"] == ["swift", "scheme"])
        }
    }

    @Test("a prompt whose argument is no text is refused when it is registered")
    func refusedPrompt() {
        let error = #expect(throws: RegistrationError.self) {
            try server.prompt("nested") { (nested: Nested, context) in "" }
        }
        #expect(error?.description.hasPrefix("prompt nested: its argument parts is no text") == true)
    }
}
