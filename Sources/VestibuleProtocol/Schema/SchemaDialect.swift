/// The dialects of JSON Schema that are understood (MCP 2026-07-28, Basic: JSON Schema Usage).
public enum SchemaDialect: Sendable, Hashable {
    /// What schemas without `$schema` are written in.
    case draft2020_12
    case draft07

    /// The dialect that a `$schema` names; `nil` for any other.
    init?(identifier: String) {
        var name = Substring(identifier)
        if name.hasSuffix("#") { name = name.dropLast() }
        for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name = name.dropFirst(scheme.count) }
        switch name {
        case "json-schema.org/draft/2020-12/schema": self = .draft2020_12
        case "json-schema.org/draft-07/schema": self = .draft07
        default: return nil
        }
    }
}
