/// What a resource holds (MCP, Resources: Reading Resources).
public struct ResourceContents: Sendable, Hashable {
    /// The contents: text, or bytes as base64.
    public enum Body: Sendable, Hashable {
        case text(String)
        /// Base64.
        case blob(String)
    }

    public var uri: String
    public var mimeType: String?
    public var body: Body
    public var meta: JSONObject?

    public init(uri: String, mimeType: String? = nil, body: Body, meta: JSONObject? = nil) {
        self.uri = uri
        self.mimeType = mimeType
        self.body = body
        self.meta = meta
    }

    public static func text(_ text: String, uri: String, mimeType: String? = nil) -> ResourceContents {
        ResourceContents(uri: uri, mimeType: mimeType, body: .text(text))
    }

    /// Contents whose bytes are base64 already.
    public static func blob(_ base64: String, uri: String, mimeType: String? = nil) -> ResourceContents {
        ResourceContents(uri: uri, mimeType: mimeType, body: .blob(base64))
    }

    /// Contents of these bytes.
    public static func bytes(_ bytes: [UInt8], uri: String, mimeType: String? = nil) -> ResourceContents {
        .blob(Base64.encode(bytes), uri: uri, mimeType: mimeType)
    }

    /// The text, if it is text.
    public var text: String? {
        if case .text(let text) = body { text } else { nil }
    }

    /// The base64, if it is bytes.
    public var blob: String? {
        if case .blob(let base64) = body { base64 } else { nil }
    }
}

extension ResourceContents: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["uri": .string(uri)]
        object.add("mimeType", mimeType)
        switch body {
        case .text(let text): object.append("text", .string(text))
        case .blob(let base64): object.append("blob", .string(base64))
        }
        object.add(meta: meta, if: version.isSince(.v2025_06_18))
        return .object(object)
    }

    /// Reads contents; `nil` where the URI or both `text` and `blob` are missing.
    public init?(json: JSONValue) {
        guard let uri = json["uri"]?.string else { return nil }
        let body = json["text"]?.string.map(Body.text) ?? json["blob"]?.string.map(Body.blob)
        guard let body else { return nil }
        self.init(uri: uri, mimeType: json["mimeType"]?.string, body: body, meta: json["_meta"]?.object)
    }
}
