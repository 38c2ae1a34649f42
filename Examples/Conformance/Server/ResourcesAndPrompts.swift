import VestibuleServer

struct Record: Codable {
    var id: String
    var templateTest: Bool
    var data: String
}

struct RecordID: Codable {
    var id: String
}

struct TwoArguments: Codable, SchemaNoted {
    var arg1: String
    var arg2: String
    static let schemaNotes: SchemaNotes = ["arg1": "First test argument", "arg2": "Second test argument"]
}

struct EmbeddedResource: Codable, SchemaNoted {
    var resourceUri: String
    static let schemaNotes: SchemaNotes = ["resourceUri": "URI of the resource to embed"]
}

func addResources(to server: MCPServer) throws {
    let text = CacheHint(ttl: .seconds(300), scope: .public)
    server.resource("test://static-text", name: "Static text", "A text that never changes", cache: text) { context in
        "This is the content of the static text resource."
    }
    server.resource("test://static-binary", name: "Static binary", "An image", mimeType: "image/png") { context in
        ResourceContents.blob(pixel, uri: "test://static-binary", mimeType: "image/png")
    }
    server.resource("test://watched-resource", name: "Watched", "Changes now and then") { context in
        "Watched resource content"
    }
    try server.resourceTemplate(
        "test://template/{id}/data", name: "Template", "A record by its id",
        completions: ["id": { value, _, _ in .matching(value, among: ["123", "124", "456"]) }]
    ) { (record: RecordID, context) in
        Record(id: record.id, templateTest: true, data: "Data for ID: \(record.id)")
    }
}

func addPrompts(to server: MCPServer) throws {
    server.prompt("test_simple_prompt", "A prompt without arguments") { context in
        "This is a simple prompt for testing."
    }
    let words = ["paris", "park", "party", "test", "testing"]
    try server.prompt(
        "test_prompt_with_arguments", "A prompt with two arguments",
        completions: ["arg1": { value, _, _ in .matching(value, among: words) }]
    ) { (arguments: TwoArguments, context) in
        "Prompt with arguments: arg1='\(arguments.arg1)', arg2='\(arguments.arg2)'"
    }
    try server.prompt("test_prompt_with_embedded_resource", "A prompt with a resource") {
        (resource: EmbeddedResource, context) in
        [
            PromptMessage(
                .user,
                .resource(
                    .text(
                        "Embedded resource content for testing.", uri: resource.resourceUri, mimeType: "text/plain"))),
            .user("Please process the embedded resource above."),
        ]
    }
    server.prompt("test_prompt_with_image", "A prompt with an image") { context in
        [
            PromptMessage(.user, .image(data: pixel, mimeType: "image/png")),
            .user("Please analyze the image above."),
        ]
    }
    addRoundPrompt(to: server)
}
