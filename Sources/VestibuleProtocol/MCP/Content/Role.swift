/// Who speaks in a conversation with a model (MCP, Prompts and Sampling).
public enum Role: String, Sendable, Hashable, CaseIterable {
    case user
    case assistant
}
