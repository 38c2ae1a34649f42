import Testing
import VestibuleProtocol

@Suite("Legacy MCP messages")
struct LegacyMessageTests {
    static let client = Implementation(name: "client", version: "1.2", title: "A client")
    static let tool = Tool(
        name: "bucket_list", title: "Buckets", description: "Lists buckets.", inputSchema: ["type": "object"],
        outputSchema: ["type": "object", "properties": ["buckets": ["type": "array"]]],
        annotations: Tool.Annotations(
            title: "Buckets", readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false))

    /// Messages with the definition of the specification's schema that each must fit.
    static let messages: [(RPCMessage, String)] = [
        (
            .request(
                id: .integer(1), method: MCPMethod.initialize,
                params: InitializeParams(
                    protocolVersion: .latestLegacy, capabilities: ["roots": ["listChanged": true]], clientInfo: client
                )
                .json.object), "InitializeRequest"
        ),
        (.notification(method: MCPMethod.initialized, params: nil), "InitializedNotification"),
        (.request(id: .string("p"), method: MCPMethod.ping, params: nil), "PingRequest"),
        (.request(id: .integer(2), method: MCPMethod.listTools, params: nil), "ListToolsRequest"),
        (
            .request(
                id: .integer(3), method: MCPMethod.listTools, params: ListToolsParams(cursor: "next").json.object),
            "ListToolsRequest"
        ),
        (
            .request(
                id: .integer(4), method: MCPMethod.callTool,
                params: CallToolParams(
                    name: "bucket_list", arguments: ["limit": 5], progressToken: .string("t")
                )
                .json.object), "CallToolRequest"
        ),
        (
            .notification(
                method: MCPMethod.cancelled,
                params: CancelledParams(requestID: .integer(4), reason: "timeout").json.object),
            "CancelledNotification"
        ),
        (
            .notification(
                method: MCPMethod.progress,
                params: ProgressParams(
                    progressToken: .string("t"), progress: JSONNumber(1), total: JSONNumber(2), message: "half"
                )
                .json.object), "ProgressNotification"
        ),
        (.notification(method: MCPMethod.toolsChanged, params: nil), "ToolListChangedNotification"),
        (.result(id: .integer(1), initializeResult.json), "JSONRPCResultResponse"),
        (.error(id: .integer(1), RPCError(401, "no", data: ["reason": "token_missing"])), "JSONRPCErrorResponse"),
        (.error(id: nil, RPCError(.parseError, "not JSON")), "JSONRPCErrorResponse"),
    ]

    static let initializeResult = InitializeResult(
        protocolVersion: .v2025_06_18, capabilities: ["tools": ["listChanged": false]], serverInfo: client,
        instructions: "Ask for buckets first.")

    static let results: [(JSONValue, String)] = [
        (initializeResult.json, "InitializeResult"),
        (ListToolsResult(tools: [tool], nextCursor: "2").json, "ListToolsResult"),
        (ListToolsResult(tools: []).json, "ListToolsResult"),
        (
            ToolResult(content: [
                .text("a"), .image(data: "AA==", mimeType: "image/png"), .audio(data: "AA==", mimeType: "audio/wav"),
                .resourceLink(uri: "s3://b/k", name: "k"),
                .other(["type": "resource", "resource": ["uri": "x:y", "text": "z"]]),
            ])
            .json, "CallToolResult"
        ),
        (ToolResult(structured: ["a": 1]).json, "CallToolResult"),
        (ToolResult.failure("no", structured: ["reason": "tool_forbidden"]).json, "CallToolResult"),
    ]

    private static let schema = "spec/schema-2025-11-25.json"

    @Test("what is written fits the specification's schema", .enabled(if: SharedFiles.exists(schema)))
    func fitsSchema() throws {
        let check = SchemaCheck(schema: try JSONValue(parsing: SharedFiles.bytes(Self.schema)))
        for (message, definition) in Self.messages {
            #expect(check.problems(message.json, definition) == [])
        }
        for (result, definition) in Self.results {
            #expect(check.problems(result, definition) == [])
        }
        #expect(check.problems(["protocolVersion": 1], "InitializeResult").count == 3, "the check itself finds faults")
    }

    @Test("messages survive the way through text, and the envelope scan reads them")
    func roundTrip() throws {
        for (message, _) in Self.messages {
            let text = message.json.serialized
            #expect(RPCMessage(json: try JSONValue(parsing: text)) == message)
            guard case .error(id: nil, _) = message else {
                let envelope = try Envelope.scan(text)
                #expect(envelope.method == message.json["method"]?.string ?? "")
                #expect(envelope.requestID == message.json["id"].flatMap(RequestID.init))
                continue
            }
        }
    }

    @Test("parameters and results are read back as they were written")
    func readBack() throws {
        let initialize = InitializeParams(
            protocolVersion: .v2025_06_18, capabilities: ["a": [:]], clientInfo: Self.client)
        #expect(try InitializeParams(json: initialize.json) == initialize)
        #expect(try InitializeResult(json: Self.initializeResult.json) == Self.initializeResult)
        for params in [ListToolsParams(), ListToolsParams(cursor: "")] {
            #expect(try ListToolsParams(json: params.json) == params)
        }
        #expect(try ListToolsParams(json: nil) == ListToolsParams())
        for page in [ListToolsResult(tools: [Self.tool], nextCursor: "c"), ListToolsResult(tools: [])] {
            #expect(try ListToolsResult(json: page.json) == page)
        }
        for call in [
            CallToolParams(name: "t"), CallToolParams(name: "t", arguments: ["a": 1], progressToken: .integer(7)),
        ] {
            #expect(try CallToolParams(json: call.json) == call)
        }
        let cancelled = CancelledParams(requestID: .string("a"), reason: "r")
        #expect(try CancelledParams(json: cancelled.json) == cancelled)
        let progress = ProgressParams(progressToken: .integer(1), progress: JSONNumber(5), total: nil, message: nil)
        #expect(try ProgressParams(json: progress.json) == progress)
        for (result, definition) in Self.results where definition == "CallToolResult" {
            #expect(ToolResult(json: result)?.json == result)
        }
    }

    @Test("absent or null optional members are none")
    func absent() throws {
        let params: JSONValue = [
            "protocolVersion": "2025-11-25", "clientInfo": ["name": "c", "version": "1", "title": nil],
        ]
        #expect(try InitializeParams(json: params).capabilities.isEmpty)
        #expect(try CallToolParams(json: ["name": "t", "arguments": nil, "_meta": nil]) == CallToolParams(name: "t"))
        #expect(try ListToolsParams(json: ["cursor": nil]) == ListToolsParams())
    }

    enum Message: Sendable {
        case initializeParams, initializeResult, listToolsParams, listToolsResult, callToolParams, cancelledParams
        case progressParams

        func read(_ json: JSONValue?) throws {
            switch self {
            case .initializeParams: _ = try InitializeParams(json: json)
            case .initializeResult: _ = try InitializeResult(json: json)
            case .listToolsParams: _ = try ListToolsParams(json: json)
            case .listToolsResult: _ = try ListToolsResult(json: json)
            case .callToolParams: _ = try CallToolParams(json: json)
            case .cancelledParams: _ = try CancelledParams(json: json)
            case .progressParams: _ = try ProgressParams(json: json)
            }
        }
    }

    @Test(
        "a malformed message names the member at fault",
        arguments: [
            (.initializeParams, nil, "`params` is missing or not an object"),
            (.initializeParams, [:], "`protocolVersion` is missing; it must be a string"),
            (.initializeParams, ["protocolVersion": 1], "`protocolVersion` is not a string"),
            (
                .initializeParams, ["protocolVersion": "a", "capabilities": []],
                "`capabilities` is not an object"
            ),
            (
                .initializeParams, ["protocolVersion": "a", "clientInfo": ["name": "x"]],
                "`clientInfo` is not an object with `name` and `version`"
            ),
            (
                .initializeResult, ["protocolVersion": "a"],
                "`serverInfo` is missing; it must be an object with `name` and `version`"
            ),
            (.listToolsParams, ["cursor": 1], "`cursor` is not a string"),
            (.listToolsResult, [], "the result of tools/list is missing or not an object"),
            (
                .listToolsResult, ["tools": [["name": "x"]]],
                "`tools[0]` is not an object with `name` and `inputSchema`"
            ),
            (.callToolParams, ["arguments": [:]], "`name` is missing; it must be a string"),
            (.callToolParams, ["name": "a", "arguments": [1]], "`arguments` is not an object"),
            (.cancelledParams, ["requestId": true], "`requestId` is not a string or an integer"),
            (.progressParams, ["progressToken": 1], "`progress` is missing; it must be a number"),
        ] as [(Message, JSONValue?, String)])
    func malformed(_ message: Message, _ json: JSONValue?, _ expected: String) throws {
        let error = try #require(throws: MalformedMessage.self) { try message.read(json) }
        #expect(error.description == expected)
        #expect(error.rpcError == RPCError(.invalidParams, expected))
    }

    /// requirement
    @Test("a known legacy revision is answered with itself, any other with the newest")
    func negotiation() {
        #expect(ProtocolVersion.negotiated(with: .v2025_03_26) == .v2025_03_26)
        #expect(ProtocolVersion.negotiated(with: .v2026_07_28) == .latestLegacy)
        #expect(ProtocolVersion.negotiated(with: ProtocolVersion(rawValue: "1.0")) == .latestLegacy)
    }
}
