/// A picture for a server, tool, resource or prompt; from 2025-11-25 on (MCP 2025-11-25, Basic: Icons).
///
/// Whoever shows one fetches it from `https:` or `data:` only, without cookies or tokens, and trusts its bytes no further
/// than those of any other stranger.
public struct Icon: Sendable, Hashable {
    /// What background a picture is drawn for.
    public enum Theme: String, Sendable, Hashable { case light, dark }

    /// A URL: `https:` or `data:`.
    public var source: String
    public var mimeType: String?
    /// `48x48` and the like, or `any`.
    public var sizes: [String]?
    public var theme: Theme?

    public init(source: String, mimeType: String? = nil, sizes: [String]? = nil, theme: Theme? = nil) {
        self.source = source
        self.mimeType = mimeType
        self.sizes = sizes
        self.theme = theme
    }

    public var json: JSONValue {
        var object: JSONObject = ["src": .string(source)]
        object.add("mimeType", mimeType)
        object.add("sizes", sizes.map { JSONValue.strings($0) })
        object.add("theme", theme?.rawValue)
        return .object(object)
    }

    /// Reads an icon; `nil` where it has no source.
    public init?(json: JSONValue) {
        guard let source = json["src"]?.string else { return nil }
        self.init(
            source: source, mimeType: json["mimeType"]?.string, sizes: json["sizes"]?.array?.compactMap(\.string),
            theme: json["theme"]?.string.flatMap(Theme.init))
    }
}

extension JSONObject {
    /// Writes the icons where there are any and the revision knows them.
    mutating func add(icons: [Icon], for version: ProtocolVersion?) {
        guard !icons.isEmpty, version.isSince(.v2025_11_25) else { return }
        append("icons", .array(icons.map(\.json)))
    }

    /// The icons that can be read.
    var icons: [Icon] { self["icons"]?.array?.compactMap(Icon.init) ?? [] }
}
