import VestibuleClient

/// What a scenario without authorization wants of the client.
func play(_ scenario: String, _ client: MCPClient) async throws {
    switch scenario {
    case "initialize":
        try await client.connect()
        _ = try await client.listTools()
    case "elicitation-sep1034-client-defaults":
        try await callAll(client)
    case "sse-retry":
        try await callAll(client)
    case "request-metadata":
        try await client.initialize()
        _ = try await client.listTools()
    case "sep-2322-client-request-state", "http-invalid-tool-headers":
        try await callAll(client)
    case "http-standard-headers":
        try await callAll(client)
        for resource in try await client.listResources() { _ = try await client.readResource(resource.uri) }
        for prompt in try await client.listPrompts() { _ = try await client.getPrompt(prompt.name) }
    case "http-custom-headers":
        _ = try await client.listTools()
        for call in context["toolCalls"]?.array ?? [] {
            guard let name = call["name"]?.string else { continue }
            _ = try await client.callTool(name, arguments: call["arguments"]?.object ?? [:])
        }
    case "json-schema-ref-no-deref":
        _ = try await client.listTools()
    case "json-schema-2020-12-preservation":
        let tools = try await client.listTools()
        guard let schema = tools.first(where: { $0.name == "json_schema_2020_12_tool" })?.inputSchema else {
            fail("the server lists no json_schema_2020_12_tool")
        }
        _ = try await client.callTool("json_schema_echo", arguments: ["schema": .object(schema)])
    default:
        for tool in try await client.listTools().prefix(1) {
            _ = try await client.callTool(tool.name, arguments: ["a": 2, "b": 3])
        }
    }
}

/// Calls every tool that the server lists and that can be called.
private func callAll(_ client: MCPClient) async throws {
    for tool in try await client.listTools() {
        _ = try await client.callTool(tool.name, arguments: arguments(for: tool))
    }
}

/// Something for every argument that the tool insists on, and for those that are shown in headers.
private func arguments(for tool: Tool) -> JSONObject {
    var arguments = JSONObject()
    for property in tool.inputSchema["properties"]?.object?.members ?? [] {
        arguments[property.name] =
            switch property.value["type"]?.string {
            case "integer", "number": 1
            case "boolean": true
            case "object": [:]
            case "array": []
            default: "text"
            }
    }
    return arguments
}

/// What every scenario of authorization comes to.
func callTestTool(_ client: MCPClient) async throws {
    _ = try await client.listTools()
    _ = try await client.callTool("test-tool")
}
