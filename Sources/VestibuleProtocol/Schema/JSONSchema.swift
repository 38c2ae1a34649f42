/// A JSON Schema made ready to judge values by: compiled once, then used as often as there are calls.
///
/// Understands the whole validation vocabulary of 2020-12, and of draft-07 where `$schema` says so. `format` and the
/// `content…` keywords are annotations and decide nothing. References lead to places in the schema itself (by JSON
/// Pointer, `$anchor`, `$id`, `$dynamicAnchor`); nothing is ever fetched. Patterns are matched in linear time, so they
/// know no back references and no look-behind.
///
/// Bounds: ``maximumSize`` subschemas, ``maximumDepth`` levels of schema and of value, ``maximumSteps`` for one judgement.
/// A value that is beyond them does not fit.
public struct JSONSchema: Sendable {
    /// The most subschemas that a schema may have.
    public static let maximumSize = 10_000
    /// The most levels on which subschemas are applied within each other.
    public static let maximumDepth = 128
    /// The most applications of a subschema, comparisons and steps of pattern matching for one value.
    public static let maximumSteps = 2_000_000

    /// What becomes of references that lead out of the schema. They are followed in neither case.
    public enum ForeignReferences: Sendable, Hashable {
        /// The schema is refused: for one's own.
        case refuse
        /// They allow anything: for somebody else's.
        case allowAnything
    }

    /// How a value is called in the line that says what is wrong with it.
    public struct Wording: Sendable, Hashable {
        /// The value as a whole.
        public var whole: String
        /// What comes before the path of a part.
        public var part: String

        public init(whole: String, part: String) {
            self.whole = whole
            self.part = part
        }

        /// Of a tool: `the arguments`, `argument items[2].key`.
        public static let arguments = Wording(whole: "the arguments", part: "argument ")
        /// Of a tool: `the structured content`, `structuredContent items[2].key`.
        public static let structuredContent = Wording(whole: "the structured content", part: "structuredContent ")
        /// `the value`, `items[2].key`.
        public static let value = Wording(whole: "the value", part: "")
    }

    let nodes: [SchemaNode]
    /// By resource: the nodes of its dynamic anchors.
    let dynamicAnchors: [[ByteKey: Int]]
    /// Whether `unevaluatedProperties` or `unevaluatedItems` occur, which need to know what others have looked at.
    let tracksEvaluation: Bool

    /// Makes a schema ready.
    ///
    /// - Throws: ``JSONSchemaError``: a keyword whose value is not what it has to be, a dialect that is not known, a
    ///   reference that leads nowhere, or a bound that is passed.
    public init(
        compiling schema: JSONValue, foreignReferences: ForeignReferences = .refuse
    ) throws(JSONSchemaError) {
        self = try SchemaDocument(schema).schema(at: "", foreignReferences: foreignReferences)
    }

    init(nodes: [SchemaNode], dynamicAnchors: [[ByteKey: Int]], tracksEvaluation: Bool) {
        self.nodes = nodes
        self.dynamicAnchors = dynamicAnchors
        self.tracksEvaluation = tracksEvaluation
    }

    /// The first thing that is wrong with a value, in one line that names the part; `nil` where nothing is.
    public func problem(with value: JSONValue, calling wording: Wording = .value) -> String? {
        var evaluation = SchemaEvaluation(self)
        return evaluation.failure(of: value)?.line(wording)
    }

    /// The first thing that is wrong with a tool's arguments, in one line that names the argument; `nil` where nothing is.
    public func problem(with arguments: JSONObject) -> String? {
        problem(with: .object(arguments), calling: .arguments)
    }
}

/// A document whose parts are schemas that refer to each other.
package struct SchemaDocument: Sendable {
    private let index: SchemaIndex

    package init(_ document: JSONValue) throws(JSONSchemaError) {
        index = try SchemaIndex(document)
    }

    /// Makes a part of the document ready.
    ///
    /// - Parameter pointer: The place of the schema in the document, as a JSON Pointer.
    package func schema(
        at pointer: String, foreignReferences: JSONSchema.ForeignReferences = .refuse
    ) throws(JSONSchemaError) -> JSONSchema {
        var compiler = SchemaCompiler(index, foreignReferences: foreignReferences)
        return try compiler.compiled(from: pointer)
    }
}
