import Logging
import Testing
import VestibuleAuth
import VestibuleHTTP
import VestibuleProtocol
import VestibuleServer

@testable import VestibuleCommands

/// What a server says is shown, but does not reach the terminal as a command to it.
@Suite("Text of a server at the terminal")
struct ForeignTextTests {
    private static let evil = "a\u{1B}[2J\u{9B}31m\u{202E}b\rvestibule: forged"

    /// A server whose only tool fails, or is described, in words that would steer a terminal.
    private func withServer(_ body: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let fails = ServedTool(Tool(name: "fails", description: Self.evil, inputSchema: ["type": "object"])) { _, _ in
            throw ToolError(Self.evil)
        }
        let endpoint = MCPEndpoint(
            configuration: EndpointConfiguration(
                serverInfo: Implementation(name: "evil", version: "1"), resource: "http://127.0.0.1/mcp",
                allowsLoopbackOrigins: true),
            gate: Gate(policy: AccessPolicy(publicTools: ["*"])),
            verifier: TokenVerifier(issuers: [], clock: SystemClock()), tools: [fails])
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, listening) = AsyncStream<Int>.makeStream()
        var http = HTTPServerConfiguration()
        http.port = 0
        let server = VestibuleHTTPServer(
            endpoint: endpoint, configuration: http, logger: logger, onListening: { listening.yield($0) })
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await server.run()
                listening.finish()
            }
            if let port = await ports.first(where: { _ in true }) { await body("http://127.0.0.1:\(port)/mcp") }
            group.cancelAll()
        }
    }

    @Test("the reason of a failure is one line without control characters")
    func failure() async throws {
        try await withServer { url in
            let run = await vestibule("call", url, "fails")
            #expect(run.status == .refused, "\(run.talk)")
            #expect(run.talk.contains("the tool failed: a"))
            #expect(run.talk.unicodeScalars.count { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) } == 1)
            #expect(!run.talk.contains("\u{202E}"))
        }
    }

    @Test("a table of tools holds no control characters")
    func table() async throws {
        try await withServer { url in
            let run = await vestibule("tools", url)
            #expect(run.status == .success, "\(run.talk)")
            #expect(run.output.contains("fails"))
            #expect(!run.output.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B || $0.value == 0x0D })
        }
    }
}
