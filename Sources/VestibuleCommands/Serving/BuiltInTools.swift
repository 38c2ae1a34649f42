internal import VestibuleAuth
internal import VestibuleProtocol
internal import VestibuleServer

/// Tools that every server has, to try a connection and a token with.
enum BuiltInTools {
    /// Any verified principal may call them.
    static let rules = [Rule(tools: ["echo", "whoami"])]

    static func all(clock: any WallClock) -> [ServedTool] { [echo, whoami(clock)] }

    private static let echo = ServedTool(
        Tool(
            name: "echo", title: "Echo", description: "Returns the text that it is given. Good for a first call.",
            inputSchema: [
                "type": "object",
                "properties": ["text": ["type": "string", "description": "What to return."]],
                "required": ["text"], "additionalProperties": false,
            ],
            annotations: .init(
                title: "Echo", readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false)),
        answersAtOnce: true
    ) { arguments, _ in
        guard let text = arguments["text"]?.string else {
            throw ToolError("echo needs the argument text, a string")
        }
        return ToolResult(content: [.text(text)])
    }

    /// Says what the server made of the caller's token: the first thing to ask when a call is refused.
    private static func whoami(_ clock: any WallClock) -> ServedTool {
        ServedTool(
            Tool(
                name: "whoami", title: "Who am I",
                description:
                    "Says who the caller is by its token: issuer, subject, rights, and the token's key and age.",
                inputSchema: ["type": "object", "properties": [:], "additionalProperties": false],
                annotations: .init(
                    title: "Who am I", readOnlyHint: true, destructiveHint: false, idempotentHint: true,
                    openWorldHint: false)),
            answersAtOnce: true
        ) { _, context in
            guard let principal = context.principal else {
                return ToolResult(structured: ["authenticated": false, "requestId": .string(context.requestID)])
            }
            var answer: JSONObject = ["authenticated": true]
            for member in principal.json.members { answer[member.name] = member.value }
            let now = clock.now()
            answer["token_age_seconds"] = principal.issuedAt.map { .integer(Self.seconds(now - $0)) }
            answer["token_expires_in_seconds"] = .integer(Self.seconds(principal.expiration - now))
            answer["requestId"] = .string(context.requestID)
            return ToolResult(structured: answer)
        }
    }

    private static func seconds(_ value: Double) -> Int {
        Int(exactly: value.rounded(.down)) ?? 0
    }
}
