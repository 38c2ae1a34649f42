internal import ArgumentParser
internal import VestibuleAuth
internal import VestibuleClient
internal import VestibuleProtocol

struct CallCommand: VestibuleCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call a tool of an MCP server and print what it answers.",
        discussion: """
            Example: vestibule call http://127.0.0.1:8080/mcp bucket_objects_list --arg bucket=demo-bucket \
            --token-file ada.token

            Where the server asks for a token and none is given, you are asked to sign in: a browser opens, or its URL \
            is printed on standard error. What you signed in with is kept in the data directory (credentials.json, for \
            your eyes alone), used again and refreshed.

            On a terminal, JSON in the answer is laid out to be read; in a pipe it stays as it came. Exit code 1 where \
            the server or the tool says no, with the reason on standard error.
            """)

    @OptionGroup var options: ClientOptions
    @Argument(help: "The tool's name.") var tool: String
    @Option(
        help: ArgumentHelp(
            "An argument, read as the type that the tool's schema asks for; may be repeated.", valueName: "name=value"))
    var arg: [String] = []
    @Option(help: ArgumentHelp("All arguments, as a JSON object.", valueName: "json")) var arguments: String?

    func run(in context: CommandContext) async throws {
        let given = try jsonArguments()
        try await options.withClient(in: context) { client in
            var arguments = given
            if !arg.isEmpty {
                let schema = try await client.listTools().first { $0.name.hasSameBytes(as: tool) }?.inputSchema
                for text in arg {
                    let (name, value) = try ToolArgument.parse(text, schema: schema)
                    arguments[name] = value
                }
            }
            let result = try await client.callTool(tool, arguments: arguments)
            if options.json {
                context.output.line(result.json.description)
            } else if !result.isError {
                for block in result.content { context.output.line(block.text(columns: context.output.width)) }
            }
            if result.isError { throw CommandFailure.refused(result.failureLine) }
        }
    }

    private func jsonArguments() throws -> JSONObject {
        guard let arguments else { return JSONObject() }
        do {
            let parser = JSONParser(limits: JSONLimits(duplicates: .refuse))
            if let object = try parser.parse(arguments).object { return object }
            throw CommandFailure.couldNotRun(
                "--arguments: expected a JSON object, such as '{\"bucket\": \"demo-bucket\"}'")
        } catch let error as JSONError {
            throw CommandFailure.couldNotRun("--arguments: not JSON: \(error)")
        }
    }
}

/// `--arg NAME=VALUE`, read as the tool's schema asks for.
enum ToolArgument {
    static func parse(_ text: String, schema: JSONObject?) throws(CommandFailure) -> (name: String, value: JSONValue) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .couldNotRun("--arg \(text.quoted): expected NAME=VALUE, such as --arg bucket=demo-bucket")
        }
        let name = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        let types = expectedTypes(of: name, in: schema)
        if types.isEmpty || types.contains("string") { return (name, .string(value)) }
        let problem =
            "--arg \(name): expected \(types.joined(separator: " or ")), found \(value.quoted); write it as JSON"
        guard let json = try? JSONParser().parse(value) else { throw .couldNotRun(problem) }
        let kind = json.kind == "number" && types == ["integer"] && json.integer != nil ? "integer" : json.kind
        guard types.contains(kind) || kind == "number" && json.integer != nil && types.contains("integer") else {
            throw .couldNotRun(problem)
        }
        return (name, json)
    }

    private static func expectedTypes(of name: String, in schema: JSONObject?) -> [String] {
        guard let property = schema?["properties"]?[name] else { return [] }
        switch property["type"] {
        case .string(let type)?: return [type]
        case .array(let types)?: return types.compactMap(\.string)
        default:
            let branches = (property["anyOf"] ?? property["oneOf"])?.array ?? []
            return branches.compactMap { $0["type"]?.string }
        }
    }
}

extension ContentBlock {
    /// - Parameter columns: Those of the terminal, or `nil` where a program reads, which gets the text as it came.
    fileprivate func text(columns: Int?) -> String {
        guard let columns else { return line }
        guard let json = try? JSONParser().parse(line), json.object != nil || json.array != nil else {
            return line.withoutControls
        }
        return PrettyJSON.text(of: json, width: columns).withoutControls
    }

    /// The block as text: text as it is, anything else by its kind.
    private var line: String {
        switch kind {
        case .text(let text): text
        case .image(let data, let type): "(image, \(type), \(data.utf8.count * 3 / 4) bytes; --json prints it)"
        case .audio(let data, let type): "(audio, \(type), \(data.utf8.count * 3 / 4) bytes; --json prints it)"
        case .resource(let contents): contents.text ?? contents.uri
        case .resourceLink(let resource): resource.uri
        case .toolUse, .toolResult: json.description
        case .other(let value): value.description
        }
    }
}

extension ToolResult {
    /// Why the tool failed, in one line with its reason and remedy.
    fileprivate var failureLine: String {
        if let denial { return "\(denial); \(denial.remedy.advice)" }
        let text = content.lazy.compactMap(\.text).first ?? "the tool failed and did not say why"
        return "the tool failed: \(text.split(separator: "\n").joined(separator: " "))"
    }
}
