import VestibuleServer

struct Message: Codable, SchemaNoted {
    var message: String
    static let schemaNotes: SchemaNotes = ["message": "What to show to the person"]
}

struct Question: Codable, SchemaNoted {
    var prompt: String
    static let schemaNotes: SchemaNotes = ["prompt": "What to ask the model"]
}

/// Tools that ask the client something, in either era.
func addAskingTools(to server: MCPServer) throws {
    try server.tool("test_sampling", "Has the client's model say something") { (question: Question, context) in
        let answer = try await context.sample(CreateMessageParams([.user(question.prompt)], maxTokens: 100))
        return "LLM response: \(answer.text)"
    }
    try server.tool("test_missing_capability", "Needs a client with a model") { context in
        try await context.sample(CreateMessageParams([.user("Say something")], maxTokens: 10)).text
    }
    try server.tool("test_elicitation", "Asks the person for a name and an address") { (message: Message, context) in
        let form = ElicitationSchema()
            .asking("username", .text(), description: "User's response", isRequired: true)
            .asking("email", .text(), description: "User's email address", isRequired: true)
        return "User response: " + described(try await context.elicit(.form(message.message, form)))
    }
    try server.tool("test_streaming_elicitation", "Asks the person whether to go on") { context in
        let form = ElicitationSchema().asking("goOn", .boolean(), isRequired: true)
        return described(try await context.elicit(.form("Go on?", form)))
    }
    try server.tool("test_elicitation_url", "Sends the person to a page") { context in
        described(
            try await context.elicit(
                .url("Please confirm on the page", url: "https://example.com/confirm", elicitationID: "confirm-1")))
    }
    try server.tool("test_elicitation_sep1034_defaults", "Asks with a default for each kind of field") { context in
        let form = ElicitationSchema()
            .asking("name", .text(default: "John Doe"), description: "User name")
            .asking("age", .integer(default: 30), description: "User age")
            .asking("score", .number(default: JSONNumber(95.5)), description: "User score")
            .asking(
                "status", .choice([.init("active"), .init("inactive"), .init("pending")], default: "active"),
                description: "User status"
            )
            .asking("verified", .boolean(default: true), description: "Verification status")
        return completed(try await context.elicit(.form("Please review and update the form fields", form)))
    }
    try server.tool("test_elicitation_sep1330_enums", "Asks with each kind of choice") { context in
        let plain: [ElicitationField.Choice] = [.init("option1"), .init("option2"), .init("option3")]
        let titled: [ElicitationField.Choice] = [
            .init("value1", title: "First Option"), .init("value2", title: "Second Option"),
            .init("value3", title: "Third Option"),
        ]
        let named: [ElicitationField.Choice] = [
            .init("opt1", title: "Option One"), .init("opt2", title: "Option Two"),
            .init("opt3", title: "Option Three"),
        ]
        let form = ElicitationSchema()
            .asking("untitledSingle", .choice(plain))
            .asking("titledSingle", .choice(titled))
            .asking("legacyEnum", .choice(named, usesEnumNames: true))
            .asking("untitledMulti", .choices(plain))
            .asking("titledMulti", .choices(titled))
        return completed(try await context.elicit(.form("Please choose", form)))
    }
    try server.tool("test_roots", "Tells which folders the client offers") { context in
        try await context.roots().map(\.uri).joined(separator: " ")
    }
}

private func described(_ result: ElicitationResult) -> String {
    let content = result.content.map { JSONValue.object($0).description } ?? "{}"
    return "action: \(result.action.rawValue), content: \(content)"
}

private func completed(_ result: ElicitationResult) -> String {
    let content = result.content.map { JSONValue.object($0).description } ?? "{}"
    return "Elicitation completed: action=\(result.action.rawValue), content=\(content)"
}
