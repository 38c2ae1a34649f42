internal import Synchronization
public import VestibuleProtocol

/// What a server is and offers, over whatever carrier: HTTP (``MCPEndpoint``), standard input and output, or in process;
/// in both eras of MCP.
///
/// What is registered may change while it runs; clients that listen hear of it.
public final class MCPServer: Sendable {
    public let info: Implementation
    /// What the server tells the model about itself, if anything.
    public let instructions: String?
    public let configuration: MCPServerConfiguration
    /// What changes, for streams and pipes to tell.
    package let changes = ChangeHub()
    package let clock: any WallClock
    let calls: RunningCalls
    let seal: RequestStateSeal
    private let state: Mutex<ServerOffer>

    /// - Parameters:
    ///   - tools: in the order in which `tools/list` shows them. Of two with one name, the first counts; so with the
    ///     URIs of resources, the URI templates of resource templates and the names of prompts.
    ///   - clock: for deadlines and expiry.
    public init(
        info: Implementation, instructions: String? = nil, tools: [ServedTool] = [],
        resources: [ServedResource] = [], resourceTemplates: [ServedResourceTemplate] = [],
        prompts: [ServedPrompt] = [], configuration: MCPServerConfiguration = MCPServerConfiguration(),
        clock: any WallClock = SystemClock()
    ) {
        self.info = info
        self.instructions = instructions
        self.configuration = configuration
        self.clock = clock
        self.calls = RunningCalls(timeout: configuration.callTimeout, clock: clock)
        self.seal = RequestStateSeal(key: configuration.requestStateKey)
        var offered = (
            Catalogue<OfferedTool>(), Catalogue<ServedResource>(), Catalogue<OfferedTemplate>(),
            Catalogue<ServedPrompt>()
        )
        for tool in tools where !offered.0.contains(tool.tool.name) { offered.0.set(tool) }
        for resource in resources where !offered.1.contains(resource.resource.uri) { offered.1.set(resource) }
        for template in resourceTemplates where !offered.2.contains(template.template.uriTemplate) {
            offered.2.set(template)
        }
        for prompt in prompts where !offered.3.contains(prompt.prompt.name) { offered.3.set(prompt) }
        self.state = Mutex(
            ServerOffer(
                tools: offered.0, resources: offered.1, templates: offered.2, prompts: offered.3,
                features: configuration.offers))
    }

    /// All that is offered now.
    var offer: ServerOffer { state.withLock { $0 } }

    // MARK: - Changes

    /// Offers a tool, in place of the one of that name where there is one.
    public func add(_ tool: ServedTool) {
        change(.tools) { offer in
            var tools = offer.tools
            tools.set(tool)
            return offer.with(tools: tools)
        }
    }

    /// Offers a resource, in place of the one of that URI where there is one.
    public func add(_ resource: ServedResource) {
        change(.resources) { offer in
            var resources = offer.resources
            resources.set(resource)
            return offer.with(resources: resources)
        }
    }

    /// Offers a family of resources, in place of the one of that URI template where there is one.
    public func add(_ template: ServedResourceTemplate) {
        change(.resources) { offer in
            var templates = offer.templates
            templates.set(template)
            return offer.with(templates: templates)
        }
    }

    /// Offers a prompt, in place of the one of that name where there is one.
    public func add(_ prompt: ServedPrompt) {
        change(.prompts) { offer in
            var prompts = offer.prompts
            prompts.set(prompt)
            return offer.with(prompts: prompts)
        }
    }

    /// Calls that run go on to their end.
    ///
    /// - Returns: Whether there was such a tool.
    @discardableResult
    public func removeTool(_ name: String) -> Bool {
        change(.tools) { offer in
            var tools = offer.tools
            return tools.remove(name) ? offer.with(tools: tools) : nil
        }
    }

    /// - Returns: Whether there was such a resource.
    @discardableResult
    public func removeResource(_ uri: String) -> Bool {
        change(.resources) { offer in
            var resources = offer.resources
            return resources.remove(uri) ? offer.with(resources: resources) : nil
        }
    }

    /// - Returns: Whether there was such a resource template.
    @discardableResult
    public func removeResourceTemplate(_ uriTemplate: String) -> Bool {
        change(.resources) { offer in
            var templates = offer.templates
            return templates.remove(uriTemplate) ? offer.with(templates: templates) : nil
        }
    }

    /// - Returns: Whether there was such a prompt.
    @discardableResult
    public func removePrompt(_ name: String) -> Bool {
        change(.prompts) { offer in
            var prompts = offer.prompts
            return prompts.remove(name) ? offer.with(prompts: prompts) : nil
        }
    }

    /// Tells those who subscribed to it that a resource's contents changed.
    public func resourceUpdated(_ uri: String) {
        changes.publish(.resource(uri))
    }

    /// Adds methods and capabilities beyond the core. To be done before anybody is served.
    package func install(_ served: any ServerExtension) {
        state.withLock { $0 = $0.with(extensions: $0.extensions + [served]) }
    }

    @discardableResult
    private func change(_ change: ServerChange, _ make: (ServerOffer) -> ServerOffer?) -> Bool {
        let isChanged = state.withLock { state in
            guard let offer = make(state) else { return false }
            state = offer
            return true
        }
        if isChanged { changes.publish(change) }
        return isChanged
    }

    // MARK: - Sessions and calls

    /// What a legacy session keeps of its `initialize`: bounded, whatever the client says of itself.
    package func session(for params: InitializeParams, version: ProtocolVersion) -> SessionState {
        let client = Implementation(
            name: params.clientInfo.name.cut(toBytes: 256), version: params.clientInfo.version.cut(toBytes: 64),
            title: params.clientInfo.title?.cut(toBytes: 256))
        let declared = params.clientCapabilities
        return SessionState(
            version: version, clientInfo: client,
            capabilities: ClientCapabilities(
                roots: declared.roots, sampling: declared.sampling, elicitation: declared.elicitation),
            maximumSubscriptions: configuration.maximumSubscriptions)
    }

    /// Heeds `notifications/cancelled`: the call with that id, of that scope, ends.
    package func cancel(_ id: RequestID, scope: ByteKey) {
        calls.cancel(RunningCalls.Key(session: scope, request: id))
    }
}
