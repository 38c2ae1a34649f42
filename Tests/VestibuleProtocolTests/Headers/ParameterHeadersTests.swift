import Testing
import VestibuleProtocol

@Suite("Arguments in headers")
struct ParameterHeadersTests {
    private static let schema: JSONObject = [
        "type": "object",
        "properties": [
            "region": ["type": "string", "x-mcp-header": "Region"],
            "count": ["type": "integer", "x-mcp-header": "Count"],
            "dry": ["type": "boolean", "x-mcp-header": "Dry-Run"], "other": ["type": "string"],
            // A property of that name is no annotation.
            "x-mcp-header": ["type": "string"],
            "target": [
                "type": "object", "properties": ["zone": ["type": "string", "x-mcp-header": "Zone"]],
                "default": ["x-mcp-header": 5],
            ],
        ],
    ]

    /// requirement: C-32, C-33, C-34
    @Test(
        "arguments are mirrored as text, and those that are absent or null are not",
        arguments: [
            (#"{}"#, []), (#"{"region":null,"count":null,"other":"x"}"#, []),
            (
                #"{"region":"us","count":42,"dry":true,"other":"x"}"#,
                ["Mcp-Param-Region: us", "Mcp-Param-Count: 42", "Mcp-Param-Dry-Run: true"]
            ),
            (#"{"count":42.0,"dry":false}"#, ["Mcp-Param-Count: 42", "Mcp-Param-Dry-Run: false"]),
            (#"{"count":-4.2e1}"#, ["Mcp-Param-Count: -42"]),
            (#"{"region":""}"#, ["Mcp-Param-Region: "]),
            (#"{"region":"日本"}"#, ["Mcp-Param-Region: =?base64?5pel5pys?="]),
            (#"{"target":{"zone":" a"}}"#, ["Mcp-Param-Zone: =?base64?IGE=?="]),
            (#"{"target":{}}"#, []), (#"{"target":"zone"}"#, []), (#"{"region":{"a":1}}"#, []),
        ] as [(String, [String])])
    func fields(_ arguments: String, _ expected: [String]) throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        let object = try #require(try JSONValue(parsing: arguments).object)
        let fields = headers.fields(for: object)
        #expect(fields.map { "\($0.name): \($0.value)" } == expected)
        let problem = headers.problem(
            comparing: { name in fields.filter { $0.name == name }.map(\.value) }, with: object)
        #expect(problem == nil, "what is written is accepted")
    }

    /// requirement: C-35, E-26
    @Test(
        "an annotation that is not as it has to be makes the tool invalid",
        arguments: [
            (#"{"properties":{"a":{"type":"string","x-mcp-header":""}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":5}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":"My Region"}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":"Region:1"}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":"Région"}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"string","x-mcp-header":"a\tb"}}}"#, "not a header name"),
            (#"{"properties":{"a":{"type":"object","x-mcp-header":"A"}}}"#, "type string, integer or boolean"),
            (#"{"properties":{"a":{"type":"array","x-mcp-header":"A"}}}"#, "type string, integer or boolean"),
            (#"{"properties":{"a":{"type":"null","x-mcp-header":"A"}}}"#, "type string, integer or boolean"),
            (#"{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}"#, "type string, integer or boolean"),
            (#"{"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}}"#, "type string, integer"),
            (#"{"properties":{"a":{"x-mcp-header":"A"}}}"#, "type string, integer or boolean"),
            (
                #"{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}"#,
                "is there twice"
            ),
            (#"{"type":"string","x-mcp-header":"A"}"#, "the schema itself"),
            (#"{"properties":{"a":{"items":{"type":"string","x-mcp-header":"A"}}}}"#, "alone do not lead"),
            (#"{"properties":{"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}}}"#, "alone do not lead"),
            (
                #"{"properties":{"a":{"items":{"properties":{"b":{"type":"string","x-mcp-header":"A"}}}}}}"#,
                "alone do not lead"
            ),
            (#"{"$defs":{"a":{"type":"string","x-mcp-header":"A"}}}"#, "alone do not lead"),
            (#"{"additionalProperties":{"type":"string","x-mcp-header":"A"}}"#, "alone do not lead"),
            (#"{"if":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}}"#, "alone do not lead"),
            (#"{"patternProperties":{"a":{"type":"string","x-mcp-header":"A"}}}"#, "alone do not lead"),
        ])
    func invalid(_ schema: String, _ reason: String) throws {
        let object = try #require(try JSONValue(parsing: schema).object)
        let error = #expect(throws: MalformedMessage.self) { try ParameterHeaders(inputSchema: object) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    /// requirement: B-94, B-99, B-100, B-101, B-102, B-108
    @Test(
        "a header that does not say what its argument says is named",
        arguments: [
            ("us", 1, "argument region", "Mcp-Param-Region differs from argument region"),
            ("US", 1, "", "Mcp-Param-Region differs from argument region"),
            (nil, 1, "", "Mcp-Param-Region is missing; it has to mirror argument region"),
            ("eu", 2, "", "Mcp-Param-Region came more than once"),
            ("=?base64?ZXU?=", 1, "", "Mcp-Param-Region is not printable ASCII or well-formed base64"),
            ("é", 1, "", "Mcp-Param-Region is not printable ASCII or well-formed base64"),
        ] as [(String?, Int, String, String)])
    func differs(_ value: String?, _ count: Int, _ ignored: String, _ line: String) throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        let problem = headers.problem(
            comparing: { name in
                name == "Mcp-Param-Region" ? value.map { Array(repeating: $0, count: count) } ?? [] : []
            }, with: ["region": "eu"])
        #expect(problem == line)
    }

    /// requirement: B-99, B-100, B-101
    @Test("numbers are compared by quantity, and a header without its argument is refused")
    func quantities() throws {
        let headers = try ParameterHeaders(inputSchema: Self.schema)
        func problem(_ value: String, _ arguments: JSONObject) -> String? {
            headers.problem(comparing: { $0 == "Mcp-Param-Count" ? [value] : [] }, with: arguments)
        }
        #expect(problem("42.0", ["count": 42]) == nil)
        #expect(problem("42", ["count": .number(JSONNumber(literal: "4.2e1") ?? JSONNumber(0))]) == nil)
        #expect(problem(" 42 ", ["count": 42]) == nil)
        #expect(problem("43", ["count": 42]) == "Mcp-Param-Count differs from argument count")
        #expect(problem("42x", ["count": 42]) == "Mcp-Param-Count differs from argument count")
        #expect(problem("42", [:]) == "Mcp-Param-Count came, and argument count did not")
        #expect(problem("42", ["count": nil]) == "Mcp-Param-Count came, and argument count did not")
        #expect(problem("42", ["count": [42]]) == "Mcp-Param-Count differs from argument count")
    }

    @Test("as many annotations as are allowed, and not one more")
    func bound() throws {
        func schema(_ count: Int) -> JSONObject {
            let properties = (0..<count)
                .map { ("p\($0)", ["type": "string", "x-mcp-header": .string("H\($0)")] as JSONValue) }
            return ["properties": .object(JSONObject(properties))]
        }
        let most = ParameterHeaders.maximumCount
        #expect(try ParameterHeaders(inputSchema: schema(most)).mirrors.count == most)
        #expect(throws: MalformedMessage("there are more than 32 properties with x-mcp-header")) {
            try ParameterHeaders(inputSchema: schema(most + 1))
        }
    }
}
