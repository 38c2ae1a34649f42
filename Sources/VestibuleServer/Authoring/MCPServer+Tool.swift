internal import VestibuleProtocol

extension MCPServer {
    /// Offers a tool whose input and output are Swift types.
    ///
    /// ```swift
    /// try server.tool("add", "Adds two numbers") { (input: Pair, context) in Sum(sum: input.a + input.b) }
    /// ```
    ///
    /// See ``ServedTool/init(_:_:_:handler:)`` for what is derived. A tool of that name is replaced.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public func tool<Input: Decodable & SendableMetatype, Output: Codable & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try offer(ServedTool(typed: name, description, options, handler: handler))
    }

    /// Offers a tool whose input is a Swift type, and which makes its result itself: content blocks or a whole
    /// ``ToolResult``.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public func tool<Input: Decodable & SendableMetatype, Output: ToolOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ input: Input, _ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try offer(ServedTool(typed: name, description, options, handler: handler))
    }

    /// Offers a tool without arguments whose output is a Swift type.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public func tool<Output: Codable & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try offer(ServedTool(typed: name, description, options, handler: handler))
    }

    /// Offers a tool without arguments that makes its result itself: content blocks or a whole ``ToolResult``.
    ///
    /// - Throws: ``RegistrationError`` for a name or a type that will not do.
    public func tool<Output: ToolOutput & SendableMetatype>(
        _ name: String, _ description: String? = nil, _ options: ToolOption...,
        handler: @escaping @Sendable (_ context: RequestContext) async throws -> Output
    ) throws(RegistrationError) {
        try offer(ServedTool(typed: name, description, options, handler: handler))
    }

    private func offer(_ tool: ServedTool) throws(RegistrationError) {
        if tool.taskSupport != .forbidden { offerTasks() }
        add(tool)
    }
}
