public import VestibuleProtocol

/// A prompt together with how it is made.
public struct ServedPrompt: Sendable {
    /// Makes the messages. All required arguments are there, and none that the prompt does not know. What it throws
    /// becomes a JSON-RPC error: a ``ToolError`` with its own line, anything else with a general one.
    public typealias Maker =
        @Sendable (_ arguments: [String: String], _ context: RequestContext) async throws -> GetPromptResult

    public var prompt: Prompt
    public var get: Maker
    /// Suggestions for its arguments, by their names.
    public var completions: [String: Completer]

    public init(_ prompt: Prompt, completions: [String: Completer] = [:], get: @escaping Maker) {
        self.prompt = prompt
        self.completions = completions
        self.get = get
    }
}
