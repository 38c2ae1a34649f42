public import VestibuleProtocol

/// What a client does when the server asks for something: a person's answer, a model's words, its roots.
///
/// What is set is declared to the server as a capability; what is not is refused. Handlers of one call may run at the
/// same time, at most eight.
///
/// ```swift
/// var handlers = MCPClientHandlers()
/// handlers.elicitForm = { message, schema in try await askPerson(message, schema) }
/// let client = MCPClient(url: url, configuration: MCPClientConfiguration(handlers: handlers))
/// ```
public struct MCPClientHandlers: Sendable {
    /// Lets a model continue a conversation (`sampling/createMessage`). A person should be able to look at both sides.
    public typealias Sampling = @Sendable (CreateMessageParams) async throws -> CreateMessageResult
    /// Asks a person for what the schema describes (`elicitation/create` in form mode).
    ///
    /// Fields that an accepted answer leaves out get the schema's defaults; what is not as the schema says is not sent.
    public typealias FormElicitation = @Sendable (String, ElicitationSchema) async throws -> ElicitationResult
    /// Asks a person to open a URL (`elicitation/create` in URL mode).
    ///
    /// The whole URL is shown and the person agrees before anything is opened or fetched: whoever implements this sees to
    /// it. The client itself never touches the URL.
    public typealias URLElicitation = @Sendable (_ message: String, _ url: String) async throws -> ElicitationResult
    /// Names the folders that the server may look at (`roots/list`).
    public typealias Roots = @Sendable () async throws -> [Root]
    /// Hears what the server says by itself. The stream is not read on until it returns, so that a slow handler slows the
    /// server and nothing piles up.
    public typealias Notification = @Sendable (ServerNotification) async -> Void

    public var sample: Sampling?
    /// Whether ``sample`` understands tools (`sampling.tools`). Default no: a request with tools is then refused.
    public var samplesWithTools: Bool
    public var elicitForm: FormElicitation?
    public var elicitURL: URLElicitation?
    public var roots: Roots?
    public var notification: Notification?
    /// Extensions that the client declares besides its own (`io.modelcontextprotocol/tasks`), by identifier.
    public var extensions: JSONObject

    public init(
        sample: Sampling? = nil, samplesWithTools: Bool = false, elicitForm: FormElicitation? = nil,
        elicitURL: URLElicitation? = nil, roots: Roots? = nil, notification: Notification? = nil,
        extensions: JSONObject = [:]
    ) {
        self.sample = sample
        self.samplesWithTools = samplesWithTools
        self.elicitForm = elicitForm
        self.elicitURL = elicitURL
        self.roots = roots
        self.notification = notification
        self.extensions = extensions
    }

    /// What the server is told.
    var capabilities: ClientCapabilities {
        var capabilities = ClientCapabilities()
        if sample != nil { capabilities.sampling = .init(tools: samplesWithTools) }
        if elicitForm != nil || elicitURL != nil {
            capabilities.elicitation = .init(form: elicitForm != nil, url: elicitURL != nil)
        }
        if roots != nil { capabilities.roots = .init(listChanged: true) }
        if !extensions.isEmpty { capabilities.extensions = extensions }
        return capabilities
    }
}

/// What a server says without being asked.
public enum ServerNotification: Sendable, Hashable {
    case log(LoggingMessageParams)
    case toolsChanged
    case promptsChanged
    case resourcesChanged
    /// A resource, or one below it, has changed.
    case resourceUpdated(uri: String)
    /// What a person did behind a URL is done (2025-11-25).
    case elicitationCompleted(id: String)
    case taskChanged(DetailedTask)
    /// Any other; also one of the above that is not as it should be.
    case other(method: String, params: JSONObject?)

    init(method: String, params: JSONObject?) {
        let json = params.map(JSONValue.object)
        let known: ServerNotification? =
            switch method {
            case MCPMethod.message: (try? LoggingMessageParams(json: json)).map(ServerNotification.log)
            case MCPMethod.toolsChanged: .toolsChanged
            case MCPMethod.promptsChanged: .promptsChanged
            case MCPMethod.resourcesChanged: .resourcesChanged
            case MCPMethod.resourceUpdated: params?["uri"]?.string.map { .resourceUpdated(uri: $0) }
            case MCPMethod.elicitationComplete:
                (try? ElicitationCompleteParams(json: json)).map { .elicitationCompleted(id: $0.elicitationID) }
            case MCPMethod.taskChanged: (try? DetailedTask(json: json)).map(ServerNotification.taskChanged)
            default: nil
            }
        self = known ?? .other(method: method, params: params)
    }
}
