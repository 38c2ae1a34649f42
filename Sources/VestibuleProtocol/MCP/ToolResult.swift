/// What a tool answers.
public struct ToolResult: Sendable, Hashable {
    public var content: [ContentBlock]
    /// The same answer for programs, as the tool's output schema describes it.
    public var structuredContent: JSONObject?
    /// Whether the tool failed. The content then says why, for the model to read.
    public var isError: Bool

    public init(content: [ContentBlock], structuredContent: JSONObject? = nil, isError: Bool = false) {
        self.content = content
        self.structuredContent = structuredContent
        self.isError = isError
    }

    /// A structured answer, with its JSON as text beside it for clients that read only text.
    public init(structured: JSONObject) {
        self.init(content: [.text(JSONValue.object(structured).description)], structuredContent: structured)
    }

    /// A failure in one line.
    public static func failure(_ message: String, structured: JSONObject? = nil) -> ToolResult {
        ToolResult(content: [.text(message)], structuredContent: structured, isError: true)
    }

    public var json: JSONValue {
        var object: JSONObject = ["content": .array(content.map(\.json))]
        object["structuredContent"] = structuredContent.map(JSONValue.object)
        object["isError"] = .bool(isError)
        return .object(object)
    }

    /// Reads a result; `nil` where it has no content array.
    public init?(json: JSONValue) {
        guard let blocks = json["content"]?.array else { return nil }
        self.init(
            content: blocks.map(ContentBlock.init(json:)), structuredContent: json["structuredContent"]?.object,
            isError: json["isError"]?.bool ?? false)
    }
}

/// A piece of a tool's answer.
public enum ContentBlock: Sendable, Hashable {
    case text(String)
    /// An image; `data` is base64.
    case image(data: String, mimeType: String)
    /// Sound; `data` is base64.
    case audio(data: String, mimeType: String)
    case resourceLink(uri: String, name: String, mimeType: String?)
    /// Any other kind, kept as it came.
    case other(JSONValue)

    /// The text, if this is text.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    public var json: JSONValue {
        switch self {
        case .text(let text):
            return ["type": "text", "text": .string(text)]
        case .image(let data, let mimeType):
            return ["type": "image", "data": .string(data), "mimeType": .string(mimeType)]
        case .audio(let data, let mimeType):
            return ["type": "audio", "data": .string(data), "mimeType": .string(mimeType)]
        case .resourceLink(let uri, let name, let mimeType):
            var object: JSONObject = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
            object["mimeType"] = mimeType.map(JSONValue.string)
            return .object(object)
        case .other(let value):
            return value
        }
    }

    public init(json: JSONValue) {
        let mimeType = json["mimeType"]?.string
        switch (json["type"]?.string, json["text"]?.string, json["data"]?.string) {
        case ("text", let text?, _): self = .text(text)
        case ("image", _, let data?): self = .image(data: data, mimeType: mimeType ?? "application/octet-stream")
        case ("audio", _, let data?): self = .audio(data: data, mimeType: mimeType ?? "application/octet-stream")
        case ("resource_link", _, _):
            guard let uri = json["uri"]?.string, let name = json["name"]?.string else { fallthrough }
            self = .resourceLink(uri: uri, name: name, mimeType: mimeType)
        default: self = .other(json)
        }
    }
}
