// A client that does what each scenario of the official conformance suite asks for, on the public API only.
//
//     everything-client URL
//
// The scenario is named by MCP_CONFORMANCE_SCENARIO, its data are in MCP_CONFORMANCE_CONTEXT (JSON), and the revision is
// that of MCP_CONFORMANCE_PROTOCOL_VERSION; without one, the client finds out which era the server speaks.

import Foundation
import VestibuleClient

let environment = ProcessInfo.processInfo.environment

guard let url = CommandLine.arguments.dropFirst().last else {
    fail("usage: everything-client URL, with the scenario's name in MCP_CONFORMANCE_SCENARIO")
}
let scenario = environment["MCP_CONFORMANCE_SCENARIO"] ?? "tools_call"
let context = environment["MCP_CONFORMANCE_CONTEXT"].flatMap { try? JSONValue(parsing: $0) } ?? [:]

var configuration = MCPClientConfiguration(
    clientInfo: Implementation(name: "everything-client", version: "1.0.0"), callTimeout: .seconds(20))
if let version = environment["MCP_CONFORMANCE_PROTOCOL_VERSION"] {
    let isLegacy = ProtocolVersion(rawValue: version).isLegacy
    configuration.era = isLegacy ? .legacy : .modern
    // An accepted session may be of any older revision.
    if !isLegacy { configuration.modernVersions = [ProtocolVersion(rawValue: version)] }
}
// Whoever is asked agrees; what is left out gets its default.
configuration.handlers.elicitForm = { _, schema in .accept(confirming(schema)) }

do {
    let client: MCPClient
    if scenario.hasPrefix("auth/") {
        client = MCPClient(
            url: url, token: try authorization(for: scenario, url: url, context: context), configuration: configuration)
        try await callTestTool(client)
    } else {
        client = MCPClient(url: url, configuration: configuration)
        try await play(scenario, client)
    }
    await client.close()
} catch {
    fail("\(scenario): \(error)")
}

/// What a person would confirm: every question of yes or no that has no default.
@Sendable func confirming(_ schema: ElicitationSchema) -> JSONObject {
    var content = JSONObject()
    for property in schema.properties {
        if case .boolean(nil) = property.field.kind { content[property.name] = true }
    }
    return content
}

func fail(_ line: String) -> Never {
    FileHandle.standardError.write(Data((line + "\n").utf8))
    exit(1)
}
