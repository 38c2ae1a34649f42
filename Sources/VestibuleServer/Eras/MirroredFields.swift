internal import HTTPTypes
internal import VestibuleProtocol

/// The header fields of a modern request that repeat what its body says, so that whatever stands before the server can
/// go by them (MCP 2026-07-28, Streamable HTTP: Request Metadata Headers). They have to agree with it.
enum MirroredFields {
    /// - Returns: why the request is refused (-32020).
    static func problem(of envelope: Envelope, _ fields: HTTPFields) -> RPCError? {
        problem(MCPHeader.method, SingleField(.mcpMethod, of: fields), envelope.method, "method", isEncoded: false)
            ?? name(of: envelope)
            .flatMap {
                problem(MCPHeader.name, SingleField(.mcpName, of: fields), $0.value, $0.member, isEncoded: true)
            }
    }

    /// What `Mcp-Name` repeats; `nil` for methods that it does not belong to, and where the body lacks it too.
    private static func name(of envelope: Envelope) -> (member: String, value: String)? {
        switch envelope.method {
        case MCPMethod.callTool, MCPMethod.getPrompt: envelope.name.map { ("params.name", $0) }
        case MCPMethod.readResource: envelope.uri.map { ("params.uri", $0) }
        case MCPMethod.getTask, MCPMethod.updateTask, MCPMethod.cancelTask:
            envelope.taskID.map { ("params.taskId", $0) }
        default: nil
        }
    }

    private static func problem(
        _ header: String, _ field: SingleField, _ value: String, _ member: String, isEncoded: Bool
    ) -> RPCError? {
        switch field {
        case .absent: return EraClassifier.mismatch("\(header) is missing; it has to repeat \(member)")
        case .repeated: return EraClassifier.mismatch("\(header) came more than once; send it once")
        case .value(let text):
            guard let decoded = isEncoded ? HeaderText.decode(text) : text else {
                return EraClassifier.mismatch("\(header) is no header text, nor the base64 form of one")
            }
            guard decoded.hasSameBytes(as: value) else {
                return EraClassifier.mismatch("\(header) is \(decoded.onShownLine), and \(member) \(value.onShownLine)")
            }
            return nil
        }
    }
}
