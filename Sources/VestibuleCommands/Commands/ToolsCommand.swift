internal import ArgumentParser
internal import VestibuleClient
internal import VestibuleProtocol

struct ToolsCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "tools", abstract: "List the tools of an MCP server.",
        discussion: """
            Example: vestibule tools http://127.0.0.1:8080/mcp

            With a token, those that its principal may call. Where the server asks for a token and none is given, you \
            are asked to sign in; what you signed in with is kept in the data directory.
            """)

    @OptionGroup var options: ClientOptions

    func run(in context: CommandContext) async throws {
        try await options.withClient(in: context) { client in
            if client.tokens == nil { try await client.initialize() } else { try await client.connectWithToken() }
            let tools = try await client.listTools()
            if options.json {
                context.output.line(JSONValue.array(tools.map(\.json)).description)
                return
            }
            let rows = tools.map { [$0.name, $0.arguments, $0.summary] }
            let table = TextTable.text(headings: ["TOOL", "ARGUMENTS", "WHAT IT DOES"], rows: rows)
            let columns = table.split(separator: "\n").map(\.count).max() ?? 0
            guard let width = context.output.width, columns > width else { return context.output.write(table) }
            // A table that the terminal would break is no table: one tool below the other instead.
            for row in rows {
                for (index, cell) in row.enumerated() where !cell.isEmpty {
                    context.output.line(String(repeating: " ", count: 4 * min(index, 1)) + cell.onOneLine)
                }
            }
        }
    }
}

extension MCPClient {
    /// Opens the session and insists on the token: without it, the list would silently be another one.
    func connectWithToken() async throws {
        try await initialize()
        do {
            _ = try await tokens?.currentToken()
        } catch let error as MCPClientError where error.code == .signInRequired {
            // Nobody has signed in, and the server need not ask: then the list is for everybody.
        }
    }
}

extension Tool {
    fileprivate var summary: String {
        let text = description ?? title ?? ""
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        guard let end = line.range(of: ". ") else { return line }
        return String(line[..<end])
    }

    /// The arguments' names, optional ones in brackets.
    fileprivate var arguments: String {
        let required = inputSchema["required"]?.array?.compactMap(\.string) ?? []
        return
            argumentNames.map { name in
                required.contains { $0.hasSameBytes(as: name) } ? name : "[\(name)]"
            }
            .joined(separator: " ")
    }
}

extension String {
    /// Where a short text first stands in this one.
    fileprivate func range(of text: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index }
            index = self.index(after: index)
        }
        return nil
    }
}
