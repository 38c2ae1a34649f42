// The example of the README, word for word between the markers.
// README:BEGIN
import VestibuleClient

func readReport() async throws {
    let client = MCPClient(
        url: "http://127.0.0.1:8080/mcp",
        token: .command("vestibule token mint --subject ada"))

    for tool in try await client.listTools() { print(tool.name) }

    let result = try await client.callTool(
        "bucket_objects_list", arguments: ["bucket": "demo-bucket"])
    print(result.denial?.detail ?? result.content.compactMap(\.text).joined())

    for request in client.recentRequests { print(request) }
    await client.close()
}
// README:END
