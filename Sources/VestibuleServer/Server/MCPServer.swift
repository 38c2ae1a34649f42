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
    private let state: Mutex<State>

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
        let registry = Registry(tools: tools, resources: resources, templates: resourceTemplates, prompts: prompts)
        self.state = Mutex(State(offer: registry.offer(configuration.offers), problems: registry.problems))
    }

    private struct State {
        var offer: ServerOffer
        /// By what was registered, why it is not offered.
        var problems: [ByteKey: String]
    }

    /// All that is offered now.
    var offer: ServerOffer { state.withLock { $0.offer } }

    /// What was registered and is not offered, because nobody could use it: a line each, for whoever runs the server.
    public var problems: [String] {
        state.withLock { $0.problems.values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
    }

    // MARK: - Changes

    /// Offers a tool, in place of the one of that name where there is one. A tool that cannot be offered, because of its
    /// schemas for example, is left out, and ``problems`` says why.
    public func add(_ tool: ServedTool) {
        change(.tools, Registry(tools: [tool])) { offer, registry in
            var tools = offer.tools
            tools.merge(registry.tools)
            return offer.with(tools: tools)
        }
    }

    /// Offers a resource, in place of the one of that URI where there is one.
    public func add(_ resource: ServedResource) {
        change(.resources, Registry(resources: [resource])) { offer, registry in
            var resources = offer.resources
            resources.merge(registry.resources)
            return offer.with(resources: resources)
        }
    }

    /// Offers a family of resources, in place of the one of that URI template where there is one.
    public func add(_ template: ServedResourceTemplate) {
        change(.resources, Registry(templates: [template])) { offer, registry in
            var templates = offer.templates
            templates.merge(registry.templates)
            return offer.with(templates: templates)
        }
    }

    /// Offers a prompt, in place of the one of that name where there is one.
    public func add(_ prompt: ServedPrompt) {
        change(.prompts, Registry(prompts: [prompt])) { offer, registry in
            var prompts = offer.prompts
            prompts.merge(registry.prompts)
            return offer.with(prompts: prompts)
        }
    }

    /// Calls that run go on to their end.
    ///
    /// - Returns: Whether there was such a tool.
    @discardableResult
    public func removeTool(_ name: String) -> Bool {
        change(.tools) { state in
            var tools = state.offer.tools
            guard tools.remove(name) else { return false }
            state.offer = state.offer.with(tools: tools)
            return true
        }
    }

    /// - Returns: Whether there was such a resource.
    @discardableResult
    public func removeResource(_ uri: String) -> Bool {
        change(.resources) { state in
            var resources = state.offer.resources
            guard resources.remove(uri) else { return false }
            state.offer = state.offer.with(resources: resources)
            return true
        }
    }

    /// - Returns: Whether there was such a resource template.
    @discardableResult
    public func removeResourceTemplate(_ uriTemplate: String) -> Bool {
        change(.resources) { state in
            var templates = state.offer.templates
            guard templates.remove(uriTemplate) else { return false }
            state.offer = state.offer.with(templates: templates)
            return true
        }
    }

    /// - Returns: Whether there was such a prompt.
    @discardableResult
    public func removePrompt(_ name: String) -> Bool {
        change(.prompts) { state in
            var prompts = state.offer.prompts
            guard prompts.remove(name) else { return false }
            state.offer = state.offer.with(prompts: prompts)
            return true
        }
    }

    /// Tells those who subscribed to it that a resource's contents changed.
    public func resourceUpdated(_ uri: String) {
        changes.publish(.resource(uri))
    }

    /// Adds methods and capabilities beyond the core. To be done before anybody is served.
    package func install(_ served: any ServerExtension) {
        state.withLock { $0.offer = $0.offer.with(extensions: $0.offer.extensions + [served]) }
    }

    private func change(
        _ change: ServerChange, _ registry: Registry, _ make: (ServerOffer, Registry) -> ServerOffer
    ) {
        self.change(change) { state in
            state.problems.merge(registry.problems) { $1 }
            guard registry.problems.isEmpty else { return false }
            state.offer = make(state.offer, registry)
            return true
        }
    }

    @discardableResult
    private func change(_ change: ServerChange, _ make: (inout State) -> Bool) -> Bool {
        let isChanged = state.withLock { make(&$0) }
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
