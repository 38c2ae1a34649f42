import VestibuleServer

struct Person: Codable {
    var name: String
}

struct Computation: Codable, SchemaNoted {
    var seconds: Double
    var label: String?
    static let schemaNotes: SchemaNotes = ["seconds": .note("How long", range: 0...600, default: 1)]
}

struct File: Codable {
    var filename: String
}

/// Tools that run on as tasks (extension `io.modelcontextprotocol/tasks`).
func addTaskTools(to server: MCPServer) throws {
    try server.tool("greet", "Greets, at once") { (person: Person, context) in "Hello, \(person.name)!" }
    try server.tool("slow_compute", "Takes its time", .asTask) { (computation: Computation, context) in
        try await Task.sleep(for: .seconds(computation.seconds))
        return "Computed \(computation.label ?? "something") in \(computation.seconds) s"
    }
    try server.tool("failing_job", "Fails after a while", .task(.required)) { context -> String in
        try await Task.sleep(for: .seconds(1))
        throw ToolError("The job failed, as it always does")
    }
    try server.tool("protocol_error_job", "Breaks", .asTask) { context -> String in
        throw RPCError(.internalError, "The job broke, as it always does")
    }
    try server.tool("confirm_delete", "Deletes a file that the person lets go", .asTask) { (file: File, context) in
        let form = ElicitationSchema().asking("confirm", .boolean(), isRequired: true)
        let answer = try await context.elicit(.form("Delete \(file.filename)?", form), key: "confirm")
        let isConfirmed = answer.action == .accept && answer.content?["confirm"] == true
        return isConfirmed ? "Deleted \(file.filename)" : "Kept \(file.filename)"
    }
    try server.tool("multi_input", "Asks two things at once", .asTask) { context in
        func question(_ name: String) -> InputRequest {
            .elicitation(.form("What is the \(name)?", ElicitationSchema().asking(name, .text(), isRequired: true)))
        }
        let answers = try await context.ask(["first": question("first"), "second": question("second")])
        return "Got \(answers.count) answers"
    }
    try server.tool("test_tool_with_task", "Asks, then runs as a task", .task(.required, atStart: false)) { context in
        let form = ElicitationSchema().asking("name", .text(), isRequired: true)
        let answer = try await context.elicit(.form("What is your name?", form), key: "user_name")
        try context.continueAsTask()
        return "Hello, \(answer.content?["name"]?.string ?? "nobody")!"
    }
}
