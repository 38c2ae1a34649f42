internal import Synchronization
internal import VestibuleProtocol

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The published schemas of MCP's revisions, where they are at hand: in the folder that `VESTIBULE_MCP_SCHEMAS` names, or
/// in `../shared/spec` beside the package. Their files are called `schema-2025-11-25.json` and so on.
final class WireSchemas: Sendable {
    static let shared = WireSchemas()

    private let folder: URL
    private let revisions = Mutex<[ProtocolVersion: WireRevision]>([:])

    private init() {
        if let named = ProcessInfo.processInfo.environment["VESTIBULE_MCP_SCHEMAS"] {
            folder = URL(filePath: named)
        } else {
            let package = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
            folder = package.deletingLastPathComponent().appending(path: "shared/spec")
        }
    }

    /// Whether there is anything to check by.
    var isAvailable: Bool { revision(.latest) != nil }

    /// The schema of a revision; `nil` where it is not at hand.
    func revision(_ version: ProtocolVersion) -> WireRevision? {
        revisions.withLock { revisions in
            if let revision = revisions[version] { return revision }
            guard let data = try? Data(contentsOf: folder.appending(path: "schema-\(version).json")),
                let document = try? JSONValue(parsing: [UInt8](data)),
                let revision = try? WireRevision(version, document)
            else { return nil }
            revisions[version] = revision
            return revision
        }
    }
}

/// The definitions of one revision.
final class WireRevision: Sendable {
    let version: ProtocolVersion
    private let place: String
    private let definitions: JSONObject
    private let document: SchemaDocument
    private let schemas = Mutex<[String: JSONSchema]>([:])

    init(_ version: ProtocolVersion, _ document: JSONValue) throws {
        self.version = version
        place = document["$defs"] == nil ? "definitions" : "$defs"
        definitions = document[place]?.object ?? [:]
        self.document = try SchemaDocument(document)
    }

    func has(_ name: String) -> Bool { definitions[name] != nil }

    /// The first of the names that there is a definition of.
    func first(_ names: String...) -> String { names.first(where: has) ?? names[0] }

    /// The name of the definition that a method has in a union such as `ClientRequest`.
    func definition(of method: String, in union: String) -> String? {
        let parts = definitions[union]?["anyOf"]?.array?.compactMap { Self.name($0) } ?? [union]
        if let name = parts.first(where: { self.method(of: $0) == method }) { return name }
        // A union of one stands for its one part, and has that part's method.
        guard self.method(of: union) == method else { return nil }
        return union
    }

    private func method(of name: String) -> String? { definitions[name]?["properties"]?["method"]?["const"]?.string }

    private static func name(_ reference: JSONValue) -> String? {
        reference["$ref"]?.string.flatMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// What of the value does not fit the definition, in one line.
    func problem(with value: JSONValue, _ name: String) -> String? {
        let schema: JSONSchema
        do {
            schema = try schemas.withLock { schemas in
                if let schema = schemas[name] { return schema }
                let schema = try document.schema(at: "/\(place)/\(name)")
                schemas[name] = schema
                return schema
            }
        } catch {
            return "\(version) \(name): \(error)"
        }
        return schema.problem(with: value, calling: .init(whole: "the message", part: ""))
            .map { "\(version) \(name): \($0)" }
    }
}
