import VestibuleServer

/// A picture of one red pixel.
let pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
/// A sound of no length.
let silence = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="

struct Sum: Codable {
    var sum: Double
}

struct Addends: Codable, SchemaNoted {
    var a: Double
    var b: Double
    static let schemaNotes: SchemaNotes = ["a": "The first number", "b": "The second number"]
}

struct Region: Codable, SchemaNoted {
    var region: String
    static let schemaNotes: SchemaNotes = ["region": .note("Where to look", header: "Region")]
}

/// One tool for each kind of content.
func addContentTools(to server: MCPServer) throws {
    try server.tool("test_simple_text", "Answers with a text", .readOnly) { context in
        "This is a simple text response for testing."
    }
    try server.tool("add_numbers", "Adds two numbers", .title("Add"), .readOnly, .closedWorld) {
        (numbers: Addends, context) in Sum(sum: numbers.a + numbers.b)
    }
    try server.tool("test_image_content", "Answers with an image", .readOnly) { context in
        ContentBlock.image(data: pixel, mimeType: "image/png")
    }
    try server.tool("test_audio_content", "Answers with a sound", .readOnly) { context in
        ContentBlock.audio(data: silence, mimeType: "audio/wav")
    }
    try server.tool("test_embedded_resource", "Answers with a resource and its contents", .readOnly) { context in
        ContentBlock.resource(
            .text(
                "This is an embedded resource content.", uri: "test://embedded-resource", mimeType: "text/plain"))
    }
    try server.tool("test_resource_link", "Answers with a link to a resource", .readOnly) { context in
        ContentBlock.resourceLink(uri: "test://static-text", name: "Static text", mimeType: "text/plain")
    }
    try server.tool("test_multiple_content_types", "Answers with several kinds of content", .readOnly) { context in
        [
            ContentBlock.text("Multiple content types test:"), .image(data: pixel, mimeType: "image/png"),
            .resource(
                .text(
                    #"{"test":"data","value":123}"#, uri: "test://mixed-content-resource",
                    mimeType: "application/json")),
        ]
    }
    try server.tool("test_error_handling", "Fails, always") { context -> String in
        throw ToolError("This tool intentionally returns an error for testing")
    }
    try server.tool("test_header_param", "Wants its argument in a header, too", .readOnly) {
        (place: Region, context) in "Looked in \(place.region)"
    }
    let schema = try JSONValue(parsing: vocabulary).object ?? [:]
    try server.tool("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", .inputSchema(schema)) {
        (contact: JSONObject, context) in JSONValue.object(contact).description
    }
}

/// What a schema may say, of which Swift types say nothing.
private let vocabulary = """
    {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"address":{"$anchor":"addressDef",\
    "type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},"properties":{\
    "name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string",\
    "enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},\
    "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],"if":{"properties":{\
    "contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},\
    "else":{"required":["email"]},"additionalProperties":false}
    """
