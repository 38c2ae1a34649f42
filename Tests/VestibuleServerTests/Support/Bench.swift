import VestibuleAuth
import VestibuleProtocol
import VestibuleTesting

@testable import VestibuleServer

/// An endpoint without authorization before a server that offers something of everything.
struct Bench: Sendable {
    let clock: FakeClock
    let server: MCPServer
    let entrance: Entrance

    init(
        tools: [ServedTool] = Entrance.tools, resources: [ServedResource] = Bench.resources,
        resourceTemplates: [ServedResourceTemplate] = Bench.templates, prompts: [ServedPrompt] = Bench.prompts,
        configuration: MCPServerConfiguration = MCPServerConfiguration(),
        policy: AccessPolicy = AccessPolicy(operation: .open)
    ) throws {
        clock = FakeClock(NumericDate(1_800_000_000))
        server = MCPServer(
            info: Implementation(name: "bench", version: "2"), instructions: "Mind the gap.", tools: tools,
            resources: resources, resourceTemplates: resourceTemplates, prompts: prompts, configuration: configuration,
            clock: clock)
        entrance = try Entrance(policy: policy, server: server, clock: clock)
    }

    static let resources = [
        ServedResource(Resource(uri: "test://a", name: "a", mimeType: "text/plain")) { _ in
            [.text("contents of a", uri: "test://a", mimeType: "text/plain")]
        },
        ServedResource(
            Resource(uri: "test://shared", name: "shared"), cache: CacheHint(ttl: .seconds(5), scope: .public)
        ) { _ in [.text("the same for all", uri: "test://shared")] },
        ServedResource(Resource(uri: "test://gone", name: "gone")) { _ in [] },
        ServedResource(Resource(uri: "test://broken", name: "broken")) { _ in throw ToolError("the disk is on fire") },
    ]

    static let templates = [
        ServedResourceTemplate(
            ResourceTemplate(uriTemplate: "test://items/{id}/data", name: "items"),
            completions: ["id": { value, _, _ in Completion(["1", "10", "2"].filter { $0.hasPrefix(value) }) }]
        ) { uri, variables, _ in
            guard let id = variables["id"], id != "0" else { return nil }
            return [.text("item \(id)", uri: uri)]
        }
    ]

    static let prompts = [
        ServedPrompt(
            Prompt(
                name: "greet", title: "Greeting",
                arguments: [PromptArgument("name", isRequired: true), PromptArgument("tone")]),
            completions: [
                "name": { value, others, _ in
                    Completion((0..<150).map { "\(value)\($0)\(others["tone"] ?? "")" })
                }
            ]
        ) { arguments, _ in
            GetPromptResult([.user("Greet \(arguments["name"] ?? "?") \(arguments["tone"] ?? "plainly")")])
        },
        ServedPrompt(Prompt(name: "plain")) { _, _ in GetPromptResult([.user("Hello.")]) },
    ]

    /// A request of the legacy era, on a session of that revision.
    func legacy(
        _ method: String, _ params: String = "", version: String = "2025-11-25", session: String? = nil
    ) async throws -> Reply {
        let id = if let session { session } else { try await entrance.open(version: version) }
        return await entrance.post(
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(params)}}"#, session: id)
    }
}
