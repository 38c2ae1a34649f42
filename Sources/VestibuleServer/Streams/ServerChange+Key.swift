extension ServerChange {
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
