internal import VestibuleProtocol

/// Who sends a message.
enum WireSide: String, Sendable {
    case client, server
}

extension WireRevision {
    /// What is wrong with a message of that side, in one line.
    ///
    /// - Parameter answered: The method of the request that a response answers.
    func problem(of message: JSONValue, from side: WireSide, answering answered: String?) -> String? {
        guard let object = message.object else { return "\(version): a message is an object, not \(message.kind)" }
        guard object["jsonrpc"] == "2.0" else { return "\(version): `jsonrpc` has to be \"2.0\"" }
        if let name = object.firstDuplicate { return "\(version): `\(name)` is there twice" }
        guard let method = object["method"]?.string else {
            return problem(ofResponse: message, from: side, answering: answered)
        }
        let isRequest = object["id"] != nil
        if let problem = problem(with: message, isRequest ? "JSONRPCRequest" : "JSONRPCNotification") { return problem }
        if Self.isOfExtension(method, version) { return nil }
        let union = "\(side == .client ? "Client" : "Server")\(isRequest ? "Request" : "Notification")"
        guard let definition = definition(of: method, in: union) else {
            return "\(version): a \(side.rawValue) sends no \(method)"
        }
        return problem(with: message, definition)
    }

    /// What extensions add, of which the schema of the core knows nothing.
    private static func isOfExtension(_ method: String, _ version: ProtocolVersion) -> Bool {
        guard version.isModern else { return false }
        return [MCPMethod.getTask, MCPMethod.updateTask, MCPMethod.cancelTask, MCPMethod.taskChanged].contains(method)
    }

    private func problem(
        ofResponse message: JSONValue, from side: WireSide, answering answered: String?
    ) -> String? {
        if let error = message["error"] { return problem(ofError: message, error) }
        if let problem = problem(with: message, first("JSONRPCResultResponse", "JSONRPCResponse")) { return problem }
        if side == .client, version.isModern { return "\(version): a client sends no responses" }
        guard let answered else { return "\(version): nothing was asked under that id" }
        guard let result = message["result"], let definition = Self.results[answered] else { return nil }
        if version.isModern {
            switch result["resultType"]?.string {
            case "input_required": return problem(with: result, "InputRequiredResult")
            case "task" where answered == MCPMethod.callTool: return nil
            default: break
            }
        } else if answered == MCPMethod.callTool, result["task"] != nil, has("CreateTaskResult") {
            return problem(with: result, "CreateTaskResult")
        }
        return has(definition) ? problem(with: result, definition) : nil
    }

    private func problem(ofError message: JSONValue, _ error: JSONValue) -> String? {
        var message = message
        // The schemas before 2025-11-25 ask for an id, which what could not be read has none of.
        if version < .v2025_11_25, message["id"] == nil, var object = message.object {
            object["id"] = 0
            message = .object(object)
        }
        if let problem = problem(with: message, first("JSONRPCErrorResponse", "JSONRPCError")) { return problem }
        guard let code = error["code"]?.integer, let definition = Self.errors[code] else { return nil }
        guard has(definition) else { return "\(version): there is no error \(code)" }
        return problem(with: message, definition)
    }

    private static let errors = [
        -32_020: "HeaderMismatchError", -32_021: "MissingRequiredClientCapabilityError",
        -32_022: "UnsupportedProtocolVersionError", -32_042: "URLElicitationRequiredError",
    ]

    private static let results = [
        MCPMethod.initialize: "InitializeResult", MCPMethod.discover: "DiscoverResult",
        MCPMethod.ping: "EmptyResult", MCPMethod.setLogLevel: "EmptyResult", MCPMethod.subscribe: "EmptyResult",
        MCPMethod.unsubscribe: "EmptyResult", MCPMethod.listTools: "ListToolsResult",
        MCPMethod.callTool: "CallToolResult", MCPMethod.listResources: "ListResourcesResult",
        MCPMethod.listResourceTemplates: "ListResourceTemplatesResult",
        MCPMethod.readResource: "ReadResourceResult", MCPMethod.listPrompts: "ListPromptsResult",
        MCPMethod.getPrompt: "GetPromptResult", MCPMethod.complete: "CompleteResult",
        MCPMethod.listen: "SubscriptionsListenResult", MCPMethod.createMessage: "CreateMessageResult",
        MCPMethod.elicit: "ElicitResult", MCPMethod.listRoots: "ListRootsResult",
    ]
}
