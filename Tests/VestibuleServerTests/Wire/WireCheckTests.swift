import Testing
import VestibuleProtocol

@testable import VestibuleTesting

@Suite("Messages are held against the schemas")
struct WireCheckTests {
    @Test(
        "nothing is checked where the schemas are not at hand: put them into ../shared/spec",
        .enabled(if: WireCheck.isAvailable))
    func schemasAreAtHand() {
        for version in ProtocolVersion.supported { #expect(WireSchemas.shared.revision(version) != nil) }
    }

    @Test(
        "a message that does not fit is named", .enabled(if: WireCheck.isAvailable),
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, "2025-11-25", WireSide.client, nil, nil),
            (
                #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, "2026-07-28", .client, nil,
                "ListToolsRequest: params is required"
            ),
            (
                #"{"jsonrpc":"2.0","id":1,"method":"tools/lost"}"#, "2025-11-25", .client, nil,
                "a client sends no tools/lost"
            ),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "2026-07-28", .server, nil, "a server sends no ping"),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "2025-03-26", .server, nil, nil),
            (
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}"#, "2026-07-28", .client, nil,
                "params.requestId is required"
            ),
            (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2025-11-25", .server, "ping", nil),
            (
                #"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2026-07-28", .server, "tools/list",
                "result.resultType is required"
            ),
            (
                #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text"}]}}"#, "2025-11-25", .server,
                "tools/call", "content[0]"
            ),
            (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2025-11-25", .server, nil, "nothing was asked under that id"),
            (#"{"jsonrpc":"2.0","id":null,"result":{}}"#, "2025-11-25", .server, "ping", "id has to be of type"),
            (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "2026-07-28", .client, "ping", "result.resultType is required"),
            (#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}}"#, "2025-03-26", .server, nil, nil),
            (#"{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"m"}}"#, "2026-07-28", .server, nil, nil),
            (
                #"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m"}}"#, "2026-07-28", .server, nil,
                "UnsupportedProtocolVersionError"
            ),
            (
                #"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m"}}"#, "2025-11-25", .server, nil,
                "there is no error -32022"
            ),
            (
                #"{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"m"}}"#, "2025-11-25", .server, nil,
                "error.code has to be of type integer"
            ),
            (#"{"jsonrpc":"1.0","id":1,"result":{}}"#, "2025-11-25", .server, "ping", "`jsonrpc` has to be"),
            (#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"result":{}}"#, "2025-11-25", .server, "ping", "is there twice"),
            (#"[]"#, "2025-11-25", .server, nil, "a message is an object, not array"),
        ] as [(String, String, WireSide, String?, String?)])
    func problem(_ text: String, _ version: String, _ side: WireSide, _ answered: String?, _ line: String?) throws {
        let revision = try #require(WireSchemas.shared.revision(ProtocolVersion(rawValue: version)))
        // The parser refuses what a message may not have, which is for others to test.
        let message = try JSONParser(limits: JSONLimits(duplicates: .keep)).parse(text)
        let problem = revision.problem(of: message, from: side, answering: answered)
        #expect(line == nil ? problem == nil : problem?.contains(line ?? "") == true, "\(problem ?? "fits")")
    }

    @Test(
        "an issue is recorded, but not where a test has said that it is about that", .enabled(if: WireCheck.isAvailable)
    )
    func recorded() async {
        let body = Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/lost"}"#.utf8)
        withKnownIssue("the client sends what does not exist") {
            _ = WireCheck.request(body, judgesClient: true)
        }
        await WireCheck.exempting("a method that does not exist") {
            _ = WireCheck.request(body, judgesClient: true)
        }
        withKnownIssue("the server answers with what a list is not") {
            WireCheck.request(Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.utf8))
                .answer(
                    Array(#"data: {"jsonrpc":"2.0","id":1,"result":{}}"#.utf8) + [10, 10],
                    contentType: "text/event-stream")
        }
    }
}
