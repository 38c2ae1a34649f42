// A server with everything that MCP has, as the official conformance suite wants it, and on the public API only. Without
// authentication, on the loopback interface: for tests.
//
//     everything-server [PORT] [--stdio] [--page-size N]
//
// PORT is any free one by default, or what the environment's PORT says. Prints its URL.

import VestibuleHTTP
import VestibuleServer

let arguments = Array(CommandLine.arguments.dropFirst())
let pageSize = arguments.firstIndex(of: "--page-size").flatMap { arguments.dropFirst($0 + 1).first }.flatMap { Int($0) }
let port = arguments.first.flatMap { Int($0) } ?? environmentNumber("PORT") ?? 0

let server = MCPServer(
    info: Implementation(name: "everything-server", version: "1.0.0", title: "Everything"),
    instructions: "Call whatever there is.",
    configuration: MCPServerConfiguration(pageSize: pageSize ?? 200))
server.offerTasks(TaskConfiguration(lifetime: .seconds(600), pollInterval: .milliseconds(200)))
try addContentTools(to: server)
try addTellingTools(to: server)
try addAskingTools(to: server)
try addRoundTools(to: server)
try addTaskTools(to: server)
try addResources(to: server)
try addPrompts(to: server)
try addChangingTools(to: server)

if arguments.contains("--stdio") {
    try await server.run(.stdio)
} else {
    try await server.run(.http(port: port, onListening: announce))
}
