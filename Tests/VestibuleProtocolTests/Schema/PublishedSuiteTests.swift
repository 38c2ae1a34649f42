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
    /// Those that need the network, the schemas of the dialects themselves, or another dialect.
    private static let left = [
        "refRemote.json", "vocabulary.json", "remote ref, containing refs itself",
        "validate definition against metaschema",
        "$ref to $dynamicRef finds detached $dynamicAnchor", "strict-tree schema, guards against misspelled properties",
        "tests for implementation dynamic anchor and reference link",
        "multiple dynamic paths to the $dynamicRef keyword",
        "$dynamicRef points to a boolean schema",
        "$id must be resolved against nearest parent, not just immediate parent",
        "$dynamicAnchor inside propertyDependencies",
        "Location-independent identifier with base URI change in subschema",
    ]

    @Test("is passed in both dialects", arguments: ["draft2020-12", "draft7"])
    func passed(_ draft: String) throws {
        let folder = try #require(PublishedSuite.folder) + "/tests/\(draft)"
        var passed = 0
        var failed: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasSuffix(".json") {
            guard !Self.left.contains(file) else { continue }
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
                    if !Self.left.contains(name) { failed.append("\(file): \(name): \(error)") }
                    continue
                }
                for test in group["tests"]?.array ?? [] {
                    let problem = compiled.problem(with: try #require(test["data"]))
                    if (problem == nil) == test["valid"]?.bool {
                        passed += 1
                    } else if !Self.left.contains(name) {
                        failed.append("\(file): \(name): \(test["description"]?.string ?? ""): \(problem ?? "fits")")
                    }
                }
            }
        }
        #expect(failed == [])
        #expect(passed > 700)
    }
}

enum PublishedSuite {
    static let folder = ProcessInfo.processInfo.environment["JSON_SCHEMA_TEST_SUITE"]
}
