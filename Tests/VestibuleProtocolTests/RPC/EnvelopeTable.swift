import Testing
import VestibuleProtocol

/// Messages with what the scan must make of them.
enum EnvelopeTable {
    struct Good: Sendable, CustomTestStringConvertible {
        var body: String
        var kind: Envelope.Kind
        var method: String
        var name: String?
        var uri: String?
        var params: String?
        var arguments: String?
        var meta: String?
        var claimedVersion: String?
        var testDescription: String { String(body.prefix(100)) }

        init(
            _ body: String, _ kind: Envelope.Kind, _ method: String = "", name: String? = nil, uri: String? = nil,
            params: String? = nil, arguments: String? = nil, meta: String? = nil, claimedVersion: String? = nil
        ) {
            self.body = body
            self.kind = kind
            self.method = method
            self.name = name
            self.uri = uri
            self.params = params
            self.arguments = arguments
            self.meta = meta
            self.claimedVersion = claimedVersion
        }
    }

    static let good: [Good] = [
        Good(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, .request(.integer(1)), "ping"),
        Good(#"{"method":"ping","id":1,"jsonrpc":"2.0"}"#, .request(.integer(1)), "ping"),
        Good(" \t\r\n{ \"jsonrpc\" : \"2.0\" , \"id\" : 0 , \"method\" : \"a\" } \n", .request(.integer(0)), "a"),
        Good(#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#, .request(.string("a")), "ping"),
        Good(#"{"jsonrpc":"2.0","id":"","method":"ping"}"#, .request(.string("")), "ping"),
        Good(#"{"jsonrpc":"2.0","id":"\u00e9\ud83d\ude00","method":"ping"}"#, .request(.string("é😀")), "ping"),
        Good(#"{"jsonrpc":"2.0","id":-7,"method":"ping"}"#, .request(.integer(-7)), "ping"),
        Good(
            #"{"jsonrpc":"2.0","id":9223372036854775807,"method":"ping"}"#, .request(.integer(.max)), "ping"),
        Good(
            #"{"jsonrpc":"2.0","id":-9223372036854775808,"method":"ping"}"#, .request(.integer(.min)), "ping"),
        Good(
            "{\"jsonrpc\":\"2.0\",\"id\":\"\(String(repeating: "i", count: 256))\",\"method\":\"ping\"}",
            .request(.string(String(repeating: "i", count: 256))), "ping"),
        Good(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(String(repeating: "m", count: 256))\"}",
            .request(.integer(1)), String(repeating: "m", count: 256)),
        Good(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, .notification, "notifications/initialized"),
        Good(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":0.5}}"#,
            .notification, "notifications/progress", params: #"{"progressToken":1,"progress":0.5}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":[1,{"b":2}]}}}"#,
            .request(.integer(1)), "tools/call", name: "t", params: #"{"name":"t","arguments":{"a":[1,{"b":2}]}}"#,
            arguments: #"{"a":[1,{"b":2}]}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"name":"x","uri":"y"}}}"#,
            .request(.integer(1)), "tools/call", params: #"{"arguments":{"name":"x","uri":"y"}}"#,
            arguments: #"{"name":"x","uri":"y"}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:\/\/\/a%20b"}}"#,
            .request(.integer(1)), "resources/read", uri: "file:///a%20b", params: #"{"uri":"file:\/\/\/a%20b"}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":5,"uri":null,"arguments":null,"_meta":null}}"#,
            .request(.integer(1)), "m", params: #"{"name":5,"uri":null,"arguments":null,"_meta":null}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"arguments":[1]}}"#, .request(.integer(1)), "m",
            params: #"{"arguments":[1]}"#, arguments: "[1]"),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{}}"#, .request(.integer(1)), "m", params: "{}"),
        Good(
            #"{"jsonrpc":"2.0","id":1,"me\u0074hod":"pi\u006eg"}"#, .request(.integer(1)), "ping"),
        Good(
            #"{"\u006asonrpc":"2\u002e0","\u0069d":2,"method":"m","p\u0061rams":{"n\u0061me":"t\u006Fol"}}"#,
            .request(.integer(2)), "m", name: "tool", params: #"{"n\u0061me":"t\u006Fol"}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":"p"}}}"#, .request(.integer(1)),
            "m", params: #"{"_meta":{"progressToken":"p"}}"#, meta: #"{"progressToken":"p"}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":"#
                + #"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
            .request(.integer(1)), "server/discover",
            params: #"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#,
            meta: #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#, claimedVersion: "2026-07-28"),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"io.modelcontextprotocol\/protocolVersion":"v"}}}"#,
            .request(.integer(1)), "m", params: #"{"_meta":{"io.modelcontextprotocol\/protocolVersion":"v"}}"#,
            meta: #"{"io.modelcontextprotocol\/protocolVersion":"v"}"#, claimedVersion: "v"),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","extra":[{"method":"x"},{"method":"y"}],"more":{"id":9}}"#,
            .request(.integer(1)), "m"),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":{"k":1,"k":2}}}"#, .request(.integer(1)), "m",
            params: #"{"a":{"k":1,"k":2}}"#),
        Good(
            #"{"jsonrpc":"2.0","id":1,"method":"m","Method":"x","methoD":"y"}"#, .request(.integer(1)), "m"),
        Good(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"\u{E9}\":1,\"e\u{301}\":2}", .request(.integer(1)), "m"),
        Good(#"{"jsonrpc":"2.0","id":1,"result":{}}"#, .response(.integer(1))),
        Good(#"{"jsonrpc":"2.0","id":"x","result":{"a":1}}"#, .response(.string("x"))),
        Good(#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}"#, .response(.integer(1))),
    ]

    struct Bad: Sendable, CustomTestStringConvertible {
        var body: String
        var code: EnvelopeError.Code
        var offset: Int
        var id: RequestID?
        var testDescription: String { String(body.prefix(100)) }

        init(_ body: String, _ code: EnvelopeError.Code, at offset: Int, id: RequestID? = nil) {
            self.body = body
            self.code = code
            self.offset = offset
            self.id = id
        }
    }

    static let bad: [Bad] = [
        Bad("", .notJSON, at: 0),
        Bad(" \n ", .notJSON, at: 3),
        Bad("hello", .notJSON, at: 0),
        Bad("{", .notJSON, at: 1),
        Bad("\u{FEFF}{}", .notJSON, at: 0),
        Bad("{'jsonrpc':'2.0'}", .notJSON, at: 1),
        Bad(#"{"jsonrpc":"2.0","method":"ping""#, .notJSON, at: 32),
        Bad(#"{"jsonrpc":"2.0","method":"ping",}"#, .notJSON, at: 33),
        Bad(#"{"jsonrpc":"2.0","id":7,"method":"ping"}}"#, .notJSON, at: 40, id: .integer(7)),
        Bad(#"{"jsonrpc":"2.0","id":7,"method":"ping"} {}"#, .notJSON, at: 41, id: .integer(7)),
        Bad(#"{"jsonrpc":"2.0","id":7,"method":nope}"#, .notJSON, at: 34, id: .integer(7)),
        Bad(#"{"jsonrpc":"2.0","id":7,"params":{"a":}"#, .notJSON, at: 38, id: .integer(7)),
        Bad(#"{"jsonrpc":"2.0","params":{"a":},"id":7}"#, .notJSON, at: 31),
        Bad(#"{"jsonrpc":"2.0","id":01,"method":"ping"}"#, .notJSON, at: 23),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, .notJSON, at: 34, id: .integer(1)),
        Bad("[", .notJSON, at: 1),
        Bad(#"{"method":1,"id":3,"#, .notJSON, at: 19, id: .integer(3)),
        Bad("[]", .batch, at: 0),
        Bad(#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, .batch, at: 1),
        Bad("null", .notAnObject, at: 0),
        Bad("true", .notAnObject, at: 0),
        Bad(" 42", .notAnObject, at: 1),
        Bad(#""ping""#, .notAnObject, at: 0),
        Bad("{}", .version, at: 0),
        Bad(#"{"id":1,"method":"ping"}"#, .version, at: 0, id: .integer(1)),
        Bad(#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, .version, at: 11, id: .integer(1)),
        Bad(#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, .version, at: 11, id: .integer(1)),
        Bad(#"{"jsonrpc":null,"id":"x","method":"ping"}"#, .version, at: 11, id: .string("x")),
        Bad(#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"a"}"#, .duplicateMember, at: 17, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#, .duplicateMember, at: 37, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","me\u0074hod":"b"}"#, .duplicateMember, at: 37, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","id":1}"#, .duplicateMember, at: 37),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","id":2,"id":3}"#, .duplicateMember, at: 37),
        Bad(
            #"{"jsonrpc":"2.0","id":1,"method":"a","params":{},"params":{}}"#, .duplicateMember, at: 49, id: .integer(1)
        ),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","x":1,"x":1}"#, .duplicateMember, at: 43, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","x":1,"\u0078":1}"#, .duplicateMember, at: 43, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"result":{},"result":{}}"#, .duplicateMember, at: 36),
        Bad(#"{"jsonrpc":"2.0","id":1,"error":{},"error":{}}"#, .duplicateMember, at: 35),
        Bad(
            #"{"jsonrpc":"2.0","method":"a","params":{"name":"x","name":"y"},"id":1}"#, .duplicateMember, at: 51,
            id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"name":1,"name":"y"}}"#, .duplicateMember, at: 49),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"uri":"x","uri":"y"}}"#, .duplicateMember, at: 50),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"arguments":{},"arguments":{}}}"#, .duplicateMember, at: 55),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"arguments":null,"arguments":{}}}"#, .duplicateMember, at: 57),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"_meta":{},"_meta":{}}}"#, .duplicateMember, at: 51),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"cursor":1,"cursor":1}}"#, .duplicateMember, at: 51),
        Bad(#"{"jsonrpc":"2.0","method":"a","params":{"_meta":{"k":1,"k":1}}}"#, .duplicateMember, at: 55),
        Bad(#"{"jsonrpc":"2.0","id":1}"#, .method, at: 0, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":""}"#, .method, at: 33, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":null}"#, .method, at: 33, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","method":5,"id":1}"#, .method, at: 26, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":["ping"]}"#, .method, at: 33, id: .integer(1)),
        Bad(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(String(repeating: "m", count: 257))\"}", .method, at: 33,
            id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":1e2,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#, .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":-9223372036854775809,"method":"ping"}"#, .id, at: 22),
        Bad(
            "{\"jsonrpc\":\"2.0\",\"id\":\"\(String(repeating: "i", count: 257))\",\"method\":\"ping\"}", .id, at: 22),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, .params, at: 49, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","method":"ping","params":null,"id":1}"#, .params, at: 42, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, .params, at: 49, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":[]}}"#, .meta, at: 55, id: .integer(1)),
        Bad(
            #"{"jsonrpc":"2.0","id":1,"method":"a","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}"#,
            .meta, at: 98, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, .response, at: 44),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","result":{}}"#, .response, at: 46, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"method":"a","error":{}}"#, .response, at: 45, id: .integer(1)),
        Bad(#"{"jsonrpc":"2.0","id":1,"result":5}"#, .response, at: 33),
        Bad(#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, .response, at: 32),
        Bad(#"{"jsonrpc":"2.0","result":{}}"#, .id, at: 0),
        Bad(#"{"jsonrpc":"2.0","id":null,"error":{}}"#, .id, at: 22),
    ]
}
