import Foundation
import Testing

@Test("the README shows the server that was compiled, word for word, and it is short")
func readmeServerIsTheCompiledOne() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let program = try String(contentsOf: root.appending(path: "Examples/Server/main.swift"), encoding: .utf8)
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\n\(program)```"))
    #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
}
