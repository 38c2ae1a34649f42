import Testing
import VestibuleProtocol

@Suite("Envelope scan")
struct EnvelopeTests {
    /// requirement: G-13
    @Test(
        "what is known of a message, wherever its members stand and however they are spelt",
        arguments: EnvelopeTable.good)
    func accepted(_ good: EnvelopeTable.Good) throws {
        let body = Array(good.body.utf8)
        let envelope = try Envelope.scan(body)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: body[$0], as: UTF8.self) } }
        #expect(envelope.kind == good.kind)
        #expect(envelope.method == good.method)
        #expect(envelope.name == good.name)
        #expect(envelope.uri == good.uri)
        #expect(text(envelope.params) == good.params)
        #expect(text(envelope.arguments) == good.arguments)
        #expect(text(envelope.meta) == good.meta)
        #expect(envelope.claimedVersion == good.claimedVersion)
    }

    /// requirement: G-01, G-04
    @Test(
        "a bad message is refused with what is wrong, where, and the id when it could be read",
        arguments: EnvelopeTable.bad)
    func refused(_ bad: EnvelopeTable.Bad) throws {
        let error = try #require(throws: EnvelopeError.self) { try Envelope.scan(Array(bad.body.utf8)) }
        #expect(error.code == bad.code, "\(error)")
        #expect(error.offset == bad.offset, "\(error)")
        #expect(error.requestID == bad.id, "\(error)")
        #expect(error.message.hasSuffix(" at byte \(bad.offset)"))
        #expect(!error.message.contains { $0.isNewline })
        let rpcCode: RPCError.Code =
            bad.code == .notJSON ? .parseError : bad.code == .meta ? .invalidParams : .invalidRequest
        #expect(error.rpcCode == rpcCode)
        #expect(error.rpcError == RPCError(rpcCode, error.message))
    }

    /// requirement: A-01, A-02, A-03, D-08
    @Test("what a modern request says of itself is found in the same pass")
    func modern() throws {
        let body = Array(
            (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"requestState":"s","cursor":"c","taskId":"t","#
                + #""inputResponses":{"a":1},"_meta":{"progressToken":7,"io.modelcontextprotocol/logLevel":"info","#
                + #""io.modelcontextprotocol/clientInfo":{"title":"x","name":"n","version":"1"},"#
                + #""io.modelcontextprotocol/clientCapabilities":{"roots":{}}}}}"#)
                .utf8)
        let envelope = try Envelope.scan(body)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: body[$0], as: UTF8.self) } }
        #expect(envelope.requestState == "s")
        #expect(envelope.taskID == "t")
        #expect(text(envelope.cursor) == #""c""#)
        #expect(text(envelope.inputResponses) == #"{"a":1}"#)
        #expect(envelope.progressToken == .integer(7))
        #expect(envelope.logLevel == "info")
        #expect(envelope.clientName == "n")
        #expect(text(envelope.clientInfo) == #"{"title":"x","name":"n","version":"1"}"#)
        #expect(text(envelope.clientCapabilities) == #"{"roots":{}}"#)
    }

    @Test("what is null or of another kind is none, or what nobody takes for one")
    func oddKinds() throws {
        let envelope = try Envelope.scan(
            Array(
                (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"requestState":5,"cursor":null,"taskId":5,"#
                    + #""inputResponses":null,"_meta":{"progressToken":1.5,"io.modelcontextprotocol/logLevel":null,"#
                    + #""io.modelcontextprotocol/clientInfo":null}}}"#)
                    .utf8))
        #expect(envelope.requestState?.isEmpty == true)
        #expect(envelope.logLevel?.isEmpty == true)
        #expect(envelope.cursor == nil && envelope.inputResponses == nil && envelope.taskID == nil)
        #expect(envelope.progressToken == nil && envelope.clientInfo == nil)
        for members in [
            #""requestState":"a","requestState":"b""#, #""cursor":"a","cursor":"b""#,
            #""_meta":{"progressToken":1,"progressToken":2}"#,
            #""_meta":{"io.modelcontextprotocol/clientInfo":{"name":"a","version":"1","name":"b"}}"#,
        ] {
            let body = #"{"jsonrpc":"2.0","id":1,"method":"m","params":{\#(members)}}"#
            let error = #expect(throws: EnvelopeError.self) { try Envelope.scan(Array(body.utf8)) }
            #expect(error?.code == .duplicateMember)
        }
    }

    @Test("the size is bounded, the bound included")
    func size() throws {
        let body = Array(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.utf8)
        #expect(try Envelope.scan(body, limits: JSONLimits(maximumSize: body.count)).method == "ping")
        let error = try #require(throws: EnvelopeError.self) {
            try Envelope.scan(body, limits: JSONLimits(maximumSize: body.count - 1))
        }
        #expect(error.code == .tooLarge)
        #expect(error.rpcCode == .invalidRequest)
        #expect(error.requestID == nil)
    }

    @Test("the depth is bounded, the bound included; 10,000 levels are refused like 129")
    func depth() throws {
        func body(levels: Int) -> [UInt8] {
            // The message and its params are two levels themselves.
            let arrays = levels - 2
            return Array(
                ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":"
                    + String(repeating: "[", count: arrays) + String(repeating: "]", count: arrays) + "}}")
                    .utf8)
        }
        #expect(try Envelope.scan(body(levels: 128)).method == "m")
        for levels in [129, 10_000] {
            let error = try #require(throws: EnvelopeError.self) { try Envelope.scan(body(levels: levels)) }
            #expect(error.code == .tooDeep)
            #expect(error.rpcCode == .invalidRequest)
            #expect(error.requestID == .integer(1))
        }
    }

    @Test("the length of a number is bounded, the bound included")
    func numberLength() throws {
        func body(digits: Int) -> [UInt8] {
            Array(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"x\":\(String(repeating: "9", count: digits))}".utf8)
        }
        #expect(try Envelope.scan(body(digits: 128)).method == "m")
        let error = try #require(throws: EnvelopeError.self) { try Envelope.scan(body(digits: 129)) }
        #expect(error.code == .numberTooLong)
    }

    @Test("a duplicate is found among many members, and its name cannot break the line")
    func manyMembers() throws {
        let members = (0..<50_000).map { "\"m\($0)\":0" }.joined(separator: ",")
        let head = #"{"jsonrpc":"2.0","id":1,"method":"m","#
        #expect(try Envelope.scan(Array((head + members + "}").utf8)).method == "m")
        let error = try #require(throws: EnvelopeError.self) {
            try Envelope.scan(Array((head + #""a\nb":0,"# + members + #","\u0061\u000Ab":0}"#).utf8))
        }
        #expect(error.code == .duplicateMember)
        #expect(error.reason == #"member "a\nb" occurs twice"#)
    }
}
