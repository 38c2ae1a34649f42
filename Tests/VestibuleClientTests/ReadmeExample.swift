import VestibuleClient

/// The README's program, word for word between the markers, here as a function that takes its parts from outside.
func readmeExample() async throws {
    // README:BEGIN
    let client = MCPClient(
        url: "http://127.0.0.1:8080/mcp",
        token: .command("vestibule token mint --subject ada --bucket demo-bucket --permission s3:ListBucket"))

    for tool in try await client.listTools() { print(tool.name) }

    let result = try await client.callTool(
        "bucket_objects_search", arguments: ["bucket": "demo-bucket", "query": "rye"])
    print(result.denial?.detail ?? result.content.compactMap(\.text).joined())

    for request in client.recentRequests { print(request) }
    await client.close()
    // README:END
}
