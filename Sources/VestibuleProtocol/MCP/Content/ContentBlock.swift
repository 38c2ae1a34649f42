/// A piece of a tool's answer, of a prompt or of a conversation with a model (MCP, Tools: Tool Result).
public struct ContentBlock: Sendable, Hashable {
    /// What the piece is.
    public enum Kind: Sendable, Hashable {
        case text(String)
        /// An image; `data` is base64.
        case image(data: String, mimeType: String)
        /// Sound; `data` is base64.
        case audio(data: String, mimeType: String)
        /// A resource with its contents.
        indirect case resource(ResourceContents)
        /// A resource by its address alone; from 2025-06-18 on.
        indirect case resourceLink(Resource)
        /// A model asks for a tool; in sampling only, from 2025-11-25 on.
        indirect case toolUse(ToolUse)
        /// What that tool answered; in sampling only, from 2025-11-25 on.
        indirect case toolResult(ToolUseResult)
        /// Any other kind, kept as it came.
        indirect case other(JSONValue)
    }

    public var kind: Kind
    public var annotations: Annotations?
    public var meta: JSONObject?

    public init(_ kind: Kind, annotations: Annotations? = nil, meta: JSONObject? = nil) {
        self.kind = kind
        self.annotations = annotations
        self.meta = meta
    }

    /// The text, if this is text.
    public var text: String? {
        if case .text(let text) = kind { text } else { nil }
    }
}

extension ContentBlock {
    public static func text(_ text: String, annotations: Annotations? = nil) -> ContentBlock {
        ContentBlock(.text(text), annotations: annotations)
    }

    /// An image whose `data` is base64 already.
    public static func image(data: String, mimeType: String, annotations: Annotations? = nil) -> ContentBlock {
        ContentBlock(.image(data: data, mimeType: mimeType), annotations: annotations)
    }

    /// An image of these bytes.
    public static func image(_ bytes: [UInt8], mimeType: String, annotations: Annotations? = nil) -> ContentBlock {
        .image(data: Base64.encode(bytes), mimeType: mimeType, annotations: annotations)
    }

    /// Sound whose `data` is base64 already.
    public static func audio(data: String, mimeType: String, annotations: Annotations? = nil) -> ContentBlock {
        ContentBlock(.audio(data: data, mimeType: mimeType), annotations: annotations)
    }

    /// Sound of these bytes.
    public static func audio(_ bytes: [UInt8], mimeType: String, annotations: Annotations? = nil) -> ContentBlock {
        .audio(data: Base64.encode(bytes), mimeType: mimeType, annotations: annotations)
    }

    /// A resource with its contents.
    public static func resource(_ contents: ResourceContents, annotations: Annotations? = nil) -> ContentBlock {
        ContentBlock(.resource(contents), annotations: annotations)
    }

    /// A resource by its address alone.
    public static func resourceLink(_ resource: Resource) -> ContentBlock {
        ContentBlock(.resourceLink(resource))
    }

    /// A resource by its address and name alone.
    public static func resourceLink(uri: String, name: String, mimeType: String? = nil) -> ContentBlock {
        .resourceLink(Resource(uri: uri, name: name, mimeType: mimeType))
    }

    public static func toolUse(id: String, name: String, input: JSONObject) -> ContentBlock {
        ContentBlock(.toolUse(ToolUse(id: id, name: name, input: input)))
    }

    public static func toolResult(_ result: ToolUseResult) -> ContentBlock {
        ContentBlock(.toolResult(result))
    }

    /// A block of a kind that is not known here, as JSON.
    public static func other(_ json: JSONValue) -> ContentBlock {
        ContentBlock(.other(json))
    }
}
