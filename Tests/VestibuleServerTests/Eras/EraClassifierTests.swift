import Testing
import VestibuleProtocol

@testable import VestibuleServer

@Suite("Which era a message is of")
struct EraClassifierTests {
    /// What a verdict comes to, for a table.
    enum Expected: Sendable, Equatable {
        case legacy, modern, passedOver
        case code(Int)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var method = "tools/list"
        var meta: String?
        var kind = #""id":1"#
        var header: SingleField
        var expected: Expected

        var testDescription: String { what }
    }

    static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#
    static let capabilities = #""io.modelcontextprotocol/clientCapabilities":{}"#
    static let complete = "\(version),\(capabilities)"
    static let header = SingleField.value("2026-07-28")

    static let rows: [Row] = [
        // No claim.
        Row(what: "nothing says modern", header: .absent, expected: .legacy),
        Row(what: "a legacy header", header: .value("2025-06-18"), expected: .legacy),
        Row(what: "initialize without a header", method: "initialize", header: .absent, expected: .legacy),
        Row(
            what: "initialize with a legacy header", method: "initialize", header: .value("2025-11-25"),
            expected: .legacy),
        Row(
            what: "initialize with a header that names nothing", method: "initialize", header: .value("1999-01-01"),
            expected: .legacy),
        Row(what: "initialize with a modern header", method: "initialize", header: header, expected: .code(-32020)),
        Row(what: "a modern header alone", header: header, expected: .code(-32602)),
        Row(
            what: "a modern header and a _meta without the claim", meta: capabilities, header: header,
            expected: .code(-32602)),
        Row(what: "a modern header of a revision to come", header: .value("2027-01-01"), expected: .code(-32022)),
        Row(what: "a header that names no revision", header: .value("1999-01-01"), expected: .code(-32022)),
        Row(what: "a header that is no date", header: .value("zzz"), expected: .code(-32022)),
        Row(what: "an empty header", header: .value(""), expected: .code(-32022)),
        Row(what: "two headers", header: .repeated, expected: .code(-32020)),
        Row(
            what: "a notification with a modern header alone", method: "notifications/cancelled", kind: "",
            header: header, expected: .passedOver),
        Row(what: "a _meta of other things", meta: #""progressToken":1"#, header: .absent, expected: .legacy),
        // A claim.
        Row(what: "claim and header agree", meta: complete, header: header, expected: .modern),
        Row(what: "initialize with a claim", method: "initialize", meta: complete, header: header, expected: .modern),
        Row(what: "ping with a claim", method: "ping", meta: complete, header: header, expected: .modern),
        Row(what: "a claim without capabilities", meta: version, header: header, expected: .code(-32602)),
        Row(
            what: "a claim without capabilities and without a header: what _meta lacks comes first", meta: version,
            header: .absent, expected: .code(-32602)),
        Row(what: "a claim without a header", meta: complete, header: .absent, expected: .code(-32020)),
        Row(
            what: "a claim with a legacy header", meta: complete, header: .value("2025-11-25"), expected: .code(-32020)),
        Row(
            what: "a claim with another modern header", meta: complete, header: .value("2027-01-01"),
            expected: .code(-32020)),
        Row(what: "a claim with two headers", meta: complete, header: .repeated, expected: .code(-32020)),
        Row(
            what: "claim and header agree on a revision that is not spoken",
            meta: #""io.modelcontextprotocol/protocolVersion":"2027-01-01",\#(capabilities)"#,
            header: .value("2027-01-01"), expected: .code(-32022)),
        Row(
            what: "claim and header agree on a legacy revision",
            meta: #""io.modelcontextprotocol/protocolVersion":"2025-11-25",\#(capabilities)"#,
            header: .value("2025-11-25"), expected: .code(-32022)),
        Row(
            what: "an unknown log level", meta: #"\#(complete),"io.modelcontextprotocol/logLevel":"loud""#,
            header: header, expected: .code(-32602)),
        Row(
            what: "a log level that is no string", meta: #"\#(complete),"io.modelcontextprotocol/logLevel":3"#,
            header: header, expected: .code(-32602)),
        Row(
            what: "a log level", meta: #"\#(complete),"io.modelcontextprotocol/logLevel":"warning""#, header: header,
            expected: .modern),
        Row(
            what: "a client that names itself",
            meta: #"\#(complete),"io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"}"#, header: header,
            expected: .modern),
        Row(
            what: "a notification with a claim needs no header", method: "notifications/cancelled", meta: complete,
            kind: "", header: .absent, expected: .modern),
    ]

    /// requirement: A-04, A-05, A-06, A-13, A-42, A-51, A-52, A-53, A-56, A-57, A-60, B-65, B-68, B-90, B-108, D-24
    @Test("every row of the table", arguments: rows)
    func table(_ row: Row) throws {
        let params = row.meta.map { #","params":{"_meta":{\#($0)}}"# } ?? ""
        let id = row.kind.isEmpty ? "" : "\(row.kind),"
        let envelope = try Envelope.scan(
            Array(#"{"jsonrpc":"2.0",\#(id)"method":"\#(row.method)"\#(params)}"#.utf8))
        let verdict: Expected =
            switch EraClassifier.verdict(of: envelope, header: row.header) {
            case .legacy: .legacy
            case .modern: .modern
            case .passedOver: .passedOver
            case .malformed(let error, let status): status == 400 ? .code(error.code.rawValue) : .code(status)
            }
        #expect(verdict == row.expected)
    }

    /// requirement: A-04, G-01
    @Test(
        "a _meta whose members are of the wrong kind is -32602, whatever else",
        arguments: [
            #"5"#, #"[]"#, #"{"io.modelcontextprotocol/protocolVersion":5}"#,
            #"{"io.modelcontextprotocol/protocolVersion":null}"#,
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}"#,
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":null}"#,
            #"{"io.modelcontextprotocol/clientInfo":"x"}"#, #"{"io.modelcontextprotocol/clientInfo":{"name":"x"}}"#,
        ])
    func wrongKinds(_ meta: String) throws {
        let body = Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":\#(meta)}}"#.utf8)
        let error = #expect(throws: EnvelopeError.self) { try Envelope.scan(body) }
        #expect(error?.rpcCode == .invalidParams)
        #expect(error?.requestID == .integer(1))
    }

    @Test("what is refused says why in one line, and -32022 what is spoken here")
    func lines() throws {
        let error = EraClassifier.unsupported("2031-01-01\n<script>")
        #expect(error.data?["supported"] == ["2026-07-28"])
        #expect(!error.message.contains("\n"))
        #expect(error.message.contains("2025-11-25"))
    }
}
