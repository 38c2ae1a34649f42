import Foundation
import Testing

@Suite("The tables of standards in docs/security.md")
struct StandardsTableTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows below a heading, each as its cells.
    private static func rows(below heading: String) throws -> [[String]] {
        let text = try String(contentsOf: root.appending(path: "docs/security.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "### \(heading)\n").dropFirst().first)
        let table = section.components(separatedBy: "\n#").first ?? ""
        return table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            .map { row in
                row.dropFirst(2).dropLast(2).components(separatedBy: " | ")
            }
    }

    /// The names of tests, attacks and cases of the tables of tokens.
    private static let names: Set<String> = {
        var names: Set<String> = []
        let files = FileManager.default.enumerator(at: root.appending(path: "Tests"), includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift", let text = try? String(contentsOf: file, encoding: .utf8) else {
                continue
            }
            for start in ["@Test(", "TokenCase(", "Attack("] {
                for piece in text.components(separatedBy: start).dropFirst() {
                    let piece = piece.drop { $0.isWhitespace }
                    guard piece.first == "\"" else { continue }
                    names.insert(String(piece.dropFirst().prefix { $0 != "\"" }))
                }
            }
        }
        return names
    }()

    @Test("every point of RFC 8725 §3 and RFC 9068 is there, with tests that exist")
    func complete() throws {
        let practices = try Self.rows(below: "RFC 8725, point by point")
        #expect(practices.map { $0.first?.split(separator: " ").first.map(String.init) } == (1...12).map { "3.\($0)" })
        let profile = try Self.rows(below: "RFC 9068, point by point")
        #expect(
            Set(profile.compactMap { $0.first?.split(separator: " ").first.map(String.init) })
                == ["2.1", "2.2", "2.2.1", "2.2.2", "2.2.3", "3", "4", "5", "6"])
        for row in practices + profile {
            #expect(row.count == 3, "\(row)")
            let tests = (row.last ?? "").components(separatedBy: "; `").map { $0.trimmingCharacters(in: ["`", " "]) }
            #expect(!tests.contains(""), "\(row)")
            for test in tests { #expect(Self.names.contains(test), "no test is called \(test)") }
        }
    }
}
