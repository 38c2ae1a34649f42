public import VestibuleProtocol

extension MCPClient {
    /// What a resource holds.
    ///
    /// - Throws: ``MCPClientError``; where there is no such resource, its ``MCPClientError/rpcError`` is `-32602`, or
    ///   `-32002` from a server of the legacy era (``MCPClientError/isResourceNotFound``).
    public func readResource(_ uri: String, timeout: Duration? = nil) async throws -> ReadResourceResult {
        var outgoing = Outgoing.request(
            MCPMethod.readResource, params: ["uri": .string(uri)], subject: uri, phase: .operation)
        outgoing.isRepeatable = true
        let json = try await cached(outgoing, timeout: timeout).json
        return try read(outgoing) { () throws(MalformedMessage) in try ReadResourceResult(json: json) }
    }

    /// A prompt, filled in.
    public func getPrompt(
        _ name: String, arguments: [String: String] = [:], timeout: Duration? = nil
    ) async throws -> GetPromptResult {
        let params = GetPromptParams(name: name, arguments: arguments)
        var outgoing = Outgoing.request(
            MCPMethod.getPrompt, params: params.json.object, subject: name, phase: .operation)
        outgoing.isRepeatable = true
        let json = try await exchange(outgoing, timeout: timeout).json
        return try read(outgoing) { () throws(MalformedMessage) in try GetPromptResult(json: json) }
    }

    /// Proposals for an argument of a prompt or a template.
    ///
    /// - Parameters:
    ///   - argument: The argument's name, and what has been written of it.
    ///   - context: Arguments that are settled already (from 2025-06-18).
    public func complete(
        _ reference: CompletionReference, argument: (name: String, value: String), context: [String: String] = [:],
        timeout: Duration? = nil
    ) async throws -> Completion {
        let version = try await standing().codec.version
        let params = CompleteParams(
            reference: reference, argumentName: argument.name, argumentValue: argument.value, context: context)
        var outgoing = Outgoing.request(
            MCPMethod.complete, params: params.json(for: version).object, phase: .operation)
        outgoing.isRepeatable = true
        let json = try await exchange(outgoing, timeout: timeout).json
        return try read(outgoing) { () throws(MalformedMessage) in try CompleteResult(json: json) }.completion
    }

    /// Asks the server for log messages of this level and above (legacy era).
    ///
    /// - Throws: ``MCPClientError`` of code `unsupported` in the modern era, where each call says what it wants:
    ///   ``callTool(_:arguments:timeout:logLevel:meta:onProgress:)``.
    public func setLogLevel(_ level: LogLevel) async throws {
        guard try await !standing().codec.isModern else {
            throw MCPClientError(
                .unsupported, "logging/setLevel: 2026-07-28 knows no such request; give each call its logLevel")
        }
        _ = try await request(MCPMethod.setLogLevel, params: ["level": .string(level.rawValue)])
    }

    /// Says that the roots have changed, so that the server may ask for them again (legacy era; nothing in the modern,
    /// where they are asked for with each call).
    public func rootsChanged() async throws {
        let standing = try await standing()
        guard !standing.codec.isModern else { return }
        _ = try await deliver(.notification(MCPMethod.rootsChanged))
    }

    private func read<Value>(
        _ outgoing: Outgoing, _ body: () throws(MalformedMessage) -> Value
    ) throws(MCPClientError) -> Value {
        do {
            return try body()
        } catch {
            throw MCPClientError(.protocolViolation, "\(outgoing.inWords): \(error)")
        }
    }
}

extension MCPClientError {
    /// Whether the server says that there is no such resource. Servers of the legacy era have a code of its own for it;
    /// in the modern era it is the code of any wrong parameter, so ask only after ``MCPClient/readResource(_:timeout:)``.
    public var isResourceNotFound: Bool {
        rpcError?.code == .resourceNotFound || rpcError?.code == .invalidParams
    }
}
