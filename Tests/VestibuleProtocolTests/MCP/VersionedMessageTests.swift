import Testing
import VestibuleProtocol

@Suite("What each revision may carry")
struct VersionedMessageTests {
    private static let icon = Icon(
        source: "https://x.test/i.png", mimeType: "image/png", sizes: ["48x48"], theme: .dark)
    private static let annotations = Annotations(audience: [.user], priority: 0.5, lastModified: "2026-01-01T00:00:00Z")
    private static let resource = Resource(
        uri: "test://a", name: "a", title: "A", description: "d", mimeType: "text/plain", size: 3,
        annotations: annotations, icons: [icon], meta: ["k": 1])
    private static let tool = Tool(
        name: "t", title: "T", description: "d", inputSchema: ["type": "object"], outputSchema: ["type": "array"],
        annotations: Tool.Annotations(readOnlyHint: true), taskSupport: .optional, icons: [icon], meta: ["k": 1])
    private static let contents = ResourceContents(
        uri: "test://a", mimeType: "text/plain", body: .text("x"), meta: ["k": 1])
    static let blocks: [ContentBlock] = [
        .text("a", annotations: annotations), .image([1, 2, 3], mimeType: "image/png"),
        .audio(data: "AA==", mimeType: "audio/wav"), ContentBlock(.resource(contents), meta: ["k": 1]),
        .resourceLink(resource),
    ]
    static let toolBlocks: [ContentBlock] = [
        .toolUse(id: "1", name: "t", input: ["a": 1]),
        .toolResult(ToolUseResult(toolUseID: "1", content: [.text("x")], structuredContent: [1], isError: true)),
    ]
    private static let form = ElicitationParams.form(
        "who?",
        ElicitationSchema()
            .asking("name", .text(minLength: 1, format: .email, default: "a@x.test"), title: "Name", isRequired: true)
            .asking("age", .integer(minimum: 0, default: 3)).asking("size", .number(maximum: JSONNumber(5)))
            .asking("sure", .boolean(default: true)).asking("plain", .choice([.init("a"), .init("b")], default: "a"))
            .asking("titled", .choice([.init("a", title: "A")]))
            .asking("old", .choice([.init("a", title: "A")], usesEnumNames: true)))
    private static let several = ElicitationParams.form(
        "which?",
        ElicitationSchema().asking("plain", .choices([.init("a")], minimum: 1, default: ["a"]))
            .asking("titled", .choices([.init("a", title: "A")], maximum: 2)))
    private static let sampling = CreateMessageParams(
        [.user("hi"), SamplingMessage(.assistant, toolBlocks, meta: ["k": 1])], maxTokens: 5, systemPrompt: "s",
        modelPreferences: ModelPreferences(hints: ["m"], costPriority: 0.5), includeContext: .thisServer,
        temperature: 0.5, stopSequences: ["x"], metadata: ["k": 1], tools: [tool], toolChoice: .required)
    private static let task = MCPTask(
        id: "1", status: .working, statusMessage: "m", createdAt: NumericDate(0), lastUpdatedAt: NumericDate(1),
        ttl: .seconds(60), pollInterval: nil)

    /// Values by the name of their definition; where that is not in a schema, the revision does not have them.
    static let values: [(String, any VersionedJSON)] = [
        (
            "Implementation",
            Implementation(
                name: "n", version: "1", title: "T", description: "d", websiteURL: "https://x.test", icons: [icon])
        ),
        (
            "ClientCapabilities",
            ClientCapabilities(
                roots: .init(listChanged: true), sampling: .init(context: true, tools: true),
                elicitation: .init(form: true, url: true), experimental: ["x": [:]],
                extensions: [MetaKey.tasksExtension: [:]])
        ),
        (
            "ServerCapabilities",
            ServerCapabilities(
                tools: .init(listChanged: true), resources: .init(subscribe: true), prompts: .init(), logging: true,
                completions: true, extensions: [MetaKey.tasksExtension: [:]])
        ),
        ("Tool", tool), ("ListToolsResult", ListToolsResult(tools: [tool], nextCursor: "")),
        ("CallToolResult", ToolResult(content: blocks, structuredContent: ["a": 1], meta: ["k": 1])),
        ("CallToolResult", ToolResult(structuredValue: [1, 2])), ("CallToolResult", ToolResult.failure("no")),
        ("Resource", resource), ("ResourceLink", ContentBlock.resourceLink(resource)),
        (
            "ListResourcesResult",
            ListResourcesResult(resources: [resource], cache: CacheHint(ttl: .seconds(5), scope: .public))
        ),
        (
            "ListResourceTemplatesResult",
            ListResourceTemplatesResult(resourceTemplates: [
                ResourceTemplate(
                    uriTemplate: "test://{a}", name: "a", title: "A", annotations: annotations, icons: [icon],
                    meta: ["k": 1])
            ])
        ),
        ("ReadResourceResult", ReadResourceResult(contents: [contents, .bytes([0], uri: "test://b")])),
        (
            "ListPromptsResult",
            ListPromptsResult(prompts: [
                Prompt(
                    name: "p", title: "P", arguments: [PromptArgument("a", title: "A", isRequired: true)],
                    icons: [icon], meta: ["k": 1])
            ])
        ),
        ("GetPromptResult", GetPromptResult(blocks.map { PromptMessage(.user, $0) }, description: "d")),
        ("CompleteResult", CompleteResult(Completion(["a"], total: 3, hasMore: true))),
        ("PromptReference", CompletionReference.prompt(name: "p", title: "P")),
        ("ListRootsResult", ListRootsResult([Root(uri: "file:///a", name: "a", meta: ["k": 1])])),
        ("CreateMessageResult", CreateMessageResult([.text("x")], model: "m")),
        (
            "DiscoverResult",
            DiscoverResult(capabilities: ServerCapabilities(), serverInfo: Implementation(name: "n", version: "1"))
        ),
        (
            "InputRequiredResult",
            InputRequiredResult(
                inputRequests: [
                    "a": .elicitation(form), "b": .sampling(sampling), "c": .roots, "d": .elicitation(several),
                    "e": .elicitation(.url("go", url: "https://x.test")),
                ], requestState: "s")
        ),
        ("CreateTaskResult", CreateTaskResult(task)),
    ]

    /// requirement: E-10, E-11, E-15, E-17, E-18, E-30, E-31, E-40, A-10, D-40, D-41, E-06
    @Test(
        "every value fits the schema of every revision that has it",
        .enabled(if: SharedFiles.exists("spec/schema-2026-07-28.json")), arguments: ProtocolVersion.supported)
    func fitsSchema(_ version: ProtocolVersion) throws {
        let document = try JSONValue(parsing: SharedFiles.bytes("spec/schema-\(version).json"))
        let schemas = try SchemaDocument(document)
        let place = version >= .v2025_11_25 ? "$defs" : "definitions"
        for (name, value) in Self.values where document[place]?[name] != nil {
            let schema = try schemas.schema(at: "/\(place)/\(name)")
            #expect(schema.problem(with: value.json(for: version)) == nil, "\(name)")
        }
        for (method, params) in [
            ("ElicitRequest", Self.form.json(for: version)), ("CreateMessageRequest", Self.sampling.json(for: version)),
        ]
        where document[place]?[method] != nil {
            let schema = try schemas.schema(at: "/\(place)/\(method)")
            let name = method == "ElicitRequest" ? MCPMethod.elicit : MCPMethod.createMessage
            let message: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(name), "params": params]
            #expect(schema.problem(with: message) == nil, "\(method)")
        }
    }

    /// requirement: E-10
    @Test("members that a revision does not know are left out")
    func leftOut() {
        func names(_ value: some VersionedJSON, _ version: ProtocolVersion) -> [String] {
            value.json(for: version).object?.names ?? []
        }
        let tool = Self.tool
        #expect(names(tool, .v2025_03_26) == ["name", "description", "inputSchema", "annotations"])
        #expect(names(tool, .v2025_06_18) == ["name", "title", "description", "inputSchema", "annotations", "_meta"])
        #expect(names(tool, .v2025_11_25).suffix(4) == ["annotations", "execution", "icons", "_meta"])
        #expect(
            names(tool, .v2026_07_28)
                == ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "icons", "_meta"])
        #expect(
            names(Self.resource, .v2025_03_26) == ["uri", "name", "description", "mimeType", "size", "annotations"])
        #expect(Self.annotations.json(for: .v2025_03_26) == ["audience": ["user"], "priority": 0.5.json])
        let list = ToolResult(structuredValue: [1])
        #expect(list.json(for: .v2025_11_25)["structuredContent"] == nil)
        #expect(list.json(for: .v2026_07_28)["structuredContent"] == [1])
        #expect(ToolResult(structured: ["a": 1]).json(for: .v2025_03_26)["structuredContent"] == nil)
        #expect(ToolResult(structured: ["a": 1]).json(for: .v2025_06_18)["structuredContent"] == ["a": 1])
    }

    /// requirement: E-18
    @Test("a kind of content that a revision does not know becomes text")
    func contentAsText() {
        #expect(
            ContentBlock.resourceLink(uri: "test://a", name: "a").json(for: .v2025_03_26)
                == ["type": "text", "text": "a: test://a"])
        #expect(Self.toolBlocks[0].json(for: .v2025_06_18)["type"] == "text")
        #expect(ContentBlock.other(["type": "hologram"]).json(for: .v2025_03_26) == ["type": "hologram"])
    }

    @Test("what is written is read back", arguments: VersionedMessageTests.blocks + VersionedMessageTests.toolBlocks)
    func contentReadBack(_ block: ContentBlock) {
        let read = ContentBlock(json: block.json)
        #expect(read.json == block.json)
        #expect(read == block)
    }

    @Test("questions are read back as they were asked")
    func questionsReadBack() throws {
        for params in [Self.form, Self.several, .url("go", url: "https://x.test", elicitationID: "1")] {
            #expect(try ElicitationParams(json: params.json) == params)
            #expect(try InputRequest(json: InputRequest.elicitation(params).json) == .elicitation(params))
        }
        #expect(try CreateMessageParams(json: Self.sampling.json) == Self.sampling)
        #expect(Self.form.problem(in: .v2025_03_26) == "elicitation does not exist in 2025-03-26")
        #expect(Self.form.problem(in: .v2025_06_18) == nil)
        #expect(Self.several.problem(in: .v2025_06_18)?.contains("`plain`") == true)
        #expect(Self.several.problem(in: .v2025_11_25) == nil)
        let old = Self.form.json(for: .v2025_06_18)["requestedSchema"]?["properties"]
        #expect(old?["titled"] == ["type": "string", "enum": ["a"], "enumNames": ["A"]])
        #expect(old?["age"] == ["type": "integer", "minimum": 0])
        #expect(old?["sure"] == ["type": "boolean", "default": true])
        let odd: JSONValue = ["type": "object", "x": 1]
        #expect(ElicitationField(json: odd).json == odd)
        guard case .form(let schema) = Self.form.mode else { return }
        #expect(schema.defaults == ["name": "a@x.test", "age": 3, "sure": true, "plain": "a"])
    }

    @Test("results are read back, with their pages and hints")
    func resultsReadBack() throws {
        let hint = CacheHint(ttl: .milliseconds(1500), scope: .public)
        let page = ListResourcesResult(resources: [Self.resource], nextCursor: "", cache: hint, meta: ["k": 1])
        #expect(try ListResourcesResult(json: page.json(for: .v2026_07_28)) == page)
        let old = try ListResourcesResult(json: page.json(for: .v2025_11_25))
        #expect(old.cache == nil)
        let discover = DiscoverResult(
            capabilities: ServerCapabilities(tools: .init()), instructions: "i", cache: hint,
            serverInfo: Implementation(name: "n", version: "1"))
        let read = try DiscoverResult(json: discover.json)
        #expect(read == discover)
        #expect(read.serverInfo?.name == "n")
        let retry = InputRetry(responses: ["a": ["action": "accept"]], requestState: "s")
        let call = CallToolParams(name: "t", retry: retry, meta: ["k": 1])
        #expect(try CallToolParams(json: call.json) == call)
        let prompt = GetPromptParams(name: "p", arguments: ["a": "b"], retry: retry)
        #expect(try GetPromptParams(json: prompt.json) == prompt)
        let filter = SubscriptionFilter(toolsListChanged: true, resourceSubscriptions: ["a"], taskIDs: ["t"])
        #expect(try SubscriptionParams(json: SubscriptionParams(notifications: filter).json).notifications == filter)
        #expect(SubscriptionFilter(json: ["toolsListChanged": "yes"]) == nil)
        for version in [ProtocolVersion.v2025_11_25, .v2026_07_28] {
            #expect(try CreateTaskResult(json: CreateTaskResult(Self.task).json(for: version)).task == Self.task)
        }
        let failed = DetailedTask(Self.task, outcome: .none)
        #expect(try DetailedTask(json: failed.json) == failed)
    }

    /// requirement: D-46, A-78
    @Test("hints that are missing or negative count for nothing, and a result without a type is complete")
    func hints() {
        #expect(CacheHint(result: ["ttlMs": -5, "cacheScope": "public"]) == CacheHint(ttl: .zero, scope: .public))
        #expect(CacheHint(result: ["ttlMs": 5]) == CacheHint(ttl: .milliseconds(5), scope: .private))
        #expect(CacheHint(result: [:]) == nil)
        #expect(ResultType(result: [:]) == .complete)
        #expect(ResultType(result: ["resultType": 5]) == nil)
        let both = CacheHint(ttl: .seconds(5), scope: .public)
            .narrowed(by: CacheHint(ttl: .seconds(9), scope: .private))
        #expect(both == CacheHint(ttl: .seconds(5), scope: .private))
    }

    /// requirement: A-16, D-52, E-51
    @Test("what a client lacks is said in the form of capabilities")
    func missing() {
        let none = ClientCapabilities()
        #expect(none.missing(InputRequest.roots.neededCapability)?.json == ["roots": [:]])
        #expect(none.missing(ClientCapabilities(sampling: .init()))?.json == ["sampling": [:]])
        #expect(
            ClientCapabilities(json: ["sampling": [:]])?.missing(Self.sampling.neededCapability)?.json == [
                "sampling": ["tools": [:]]
            ])
        let form = ClientCapabilities(json: ["elicitation": [:]])
        #expect(form?.missing(Self.form.neededCapability) == nil, "no mode means the form")
        let page = ElicitationParams.url("go", url: "https://x.test").neededCapability
        #expect(form?.missing(page)?.json == ["elicitation": ["url": [:]]])
        #expect(ClientCapabilities(json: ["elicitation": ["url": [:]]])?.missing(Self.form.neededCapability) != nil)
        #expect(none.missing(ClientCapabilities(extensions: ["a.b/c": [:]]))?.json == ["extensions": ["a.b/c": [:]]])
        #expect(none.missing(none) == nil)
    }

    /// requirement: D-35
    @Test("a completion has at most a hundred values, and says that there are more")
    func completion() {
        let completion = Completion((0..<150).map { "\($0)" })
        #expect(completion.values.count == 100)
        #expect(completion.total == 150)
        #expect(completion.hasMore == true)
        #expect(Completion(Array(repeating: "a", count: 100)).hasMore == nil)
    }

    /// requirement: D-25
    @Test("log levels are ordered as RFC 5424 orders them")
    func levels() {
        #expect(LogLevel.allCases == LogLevel.allCases.sorted())
        #expect(LogLevel.debug < .emergency)
        #expect(throws: MalformedMessage.self) { try SetLevelParams(json: ["level": "loud"]) }
    }

    /// requirement: E-58
    @Test("a root is a file")
    func roots() {
        #expect(Root(json: ["uri": "file:///a"]) != nil)
        #expect(Root(json: ["uri": "https://x.test"]) == nil)
    }

    @Test(
        "which texts name a revision of the modern era",
        arguments: [
            ("2026-07-28", true), ("2027-01-01", true), ("2025-11-25", false), ("zzz", false), ("2026-7-28", false),
            ("", false),
        ])
    func modern(_ text: String, _ isModern: Bool) {
        #expect(ProtocolVersion(rawValue: text).isModern == isModern)
    }

    @Test(
        "times of RFC 3339 are read with their offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T00:00:01.999Z", 1),
            ("2026-07-28t14:02:00z", 1_785_247_320), ("1970-01-01", nil), ("1970-13-01T00:00:00Z", nil),
            ("1970-01-01T00:00:00", nil),
            ("1970-01-01T00:00:00+0100", nil), ("", nil),
        ] as [(String, Double?)])
    func times(_ text: String, _ seconds: Double?) {
        let json: JSONValue = [
            "taskId": "1", "status": "working", "createdAt": .string(text), "lastUpdatedAt": .string(text),
            "ttlMs": nil,
        ]
        #expect((try? MCPTask(json: json))?.createdAt.seconds == seconds)
    }
}

extension Double {
    fileprivate var json: JSONValue { JSONNumber(self).map(JSONValue.number) ?? .null }
}
