package import VestibuleProtocol

/// What one `subscriptions/listen` is told of, and how (MCP 2026-07-28, Subscriptions); whatever carries it.
package struct Subscription: Sendable {
    /// The id of the listen request, which every message of the subscription repeats.
    package let id: RequestID
    /// What of the request is honoured.
    package let filter: SubscriptionFilter
    private let resources: Set<ByteKey>
    private let tasks: Set<ByteKey>

    /// - Parameters:
    ///   - requested: what the client asked for.
    ///   - capabilities: what the server declares; nothing else is honoured.
    ///   - maximum: resources and tasks that are honoured; those beyond are left out.
    ///   - isOwnTask: whether the client may know of that task.
    package init(
        _ id: RequestID, requested: SubscriptionFilter, capabilities: ServerCapabilities, maximum: Int,
        isOwnTask: (String) -> Bool
    ) {
        var filter = SubscriptionFilter()
        filter.toolsListChanged = requested.toolsListChanged && capabilities.tools?.listChanged == true
        filter.promptsListChanged = requested.promptsListChanged && capabilities.prompts?.listChanged == true
        filter.resourcesListChanged = requested.resourcesListChanged && capabilities.resources?.listChanged == true
        if capabilities.resources?.subscribe == true {
            filter.resourceSubscriptions = Self.first(maximum, of: requested.resourceSubscriptions)
        }
        filter.taskIDs = Self.first(maximum, of: requested.taskIDs).filter(isOwnTask)
        self.id = id
        self.filter = filter
        self.resources = Set(filter.resourceSubscriptions.map(ByteKey.init))
        self.tasks = Set(filter.taskIDs.map(ByteKey.init))
    }

    private static func first(_ maximum: Int, of names: [String]) -> [String] {
        var known: Set<ByteKey> = []
        var first: [String] = []
        for name in names where first.count < maximum && known.insert(ByteKey(name)).inserted { first.append(name) }
        return first
    }

    /// Whether the client asked for it and gets it.
    package func wants(_ change: ServerChange) -> Bool {
        switch change {
        case .tools: filter.toolsListChanged
        case .prompts: filter.promptsListChanged
        case .resources: filter.resourcesListChanged
        case .resource(let uri): resources.contains(ByteKey(uri))
        case .task(let id): tasks.contains(ByteKey(id))
        }
    }

    /// The first message: what is honoured.
    package var acknowledgement: RPCMessage {
        .notification(
            method: MCPMethod.subscriptionAcknowledged,
            params: tagged(SubscriptionParams(notifications: filter).json.object))
    }

    /// The message that tells of a change.
    ///
    /// - Parameter task: what is told of a task; `nil` where the client may not know of it any more.
    package func message(for change: ServerChange, task: (String) -> JSONObject?) -> RPCMessage? {
        if case .task(let id) = change {
            return task(id).map { .notification(method: MCPMethod.taskChanged, params: tagged($0)) }
        }
        guard let (method, params) = change.notification else { return nil }
        return .notification(method: method, params: tagged(params))
    }

    /// The result that ends the subscription on purpose.
    package var result: JSONObject { SubscriptionResult(subscriptionID: id).json.object ?? [:] }

    private func tagged(_ params: JSONObject?) -> JSONObject {
        var params = params ?? [:]
        var meta = params["_meta"]?.object ?? [:]
        meta[MetaKey.subscriptionID] = id.json
        params["_meta"] = .object(meta)
        return params
    }
}
