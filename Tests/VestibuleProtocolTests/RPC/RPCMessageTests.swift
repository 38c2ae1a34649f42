import Testing
import VestibuleProtocol

@Suite("JSON-RPC messages")
struct RPCMessageTests {
    /// requirement: G-05, G-10
    @Test(
        "messages are written and read back",
        arguments: [
            (.request(id: .integer(1), method: "m", params: nil), #"{"jsonrpc":"2.0","id":1,"method":"m"}"#),
            (
                .request(id: .string("é"), method: "m", params: ["a": 1]),
                #"{"jsonrpc":"2.0","id":"é","method":"m","params":{"a":1}}"#
            ),
            (.notification(method: "n", params: [:]), #"{"jsonrpc":"2.0","method":"n","params":{}}"#),
            (.result(id: .integer(-1), ["a": nil]), #"{"jsonrpc":"2.0","id":-1,"result":{"a":null}}"#),
            (
                .error(id: .integer(1), RPCError(401, "no", data: ["reason": "x"])),
                #"{"jsonrpc":"2.0","id":1,"error":{"code":401,"message":"no","data":{"reason":"x"}}}"#
            ),
            (
                .error(id: nil, RPCError(.parseError, "not JSON")),
                #"{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON"}}"#
            ),
        ] as [(RPCMessage, String)])
    func roundTrip(_ message: RPCMessage, _ text: String) throws {
        #expect(message.json.description == text)
        #expect(RPCMessage(json: try JSONValue(parsing: text)) == message)
    }

    /// requirement: G-10
    @Test("an error with a null id answers a request that could not be read")
    func nullID() throws {
        let value = try JSONValue(parsing: #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"bad"}}"#)
        #expect(RPCMessage(json: value) == .error(id: nil, RPCError(.invalidRequest, "bad")))
    }

    /// requirement: G-01, G-05
    @Test(
        "what is no message is none",
        arguments: [
            "1", "[]", "{}", #"{"method":"m"}"#, #"{"jsonrpc":"1.0","method":"m"}"#, #"{"jsonrpc":"2.0"}"#,
            #"{"jsonrpc":"2.0","method":5}"#, #"{"jsonrpc":"2.0","method":""}"#,
            #"{"jsonrpc":"2.0","method":"m","id":null}"#, #"{"jsonrpc":"2.0","method":"m","id":1.5}"#,
            #"{"jsonrpc":"2.0","method":"m","params":[]}"#, #"{"jsonrpc":"2.0","method":"m","method":"m"}"#,
            #"{"jsonrpc":"2.0","method":5,"id":1,"result":{}}"#, #"{"jsonrpc":"2.0","method":"m","id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","result":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}"#, #"{"jsonrpc":"2.0","id":1,"error":{}}"#,
            #"{"jsonrpc":"2.0","id":[],"error":{"code":1,"message":""}}"#,
        ])
    func noMessage(_ text: String) throws {
        #expect(RPCMessage(json: try JSONValue(parsing: text)) == nil)
    }

    /// requirement: G-04
    @Test("ids are equal by kind and bytes")
    func ids() {
        #expect(RequestID.integer(1) != .string("1"))
        #expect(RequestID.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set<RequestID>([.integer(1), .string("1"), .integer(1)]).count == 2)
        #expect(RequestID.string("a\"").description == #""a\"""#)
        #expect(RequestID(true) == nil)
    }
}
