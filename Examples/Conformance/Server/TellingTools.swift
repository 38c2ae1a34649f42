import VestibuleServer

struct Seconds: Codable, SchemaNoted {
    var seconds: Double
    static let schemaNotes: SchemaNotes = ["seconds": .note("How long", range: 0...60, default: 1)]
}

/// Tools that tell the client something before they answer.
func addTellingTools(to server: MCPServer) throws {
    try server.tool("test_tool_with_progress", "Reports progress three times") { context in
        for step in [0.0, 50, 100] {
            await context.report(progress: step, total: 100, message: "\(Int(step)) of 100")
            try await Task.sleep(for: .milliseconds(50))
        }
        return "Progress was reported"
    }
    try server.tool("test_tool_with_logging", "Logs three lines") { context in
        for line in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            await context.log(.info, .string(line), logger: "everything")
            try await Task.sleep(for: .milliseconds(50))
        }
        return "Three lines were logged"
    }
    try server.tool("test_logging_tool", "Logs a line, to whoever wants it") { context in
        await context.log(.info, "A line for whoever wants it")
        return "Logged"
    }
    try server.tool("test_reconnection", "Hangs up, and answers whoever comes back") { context in
        await context.closeStream(retryAfter: .milliseconds(500))
        try await Task.sleep(for: .milliseconds(100))
        return "Reconnection test completed successfully"
    }
    try server.tool("test_wait", "Waits, and can be cancelled", .readOnly) { (time: Seconds, context) in
        await context.report(progress: 0, message: "waiting")
        try await Task.sleep(for: .seconds(time.seconds))
        return "Waited \(time.seconds) s"
    }
    // Not for the client: over stdio this must not get among the messages.
    try server.tool("test_print", "Prints to standard output") { context in
        print("this is no message")
        return "Printed"
    }
}
