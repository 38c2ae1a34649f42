/// The parameters of `elicitation/create`: a server asks the client's user (MCP, Elicitation; from 2025-06-18 on).
public struct ElicitationParams: Sendable, Hashable {
    /// How the user is asked.
    public enum Mode: Sendable, Hashable {
        /// By a form that the client draws. Never for secrets.
        case form(ElicitationSchema)
        /// By a page that the user opens; from 2025-11-25 on. The id is of 2025-11-25 alone, which cannot do without.
        case url(String, elicitationID: String? = nil)
    }

    /// What the user is told.
    public var message: String
    public var mode: Mode
    public var meta: JSONObject?

    public init(_ message: String, mode: Mode, meta: JSONObject? = nil) {
        self.message = message
        self.mode = mode
        self.meta = meta
    }

    /// A form.
    public static func form(_ message: String, _ schema: ElicitationSchema) -> ElicitationParams {
        ElicitationParams(message, mode: .form(schema))
    }

    /// A page to open.
    public static func url(_ message: String, url: String, elicitationID: String? = nil) -> ElicitationParams {
        ElicitationParams(message, mode: .url(url, elicitationID: elicitationID))
    }

    /// What the client must have declared for this.
    public var neededCapability: ClientCapabilities {
        switch mode {
        case .form: ClientCapabilities(elicitation: .init(form: true))
        case .url: ClientCapabilities(elicitation: .init(form: false, url: true))
        }
    }

    /// Why a revision cannot carry the question, in one line; `nil` where it can.
    public func problem(in version: ProtocolVersion) -> String? {
        guard version >= .v2025_06_18 else { return "elicitation does not exist in \(version)" }
        guard version < .v2025_11_25 else { return nil }
        switch mode {
        case .url: return "elicitation by URL does not exist in \(version)"
        case .form(let schema):
            let several = schema.properties.first { if case .choices = $0.field.kind { true } else { false } }
            return several.map { "a choice of several, as `\($0.name)` is, does not exist in \(version)" }
        }
    }
}

extension ElicitationParams: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object = JSONObject()
        switch mode {
        case .form(let schema):
            if version.isSince(.v2025_11_25) { object.append("mode", "form") }
            object.append("message", .string(message))
            object.append("requestedSchema", schema.json(for: version))
        case .url(let url, let id):
            object.append("mode", "url")
            object.append("message", .string(message))
            object.append("url", .string(url))
            if !version.isModernEra { object.add("elicitationId", id) }
        }
        object.add(meta: meta, if: !version.isModernEra)
        return .object(object)
    }

    /// Reads the parameters. Without a mode it is a form.
    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        let mode: Mode
        switch try reader.optionalString("mode") ?? "form" {
        case "form":
            mode = .form(
                try reader.required(
                    "requestedSchema", "a schema of an object with properties", ElicitationSchema.init))
        case "url":
            mode = .url(try reader.string("url"), elicitationID: try reader.optionalString("elicitationId"))
        default:
            throw MalformedMessage("`mode` is neither form nor url")
        }
        self.init(
            try reader.string("message"), mode: mode, meta: try reader.optional("_meta", "an object", \.object))
    }
}
