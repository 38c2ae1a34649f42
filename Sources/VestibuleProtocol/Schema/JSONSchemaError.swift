/// Why a JSON Schema cannot be used.
public struct JSONSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line: where in the schema, and what is wrong there.
    public let description: String

    /// - Parameters:
    ///   - pointer: The place in the schema, as a JSON Pointer (RFC 6901).
    ///   - problem: What is wrong, as the predicate of a sentence about that place.
    init(at pointer: String, _ problem: String) {
        let place = "#\(pointer)".onOneLine(limit: 200)
        description = "the schema's \(place) \(problem)"
    }
}
