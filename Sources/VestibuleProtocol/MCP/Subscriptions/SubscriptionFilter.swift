/// What a client wants to be told of (MCP 2026-07-28, Subscriptions).
public struct SubscriptionFilter: Sendable, Hashable {
    public var toolsListChanged: Bool
    public var promptsListChanged: Bool
    public var resourcesListChanged: Bool
    /// The URIs of resources.
    public var resourceSubscriptions: [String]
    /// The ids of tasks, of the extension `io.modelcontextprotocol/tasks`.
    public var taskIDs: [String]

    public init(
        toolsListChanged: Bool = false, promptsListChanged: Bool = false, resourcesListChanged: Bool = false,
        resourceSubscriptions: [String] = [], taskIDs: [String] = []
    ) {
        self.toolsListChanged = toolsListChanged
        self.promptsListChanged = promptsListChanged
        self.resourcesListChanged = resourcesListChanged
        self.resourceSubscriptions = resourceSubscriptions
        self.taskIDs = taskIDs
    }

    /// Whether nothing is asked for.
    public var isEmpty: Bool { self == SubscriptionFilter() }

    public var json: JSONValue {
        var object = JSONObject()
        if toolsListChanged { object.append("toolsListChanged", true) }
        if promptsListChanged { object.append("promptsListChanged", true) }
        if resourcesListChanged { object.append("resourcesListChanged", true) }
        if !resourceSubscriptions.isEmpty { object.append("resourceSubscriptions", .strings(resourceSubscriptions)) }
        if !taskIDs.isEmpty { object.append("taskIds", .strings(taskIDs)) }
        return .object(object)
    }

    /// Reads a filter; `nil` where a member is not what it has to be.
    public init?(json: JSONValue) {
        guard let object = json.object else { return nil }
        self.init()
        for (name, path) in Self.flags {
            guard let value = object[name] else { continue }
            guard let flag = value.bool else { return nil }
            self[keyPath: path] = flag
        }
        for (name, path) in Self.lists {
            guard let value = object[name] else { continue }
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else { return nil }
            self[keyPath: path] = texts
        }
    }

    private static var flags: [(String, WritableKeyPath<Self, Bool>)] {
        [
            ("toolsListChanged", \.toolsListChanged), ("promptsListChanged", \.promptsListChanged),
            ("resourcesListChanged", \.resourcesListChanged),
        ]
    }

    private static var lists: [(String, WritableKeyPath<Self, [String]>)] {
        [("resourceSubscriptions", \.resourceSubscriptions), ("taskIds", \.taskIDs)]
    }
}
