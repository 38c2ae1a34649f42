/// What a tool answers (MCP, Tools: Tool Result).
public struct ToolResult: Sendable, Hashable {
    public var content: [ContentBlock]
    /// The same answer for programs, as the tool's output schema describes it: an object before 2026-07-28, any value since.
    public var structuredContent: JSONValue?
    /// Whether the tool failed. The content then says why, for the model to read.
    public var isError: Bool
    public var meta: JSONObject?

    public init(
        content: [ContentBlock], structuredContent: JSONValue? = nil, isError: Bool = false, meta: JSONObject? = nil
    ) {
        self.content = content
        self.structuredContent = structuredContent
        self.isError = isError
        self.meta = meta
    }

    /// A structured answer, with its JSON as text beside it for clients that read only text.
    public init(structured: JSONObject) {
        self.init(structuredValue: .object(structured))
    }

    /// A structured answer that need not be an object. Revisions before 2026-07-28 get its text alone.
    public init(structuredValue structured: JSONValue) {
        self.init(content: [.text(structured.description)], structuredContent: structured)
    }

    /// A text.
    public static func text(_ text: String) -> ToolResult {
        ToolResult(content: [.text(text)])
    }

    /// A failure in one line.
    public static func failure(_ message: String, structured: JSONObject? = nil) -> ToolResult {
        ToolResult(content: [.text(message)], structuredContent: structured.map(JSONValue.object), isError: true)
    }
}

extension ToolResult: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["content": .array(content.map { $0.json(for: version) })]
        object.add(structured: structuredContent, for: version)
        object.append("isError", .bool(isError))
        object.finishResult(meta: meta, for: version)
        return .object(object)
    }

    /// Reads a result; `nil` where it has no content array.
    public init?(json: JSONValue) {
        guard let object = json.object, let blocks = object["content"]?.array else { return nil }
        self.init(
            content: blocks.map(ContentBlock.init(json:)), structuredContent: object["structuredContent"],
            isError: object["isError"]?.bool ?? false, meta: object["_meta"]?.object)
    }
}

extension JSONObject {
    /// Writes `structuredContent` where the revision may carry it: from 2025-06-18 on objects, from 2026-07-28 on anything.
    mutating func add(structured value: JSONValue?, for version: ProtocolVersion?) {
        guard let value, version.isSince(.v2025_06_18) else { return }
        guard value.object != nil || version.isSince(.v2026_07_28) else { return }
        append("structuredContent", value)
    }
}
