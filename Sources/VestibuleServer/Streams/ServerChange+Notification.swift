internal import VestibuleProtocol

extension ServerChange {
    /// How clients are told; `nil` for what the core of MCP has no notification for.
    var notification: (method: String, params: JSONObject?)? {
        switch self {
        case .tools: (MCPMethod.toolsChanged, nil)
        case .prompts: (MCPMethod.promptsChanged, nil)
        case .resources: (MCPMethod.resourcesChanged, nil)
        case .resource(let uri): (MCPMethod.resourceUpdated, ["uri": .string(uri)])
        case .task: nil
        }
    }

    /// Of changes with one key that wait on a stream, one is enough.
    var key: String {
        switch self {
        case .tools: "tools"
        case .prompts: "prompts"
        case .resources: "resources"
        case .resource(let uri): "resource " + uri
        case .task(let id): "task " + id
        }
    }

    /// Whether it says something that not everybody may know: that a list changed says nothing of what is in it.
    var dependsOnPrincipal: Bool {
        switch self {
        case .tools, .prompts, .resources: false
        case .resource, .task: true
        }
    }
}
