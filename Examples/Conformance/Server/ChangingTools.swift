import VestibuleServer

/// Tools that change what the server offers, for those who listen.
func addChangingTools(to server: MCPServer) throws {
    try server.tool("test_trigger_tool_change", "Changes the list of tools") { [weak server] context in
        guard let server else { return "Too late" }
        if !server.removeTool("test_dynamic_tool") {
            try server.tool("test_dynamic_tool", "Comes and goes") { context in "Here" }
        }
        return "The list of tools has changed"
    }
    try server.tool("test_trigger_prompt_change", "Changes the list of prompts") { [weak server] context in
        guard let server else { return "Too late" }
        if !server.removePrompt("test_dynamic_prompt") {
            server.prompt("test_dynamic_prompt", "Comes and goes") { context in "Here" }
        }
        return "The list of prompts has changed"
    }
    try server.tool("test_trigger_resource_change", "Changes the list of resources") { [weak server] context in
        guard let server else { return "Too late" }
        if !server.removeResource("test://dynamic") {
            server.resource("test://dynamic", name: "Dynamic", "Comes and goes") { context in "Here" }
        }
        return "The list of resources has changed"
    }
    try server.tool("test_update_resource", "Says that the watched resource has changed") { [weak server] context in
        server?.resourceUpdated("test://watched-resource")
        return "Whoever watches it has been told"
    }
}
