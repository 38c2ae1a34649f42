/// What a client can do for a server (MCP, Lifecycle: Capability Negotiation).
///
/// Declared once in `initialize` by legacy clients, on every request by modern ones.
public struct ClientCapabilities: Sendable, Hashable {
    /// The client tells in which folders a server may work.
    public struct Roots: Sendable, Hashable {
        /// Whether it says when they change; legacy only.
        public var listChanged: Bool

        public init(listChanged: Bool = false) {
            self.listChanged = listChanged
        }
    }

    /// The client lets a server ask its model.
    public struct Sampling: Sendable, Hashable {
        /// Whether with the context of other servers; from 2025-11-25 on.
        public var context: Bool
        /// Whether with tools; from 2025-11-25 on.
        public var tools: Bool

        public init(context: Bool = false, tools: Bool = false) {
            self.context = context
            self.tools = tools
        }
    }

    /// The client lets a server ask its user.
    public struct Elicitation: Sendable, Hashable {
        /// By a form that the client draws.
        public var form: Bool
        /// By a page that the user opens; from 2025-11-25 on.
        public var url: Bool

        public init(form: Bool = true, url: Bool = false) {
            self.form = form
            self.url = url
        }
    }

    public var roots: Roots?
    public var sampling: Sampling?
    /// From 2025-06-18 on.
    public var elicitation: Elicitation?
    /// The experimental core tasks of 2025-11-25, as they came.
    public var tasks: JSONObject?
    public var experimental: JSONObject?
    /// Extensions by their identifiers, each with its settings; from 2026-07-28 on.
    public var extensions: JSONObject?

    public init(
        roots: Roots? = nil, sampling: Sampling? = nil, elicitation: Elicitation? = nil, tasks: JSONObject? = nil,
        experimental: JSONObject? = nil, extensions: JSONObject? = nil
    ) {
        self.roots = roots
        self.sampling = sampling
        self.elicitation = elicitation
        self.tasks = tasks
        self.experimental = experimental
        self.extensions = extensions
    }

    /// Whether the client supports an extension.
    public func has(extension identifier: String) -> Bool {
        extensions?[identifier]?.object != nil
    }

    /// The part of what is needed that is not here; `nil` where all of it is. What a server answers with
    /// `requiredCapabilities`.
    public func missing(_ needed: ClientCapabilities) -> ClientCapabilities? {
        var missing = ClientCapabilities()
        if needed.roots != nil, roots == nil { missing.roots = Roots() }
        if let needed = needed.sampling {
            let lacks = Sampling(
                context: needed.context && sampling?.context != true, tools: needed.tools && sampling?.tools != true)
            if sampling == nil || lacks != Sampling() { missing.sampling = lacks }
        }
        if let needed = needed.elicitation {
            let lacks = Elicitation(
                form: needed.form && elicitation?.form != true, url: needed.url && elicitation?.url != true)
            if elicitation == nil || lacks.form || lacks.url { missing.elicitation = lacks }
        }
        for member in needed.extensions?.members ?? [] where !has(extension: member.name) {
            missing.extensions = missing.extensions ?? [:]
            missing.extensions?[member.name] = [:]
        }
        return missing == ClientCapabilities() ? nil : missing
    }
}

extension ClientCapabilities: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object = JSONObject()
        object.add("experimental", experimental)
        if let roots {
            let tells = roots.listChanged && !version.isModernEra
            object.append("roots", tells ? ["listChanged": true] : [:])
        }
        if let sampling {
            var modes = JSONObject()
            if version.isSince(.v2025_11_25) {
                if sampling.context { modes.append("context", [:]) }
                if sampling.tools { modes.append("tools", [:]) }
            }
            object.append("sampling", .object(modes))
        }
        if let elicitation, version.isSince(.v2025_06_18) {
            var modes = JSONObject()
            if version.isSince(.v2025_11_25) {
                if elicitation.form { modes.append("form", [:]) }
                if elicitation.url { modes.append("url", [:]) }
            }
            // Without a mode it would mean the form.
            if elicitation.form || version.isSince(.v2025_11_25) { object.append("elicitation", .object(modes)) }
        }
        if version == nil || version == .v2025_11_25 { object.add("tasks", tasks) }
        if version.isSince(.v2026_07_28) { object.add("extensions", extensions) }
        return .object(object)
    }

    /// Reads what is understood of the capabilities; `nil` where the value is not an object.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        self.init(
            roots: object["roots"]?.object.map { Roots(listChanged: $0["listChanged"]?.bool ?? false) },
            sampling: object["sampling"]?.object
                .map {
                    Sampling(context: $0["context"]?.object != nil, tools: $0["tools"]?.object != nil)
                },
            elicitation: object["elicitation"]?.object
                .map {
                    let url = $0["url"]?.object != nil
                    return Elicitation(form: $0["form"]?.object != nil || !url, url: url)
                },
            tasks: object["tasks"]?.object, experimental: object["experimental"]?.object,
            extensions: object["extensions"]?.object)
    }
}
