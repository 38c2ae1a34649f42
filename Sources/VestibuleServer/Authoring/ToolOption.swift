public import VestibuleProtocol

/// What else a tool says of itself, and how it runs.
///
/// ```swift
/// try server.tool("delete", "Deletes a file", .title("Delete"), .destructive) { (input: Input, context) in … }
/// ```
public struct ToolOption: Sendable {
    enum Kind: Sendable {
        case title(String)
        case annotations(@Sendable (inout Tool.Annotations) -> Void)
        case icon(Icon)
        case inputSchema(JSONObject)
        case outputSchema(JSONObject?)
        case meta(JSONObject)
        case answersAtOnce
        case task(Tool.TaskSupport, atStart: Bool)
    }

    let kind: Kind

    /// A name for people.
    public static func title(_ title: String) -> ToolOption { ToolOption(kind: .title(title)) }

    /// A picture; may be given several times.
    public static func icon(_ icon: Icon) -> ToolOption { ToolOption(kind: .icon(icon)) }

    /// The tool changes nothing.
    public static let readOnly = annotations { $0.readOnlyHint = true }

    /// What the tool changes may be lost.
    public static let destructive = annotations { $0.destructiveHint = true }

    /// What the tool changes, it only adds.
    public static let additive = annotations { $0.destructiveHint = false }

    /// A second call with the same arguments changes nothing more.
    public static let idempotent = annotations { $0.idempotentHint = true }

    /// The tool stays within what the server knows; it does not reach out into the world.
    public static let closedWorld = annotations { $0.openWorldHint = false }

    /// All hints at once.
    public static func annotations(_ annotations: Tool.Annotations) -> ToolOption {
        self.annotations { $0 = annotations }
    }

    private static func annotations(_ change: @escaping @Sendable (inout Tool.Annotations) -> Void) -> ToolOption {
        ToolOption(kind: .annotations(change))
    }

    /// A schema in place of the derived one. Its root is of `type: object`, and what fits it has to be readable as the
    /// handler's input.
    public static func inputSchema(_ schema: JSONObject) -> ToolOption { ToolOption(kind: .inputSchema(schema)) }

    /// A schema in place of the derived one.
    public static func outputSchema(_ schema: JSONObject) -> ToolOption { ToolOption(kind: .outputSchema(schema)) }

    /// No schema of the output, which stays structured.
    public static let withoutOutputSchema = ToolOption(kind: .outputSchema(nil))

    public static func meta(_ meta: JSONObject) -> ToolOption { ToolOption(kind: .meta(meta)) }

    /// See ``ServedTool/answersAtOnce``.
    public static let answersAtOnce = ToolOption(kind: .answersAtOnce)

    /// Runs on as a task where the client can follow one (extension `io.modelcontextprotocol/tasks`, 2026-07-28), and as
    /// an ordinary call where it cannot.
    public static let asTask = task(.optional)

    /// Whether and from when on it runs as a task.
    ///
    /// - Parameter atStart: whether from its start, or only from where its handler calls
    ///   ``RequestContext/continueAsTask()``: what it asks the client before is asked in place of a result.
    public static func task(_ support: Tool.TaskSupport, atStart: Bool = true) -> ToolOption {
        ToolOption(kind: .task(support, atStart: atStart))
    }
}

extension [ToolOption] {
    /// The schema that stands in for the derived one.
    var inputSchema: JSONObject? {
        for option in reversed() { if case .inputSchema(let schema) = option.kind { return schema } }
        return nil
    }

    /// The schema that stands in for the derived one, which may be none.
    var outputSchema: JSONObject?? {
        for option in reversed() { if case .outputSchema(let schema) = option.kind { return .some(schema) } }
        return nil
    }

    func apply(to served: inout ServedTool) {
        for option in self {
            switch option.kind {
            case .title(let title): served.tool.title = title
            case .icon(let icon): served.tool.icons.append(icon)
            case .meta(let meta): served.tool.meta = meta
            case .answersAtOnce: served.answersAtOnce = true
            case .task(let support, let atStart):
                served.taskSupport = support
                served.startsAsTask = atStart
            case .annotations(let change):
                var annotations = served.tool.annotations ?? Tool.Annotations()
                change(&annotations)
                served.tool.annotations = annotations
            case .inputSchema, .outputSchema: break
            }
        }
    }
}
