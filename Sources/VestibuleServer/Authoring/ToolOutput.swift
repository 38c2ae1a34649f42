public import VestibuleProtocol

/// What a tool's handler may return besides `Codable` values and texts.
public protocol ToolOutput {
    var toolResult: ToolResult { get }
}

extension ToolResult: ToolOutput {
    public var toolResult: ToolResult { self }
}

extension ContentBlock: ToolOutput {
    public var toolResult: ToolResult { ToolResult(content: [self]) }
}

extension [ContentBlock]: ToolOutput {
    public var toolResult: ToolResult { ToolResult(content: self) }
}
