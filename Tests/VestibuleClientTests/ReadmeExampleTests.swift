import Foundation
import Testing

@Test("the README shows the example that was compiled here, word for word")
func readmeExampleIsTheCompiledOne() throws {
    let example: () async throws -> Void = readmeExample
    _ = example
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: here.appending(path: "ReadmeExample.swift"), encoding: .utf8)
    let body = try #require(
        source.split(separator: "    // README:BEGIN\n").last?.split(separator: "    // README:END").first)
    let shown = body.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("    ") ? $0.dropFirst(4) : $0 }
        .joined(separator: "\n").trimmingCharacters(in: .newlines)
    let readme = try String(contentsOf: here.appending(path: "../../README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\nimport VestibuleClient\n\n\(shown)\n```"))
}
