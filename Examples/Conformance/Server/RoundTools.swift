import VestibuleServer

private func form(_ message: String, _ name: String, _ kind: ElicitationField.Kind = .text()) -> ElicitationParams {
    .form(message, ElicitationSchema().asking(name, kind, isRequired: true))
}

/// What the person filled in; why not, where that is so.
private func filled(_ answer: ElicitationResult, _ name: String) throws -> String {
    guard answer.action == .accept, let value = answer.content?[name] else {
        throw ToolError("the person did not answer (\(answer.action.rawValue))")
    }
    return value.string ?? value.description
}

/// Tools whose questions the client answers by coming again (2026-07-28, multi round-trip requests).
func addRoundTools(to server: MCPServer) throws {
    let name = form("What is your name?", "name")
    try server.tool("test_input_required_result_elicitation", "Asks for a name") { context in
        "Hello, \(try filled(await context.elicit(name, key: "user_name"), "name"))!"
    }
    try server.tool("test_input_required_result_sampling", "Asks the model for a capital") { context in
        let question = CreateMessageParams([.user("What is the capital of France?")], maxTokens: 100)
        return try await context.sample(question, key: "capital_question").text
    }
    try server.tool("test_input_required_result_list_roots", "Asks for the client's folders") { context in
        try await context.roots(key: "client_roots").map(\.uri).joined(separator: " ")
    }
    let greeting = CreateMessageParams([.user("Generate a greeting")], maxTokens: 50)
    let three: [String: InputRequest] = [
        "user_name": .elicitation(name), "greeting": .sampling(greeting), "client_roots": .roots,
    ]
    try server.tool("test_input_required_result_multiple_inputs", "Asks three things at once") { context in
        guard context.inputResponses.count == 3 else { throw InputRequired(three, state: ["asked": 3]) }
        return "All three were answered"
    }
    let confirm: [String: InputRequest] = ["confirm": .elicitation(form("Please confirm", "ok", .boolean()))]
    for tool in ["test_input_required_result_request_state", "test_input_required_result_tampered_state"] {
        try server.tool(tool, "Finds its state again") { context in
            guard context.state == "asked", context.inputResponses["confirm"] != nil else {
                throw InputRequired(confirm, state: "asked")
            }
            return "state-ok"
        }
    }
    try server.tool("test_input_required_result_multi_round", "Asks twice, one after the other") { context in
        let answers = context.inputResponses
        guard let first = answers["step1"] else {
            throw InputRequired(["step1": .elicitation(form("Step 1: What is your name?", "name"))], state: 1)
        }
        guard let second = answers["step2"] else {
            let question = form("Step 2: What is your favorite color?", "color")
            throw InputRequired(["step2": .elicitation(question)], state: 2)
        }
        let person = try filled(ElicitationResult(json: first), "name")
        return "\(person) likes \(try filled(ElicitationResult(json: second), "color"))"
    }
    try server.tool("test_input_required_result_capabilities", "Asks what the client can answer") { context in
        var questions: [String: InputRequest] = [:]
        let client = context.clientCapabilities
        if client.elicitation?.form == true { questions["user_name"] = .elicitation(name) }
        if client.sampling != nil { questions["greeting"] = .sampling(greeting) }
        if client.roots != nil { questions["client_roots"] = .roots }
        return "Asked \(try await context.ask(questions).keys.sorted().joined(separator: ", "))"
    }
}

func addRoundPrompt(to server: MCPServer) {
    server.prompt("test_input_required_result_prompt", "Asks for a context") { context in
        let question = form("What context should the prompt use?", "context")
        return "Use this context: \(try filled(await context.elicit(question, key: "user_context"), "context"))"
    }
}
