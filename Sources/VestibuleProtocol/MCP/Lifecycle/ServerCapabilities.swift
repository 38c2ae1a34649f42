/// What a server offers (MCP, Lifecycle: Capability Negotiation; 2026-07-28, Discovery).
public struct ServerCapabilities: Sendable, Hashable {
    /// A list that may change.
    public struct Listing: Sendable, Hashable {
        /// Whether the server says when it changes.
        public var listChanged: Bool

        public init(listChanged: Bool = false) {
            self.listChanged = listChanged
        }
    }

    /// The resources.
    public struct Resources: Sendable, Hashable {
        /// Whether the server says when the list changes.
        public var listChanged: Bool
        /// Whether it says when a resource changes that somebody subscribed to.
        public var subscribe: Bool

        public init(listChanged: Bool = false, subscribe: Bool = false) {
            self.listChanged = listChanged
            self.subscribe = subscribe
        }
    }

    public var tools: Listing?
    public var resources: Resources?
    public var prompts: Listing?
    public var logging: Bool
    public var completions: Bool
    /// The experimental core tasks of 2025-11-25, as they came.
    public var tasks: JSONObject?
    public var experimental: JSONObject?
    /// Extensions by their identifiers, each with its settings; from 2026-07-28 on.
    public var extensions: JSONObject?

    public init(
        tools: Listing? = nil, resources: Resources? = nil, prompts: Listing? = nil, logging: Bool = false,
        completions: Bool = false, tasks: JSONObject? = nil, experimental: JSONObject? = nil,
        extensions: JSONObject? = nil
    ) {
        self.tools = tools
        self.resources = resources
        self.prompts = prompts
        self.logging = logging
        self.completions = completions
        self.tasks = tasks
        self.experimental = experimental
        self.extensions = extensions
    }

    /// Whether the server supports an extension.
    public func has(extension identifier: String) -> Bool {
        extensions?[identifier]?.object != nil
    }
}

extension ServerCapabilities: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object = JSONObject()
        object.add("experimental", experimental)
        if logging { object.append("logging", [:]) }
        if completions { object.append("completions", [:]) }
        if let prompts { object.append("prompts", ["listChanged": .bool(prompts.listChanged)]) }
        if let resources {
            object.append(
                "resources", ["subscribe": .bool(resources.subscribe), "listChanged": .bool(resources.listChanged)])
        }
        if let tools { object.append("tools", ["listChanged": .bool(tools.listChanged)]) }
        if version == nil || version == .v2025_11_25 { object.add("tasks", tasks) }
        if version.isSince(.v2026_07_28) { object.add("extensions", extensions) }
        return .object(object)
    }

    /// Reads what is understood of the capabilities; `nil` where the value is not an object.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        func listing(_ name: String) -> Listing? {
            object[name]?.object.map { Listing(listChanged: $0["listChanged"]?.bool ?? false) }
        }
        self.init(
            tools: listing("tools"),
            resources: object["resources"]?.object
                .map {
                    Resources(
                        listChanged: $0["listChanged"]?.bool ?? false, subscribe: $0["subscribe"]?.bool ?? false)
                },
            prompts: listing("prompts"), logging: object["logging"]?.object != nil,
            completions: object["completions"]?.object != nil, tasks: object["tasks"]?.object,
            experimental: object["experimental"]?.object, extensions: object["extensions"]?.object)
    }
}
