internal import VestibuleProtocol

extension ServedTool {
    /// A tool whose input and output are Swift types.
    ///
    /// Both schemas are derived from the types (see ``SchemaDerivation``); the input's is closed, so a misspelt argument
    /// is answered with the known ones. What the handler returns becomes `structuredContent` with its JSON as text beside
    /// it; a `String` becomes text alone.
    ///
    /// - Parameters:
    ///   - name: 1 to 128 characters of `A-Za-z0-9_-.`.
    ///   - description: what it does, for the model that has to choose among tools.
    ///   - handler: what it throws is told as ``Handler`` says.
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public init<Input: Decodable & SendableMetatype, Output: Codable & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(typed: name, description, options, handler: handler)
    }

    /// A tool whose input is a Swift type, and which makes its result itself: content blocks or a whole ``ToolResult``.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public init<Input: Decodable & SendableMetatype, Output: ToolOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(typed: name, description, options, handler: handler)
    }

    /// A tool without arguments whose output is a Swift type.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public init<Output: Codable & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(typed: name, description, options, handler: handler)
    }

    /// A tool without arguments that makes its result itself: content blocks or a whole ``ToolResult``.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public init<Output: ToolOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(typed: name, description, options, handler: handler)
    }
}

extension ServedTool {
    init<Input: Decodable & SendableMetatype, Output: Codable & SendableMetatype>(
        typed name: String, _ description: String?, _ options: [ToolOption],
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(
            name, description, options, input: .derived(from: Input.self, for: "tool \(name)", closed: true),
            output: try Self.outputSchema(of: Output.self, name, options)
        ) { arguments, context in
            try Self.result(await handler(Self.input(arguments), context))
        }
    }

    init<Input: Decodable & SendableMetatype, Output: ToolOutput & SendableMetatype>(
        typed name: String, _ description: String?, _ options: [ToolOption],
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(
            name, description, options, input: .derived(from: Input.self, for: "tool \(name)", closed: true),
            output: options.outputSchema ?? nil
        ) { arguments, context in
            try await handler(Self.input(arguments), context).toolResult
        }
    }

    init<Output: Codable & SendableMetatype>(
        typed name: String, _ description: String?, _ options: [ToolOption],
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(
            name, description, options, input: Self.noInput,
            output: try Self.outputSchema(of: Output.self, name, options)
        ) { _, context in
            try Self.result(await handler(context))
        }
    }

    init<Output: ToolOutput & SendableMetatype>(
        typed name: String, _ description: String?, _ options: [ToolOption],
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try self.init(
            name, description, options, input: Self.noInput, output: options.outputSchema ?? nil
        ) { _, context in
            try await handler(context).toolResult
        }
    }

    /// What the four of them come to.
    init(
        _ name: String, _ description: String?, _ options: [ToolOption],
        input: @autoclosure () throws(RegistrationError) -> JSONObject, output: JSONObject?, run: @escaping Handler
    ) throws(RegistrationError) {
        guard name.isNameOfTool else {
            throw RegistrationError(
                "tool \"\(name.cut(toBytes: 128).onOneLine())\": a name has 1 to 128 characters of A-Z, a-z, 0-9, _, - "
                    + "and .")
        }
        let schema: JSONObject
        if let given = options.inputSchema { schema = given } else { schema = try input() }
        guard schema["type"] == "object" else {
            throw RegistrationError(
                "tool \(name): the arguments of a tool are an object; take a struct with a property for each")
        }
        self.init(
            Tool(name: name, description: description, inputSchema: schema, outputSchema: output), handler: run)
        options.apply(to: &self)
    }

    private static let noInput: JSONObject = ["type": "object", "additionalProperties": false]

    private static func outputSchema<Output: Codable & SendableMetatype>(
        of type: Output.Type, _ name: String, _ options: [ToolOption]
    ) throws(RegistrationError) -> JSONObject? {
        if let given = options.outputSchema { return given }
        if type is String.Type || type is JSONValue.Type { return nil }
        return try .derived(from: type, for: "the output of tool \(name)")
    }

    private static func input<Input: Decodable>(_ arguments: JSONObject) throws -> Input {
        do {
            return try JSONValueDecoder().decode(from: .object(arguments))
        } catch {
            throw ToolError("the arguments do not fit: \(error)")
        }
    }

    private static func result(_ output: some Encodable) throws -> ToolResult {
        if let text = output as? String { return .text(text) }
        return ToolResult(structuredValue: try JSONValueEncoder().encode(output))
    }
}

extension String {
    /// MCP, Tools: Tool Names.
    fileprivate var isNameOfTool: Bool {
        (1...128).contains(utf8.count)
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}
