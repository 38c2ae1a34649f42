import Foundation
import Testing
import VestibuleClient
import VestibuleProtocol
import VestibuleTesting

/// A client, a server and a clock of their own for each test.
struct Bench {
    static let url = "http://server.test/mcp"
    let clock: FakeClock
    let server: ScriptedServer
    let client: MCPClient

    /// - Parameter era: Most tests are about sessions.
    init(
        _ source: (any TokenSource)? = nil, configuration: MCPClientConfiguration = MCPClientConfiguration(),
        era: MCPClientConfiguration.Era = .legacy,
        tokenConfiguration: TokenManagerConfiguration = TokenManagerConfiguration(), clock: FakeClock = FakeClock()
    ) {
        var configuration = configuration
        configuration.era = era
        self.clock = clock
        self.server = ScriptedServer(clock: clock)
        if let source {
            self.client = MCPClient(
                url: Self.url, token: source, configuration: configuration, tokenConfiguration: tokenConfiguration,
                transport: server, clock: clock)
        } else {
            self.client = MCPClient(url: Self.url, transport: server, configuration: configuration, clock: clock)
        }
    }

    var methods: [String] { server.received.map { $0.method.isEmpty ? $0.httpMethod : $0.method } }
    func calls() -> [ScriptedServer.Received] { server.received.filter { $0.method == "tools/call" } }
}

/// The error of this type that the body throws.
func failure(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
) async throws -> MCPClientError {
    do {
        _ = try await body()
    } catch let error as MCPClientError {
        return error
    }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    throw CancellationError()
}

extension FakeClock {
    /// A token that was issued so many seconds ago.
    func token(_ keyID: String? = "k1", age: Double = 0, lifetime: Duration? = .seconds(300)) -> String {
        SampleTokens.token(keyID: keyID, issuedAt: NumericDate(now().seconds - age), lifetime: lifetime)
    }
}

/// What a token says its key is.
func keyID(of token: String?) -> String? {
    token.flatMap { try? CompactToken($0) }?.keyID
}

/// A directory of its own that is gone afterwards.
func withTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
