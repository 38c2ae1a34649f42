import Testing
import VestibuleProtocol

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The test suite of json-schema.org, where `JSON_SCHEMA_TEST_SUITE` names the folder of a checkout.
@Suite("The published suite of JSON Schema", .enabled(if: PublishedSuite.folder != nil))
struct PublishedSuiteTests {
    @Test("is passed in both dialects", arguments: ["draft2020-12", "draft7"])
    func passed(_ draft: String) throws {
        let folder = try #require(PublishedSuite.folder) + "/tests/\(draft)"
        var (passed, foreign) = (0, 0)
        var failed: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasSuffix(".json") {
            let groups = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(file)"))))
            for group in groups.array ?? [] {
                let name = group["description"]?.string ?? ""
                var schema = try #require(group["schema"])
                if draft == "draft7", case .object(var object) = schema {
                    object["$schema"] = "http://json-schema.org/draft-07/schema#"
                    schema = .object(object)
                }
                let compiled: JSONSchema
                do {
                    compiled = try JSONSchema(compiling: schema)
                } catch {
                    // Nothing is fetched, not even the schemas of the dialects.
                    let isForeign = error.description.contains("leads out of the schema")
                    if isForeign || error.description.contains("names a dialect") {
                        foreign += 1
                    } else {
                        failed.append("\(file): \(name): \(error)")
                    }
                    continue
                }
                for test in group["tests"]?.array ?? [] {
                    let problem = compiled.problem(with: try #require(test["data"]))
                    if (problem == nil) == test["valid"]?.bool {
                        passed += 1
                    } else {
                        failed.append("\(file): \(name): \(test["description"]?.string ?? ""): \(problem ?? "fits")")
                    }
                }
            }
        }
        #expect(failed == [])
        #expect(passed > 700)
        #expect(foreign < 40)
    }
}

enum PublishedSuite {
    static let folder = ProcessInfo.processInfo.environment["JSON_SCHEMA_TEST_SUITE"]
}
