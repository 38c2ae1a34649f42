public import VestibuleProtocol

extension MCPClient {
    /// All tools, from every page of the list. With a token at hand the server shows what its principal may call.
    ///
    /// Over HTTP in the modern era, tools whose schema marks arguments wrongly for header fields are left out; see
    /// ``droppedTools``.
    ///
    /// - Throws: ``MCPClientError``; `protocolViolation` also where the list is longer than is configured.
    public func listTools() async throws -> [Tool] { try await tools().all() }

    /// All resources.
    public func listResources() async throws -> [Resource] { try await resources().all() }

    /// All templates of resources.
    public func listResourceTemplates() async throws -> [ResourceTemplate] { try await resourceTemplates().all() }

    /// All prompts.
    public func listPrompts() async throws -> [Prompt] { try await prompts().all() }

    /// The tools, page by page, each fetched when it is asked for.
    public func tools() -> ListPages<Tool> {
        pages(of: MCPMethod.listTools, "tools") { [self] json, cursor, codec in
            let result = try ListToolsResult(json: json)
            let isMirrored = if case .http = link { codec.isModern } else { false }
            let tools = catalogue.take(
                result.tools, isFirst: cursor == nil, mirrors: isMirrored,
                maximumCount: configuration.maximumListLength)
            return (tools, result.nextCursor)
        }
    }

    /// The resources, page by page.
    public func resources() -> ListPages<Resource> {
        pages(of: MCPMethod.listResources, "resources") { json, _, _ in
            let result = try ListResourcesResult(json: json)
            return (result.resources, result.nextCursor)
        }
    }

    /// The templates of resources, page by page.
    public func resourceTemplates() -> ListPages<ResourceTemplate> {
        pages(of: MCPMethod.listResourceTemplates, "resource templates") { json, _, _ in
            let result = try ListResourceTemplatesResult(json: json)
            return (result.resourceTemplates, result.nextCursor)
        }
    }

    /// The prompts, page by page.
    public func prompts() -> ListPages<Prompt> {
        pages(of: MCPMethod.listPrompts, "prompts") { json, _, _ in
            let result = try ListPromptsResult(json: json)
            return (result.prompts, result.nextCursor)
        }
    }

    /// The tools of the last list that cannot be called over HTTP, and why.
    public var droppedTools: [DroppedTool] { catalogue.dropped }

    private func pages<Item>(
        of method: String, _ items: String,
        _ read: @escaping @Sendable (JSONValue, String?, any EraCodec) throws -> ([Item], String?)
    ) -> ListPages<Item> {
        ListPages(
            what: method, items: items, maximumPages: configuration.maximumPages,
            maximumLength: configuration.maximumListLength
        ) { [self] cursor in
            let params = cursor.map { JSONObject([("cursor", .string($0))]) }
            let completed = try await cached(.request(method, params: params, phase: .listing))
            do {
                return try read(completed.json, cursor, completed.codec)
            } catch let error as MalformedMessage {
                throw MCPClientError(.protocolViolation, "\(method): the result holds no list of \(items): \(error)")
            }
        }
    }

    /// The result of a request that does no harm twice: one that the server allows to keep, or a new one.
    func cached(_ outgoing: Outgoing, timeout: Duration? = nil) async throws -> Completed {
        guard configuration.maximumCachedResults > 0, try await standing().codec.isModern else {
            return try await exchange(outgoing, timeout: timeout)
        }
        // In whose name it is asked is only known once there is a token, which the request would fetch anyway.
        if tokens?.freshToken == nil { _ = try? await tokens?.accessToken() }
        try Task.checkCancellation()
        let owner = cacheOwner
        if let json = results.result(outgoing.method, outgoing.params, for: owner, at: clock.now()) {
            return Completed(json: json, rounds: 0, codec: try await standing().codec)
        }
        let completed = try await exchange(outgoing, timeout: timeout)
        // Under another token than before, nobody can say whose it is; and what took answers is an answer to them.
        if completed.rounds == 0, completed.codec.isModern, cacheOwner == owner {
            results.keep(completed.json, outgoing.method, outgoing.params, for: owner, at: clock.now())
        }
        return completed
    }

    private var cacheOwner: ResultCache.Owner { tokens?.freshToken.map { .token($0.digest) } ?? .anonymous }
}

/// The pages of a list, each fetched when it is asked for, within the bounds of the configuration.
public struct ListPages<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = [Item]

    let what: String
    let items: String
    let maximumPages: Int
    let maximumLength: Int
    let fetch: @Sendable (String?) async throws -> ([Item], String?)

    public struct AsyncIterator: AsyncIteratorProtocol {
        let list: ListPages
        var cursor: String?
        var pages = 0
        var count = 0
        var isAtEnd = false

        /// The next page, which may be empty.
        ///
        /// - Throws: ``MCPClientError``; `protocolViolation` where the list is longer than is configured.
        public mutating func next() async throws -> [Item]? {
            guard !isAtEnd else { return nil }
            isAtEnd = true
            guard pages < list.maximumPages else {
                throw MCPClientError(.protocolViolation, "\(list.what): more than \(list.maximumPages) pages")
            }
            let (page, next) = try await list.fetch(cursor)
            pages += 1
            count += page.count
            guard count <= list.maximumLength else {
                throw MCPClientError(.protocolViolation, "\(list.what): more than \(list.maximumLength) \(list.items)")
            }
            // An empty cursor is a cursor like any other.
            if let next {
                if let cursor, cursor.hasSameBytes(as: next) {
                    throw MCPClientError(
                        .protocolViolation, "\(list.what): the server gives the same page again and again")
                }
                isAtEnd = false
                cursor = next
            }
            return page
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(list: self) }

    func all() async throws -> [Item] {
        var all: [Item] = []
        for try await page in self { all += page }
        return all
    }
}
