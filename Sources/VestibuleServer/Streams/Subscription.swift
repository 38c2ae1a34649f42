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
    ///   - isOwnTask: whether the client may know of that task; `nil` where there are none.
    package init(
        _ id: RequestID, requested: SubscriptionFilter, capabilities: ServerCapabilities, maximum: Int,
        isOwnTask: ((String) -> Bool)? = nil
    ) {
        var filter = SubscriptionFilter()
        filter.toolsListChanged = requested.toolsListChanged && capabilities.tools?.listChanged == true
        filter.promptsListChanged = requested.promptsListChanged && capabilities.prompts?.listChanged == true
        filter.resourcesListChanged = requested.resourcesListChanged && capabilities.resources?.listChanged == true
        if capabilities.resources?.subscribe == true {
            filter.resourceSubscriptions = Self.first(maximum, of: requested.resourceSubscriptions)
        }
        if let isOwnTask { filter.taskIDs = Self.first(maximum, of: requested.taskIDs).filter(isOwnTask) }
        self.id = id
        self.filter = filter
        self.resources = Set(filter.resourceSubscriptions.map(ByteKey.init))
        self.tasks = Set(filter.taskIDs.map(ByteKey.init))
    }

    private static func first(_ maximum: Int, of names: [String]) -> [String] {
        var known: Set<ByteKey> = []
        return Array(names.lazy.filter { known.insert(ByteKey($0)).inserted }.prefix(maximum))
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

    /// The message that tells of a change; `nil` for one that the core of MCP has none for.
    package func message(for change: ServerChange) -> RPCMessage? {
        guard let (method, params) = change.notification else { return nil }
        return .notification(method: method, params: tagged(params))
    }

    /// Any other message of the subscription.
    package func message(_ method: String, _ params: JSONObject) -> RPCMessage {
        .notification(method: method, params: tagged(params))
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
