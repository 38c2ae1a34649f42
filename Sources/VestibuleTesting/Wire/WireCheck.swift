internal import Synchronization
internal import VestibuleProtocol

#if canImport(Testing)
    internal import Testing
#endif

/// Holds every message that passes in a test against the schema of its revision, and records what does not fit as an
/// issue of that test.
///
/// ``InProcessTransport``, ``ScriptedServer`` and ``CheckedTransport`` do it by themselves. A test that sends by other
/// means says what passed: ``request(_:session:version:)``, then ``WireExchange/answer(_:contentType:session:)``. Where
/// the schemas are not at hand, nothing is checked (``isAvailable``).
public enum WireCheck {
    /// Why messages of this task need not fit, for tests that have one side send what it never should.
    @TaskLocal private static var exemption: String?

    /// Whether the schemas are at hand: in the folder that `VESTIBULE_MCP_SCHEMAS` names, or in `../shared/spec`.
    public static var isAvailable: Bool { WireSchemas.shared.isAvailable }

    /// Lets messages pass that do not fit.
    ///
    /// - Parameter reason: What this test is about.
    public static func exempting<Value>(
        _ reason: String, _ body: () async throws -> Value
    ) async rethrows -> Value {
        try await $exemption.withValue(reason, operation: body)
    }

    /// Notes the body of a client's request, whose answer is to come.
    ///
    /// - Parameters:
    ///   - session: The value of `Mcp-Session-Id`.
    ///   - version: The value of `MCP-Protocol-Version`.
    ///   - judgesClient: Whether the client is ours, and its messages are judged too.
    public static func request(
        _ body: [UInt8], session: String? = nil, version: String? = nil, judgesClient: Bool = false
    ) -> WireExchange {
        request(body, session: session, version: version, judgesClient: judgesClient, of: nil)
    }

    /// - Parameter server: The server that the sessions are of, where others give out the same ids.
    static func request(
        _ body: [UInt8], session: String?, version: String?, judgesClient: Bool, of server: Int?
    ) -> WireExchange {
        let exchange = WireExchange(body, session: session, header: version, server: server)
        if judgesClient { exchange.judgeClient() }
        return exchange
    }

    static func judge(
        _ message: JSONValue, from side: WireSide, _ version: ProtocolVersion, answering answered: String?
    ) {
        guard exemption == nil, let revision = WireSchemas.shared.revision(version),
            let problem = revision.problem(of: message, from: side, answering: answered)
        else { return }
        record("the \(side.rawValue) sent what does not fit: \(problem); it sent \(message.description)")
    }

    private static func record(_ line: String) {
        #if canImport(Testing)
            Issue.record("\(line.onOneLine(limit: 1_500))")
        #endif
    }

    // MARK: What is known of sessions

    struct Known: Sendable {
        var versions: [SessionKey: ProtocolVersion] = [:]
        /// The methods of the server's requests, by session and id.
        var questions: [Question: String] = [:]
    }

    struct Question: Hashable, Sendable {
        var session: SessionKey
        var id: RequestID
    }

    struct SessionKey: Hashable, Sendable {
        var server: Int?
        var id: ByteKey
    }

    /// A number for a server, which no other has.
    static func newServer() -> Int {
        servers.withLock { servers in
            servers += 1
            return servers
        }
    }

    private static let servers = Mutex(0)

    /// More sessions than any test has; with more, all are forgotten.
    private static let maximumSessions = 100_000
    private static let known = Mutex(Known())

    static func withKnown<Value>(_ body: (inout Known) -> Value) -> Value {
        known.withLock { known in
            if known.versions.count > maximumSessions || known.questions.count > maximumSessions { known = Known() }
            return body(&known)
        }
    }
}
