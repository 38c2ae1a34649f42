import Testing
import VestibuleProtocol

@Suite("Envelope scan")
struct EnvelopeTests {
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
