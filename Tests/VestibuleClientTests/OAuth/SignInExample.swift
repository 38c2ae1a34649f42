import Foundation
import Testing
import VestibuleClient

/// The example of docs/clients.md, word for word between the markers.
func signInExample(url: String) async throws -> Bool {
    // EXAMPLE:BEGIN
    let ui = LoopbackAuthorizationUI { url in print("Open this page to sign in: \(url)") }
    let source = OAuthTokenSource(server: url, grant: .authorizationCode(ui))
    let client = MCPClient(url: url, token: source)
    let result = try await client.callTool("echo", arguments: ["text": "hi"])
    await client.close()
    // EXAMPLE:END
    return result.isError
}

@Test("docs/clients.md shows the sign-in that was compiled here, word for word")
func signInExampleIsTheCompiledOne() throws {
    let example: (String) async throws -> Bool = signInExample
    _ = example
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: here.appending(path: "SignInExample.swift"), encoding: .utf8)
    let body = try #require(
        source.split(separator: "    // EXAMPLE:BEGIN\n").last?.split(separator: "    // EXAMPLE:END").first)
    let shown = body.split(separator: "\n").map { $0.dropFirst(4) }.joined(separator: "\n")
    let page = try String(contentsOf: here.appending(path: "../../../docs/clients.md"), encoding: .utf8)
    #expect(page.contains("```swift\n\(shown)\n```"))
}
