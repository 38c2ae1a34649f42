/// A question that a server asks before it can answer (MCP 2026-07-28, Multi Round-Trip Requests); a request of its own in
/// the legacy era.
public enum InputRequest: Sendable, Hashable {
    case elicitation(ElicitationParams)
    case sampling(CreateMessageParams)
    case roots

    public var method: String {
        switch self {
        case .elicitation: MCPMethod.elicit
        case .sampling: MCPMethod.createMessage
        case .roots: MCPMethod.listRoots
        }
    }

    /// The parameters as a revision writes them.
    public func params(for version: ProtocolVersion?) -> JSONObject? {
        switch self {
        case .elicitation(let params): params.json(for: version).object
        case .sampling(let params): params.json(for: version).object
        case .roots: nil
        }
    }

    /// What the client must have declared to be asked this.
    public var neededCapability: ClientCapabilities {
        switch self {
        case .elicitation(let params): params.neededCapability
        case .sampling(let params): params.neededCapability
        case .roots: ClientCapabilities(roots: .init())
        }
    }

    /// Reads a server's request by its method.
    ///
    /// - Throws: ``MalformedMessage`` where the parameters are not what the method needs.
    /// - Returns: `nil` where the method is none of those that ask for input.
    public static func read(method: String, params: JSONValue?) throws(MalformedMessage) -> InputRequest? {
        switch method {
        case MCPMethod.elicit: .elicitation(try ElicitationParams(json: params))
        case MCPMethod.createMessage: .sampling(try CreateMessageParams(json: params))
        case MCPMethod.listRoots: .roots
        default: nil
        }
    }
}

extension InputRequest: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        var object: JSONObject = ["method": .string(method)]
        object.add("params", params(for: version))
        return .object(object)
    }

    /// Reads an entry of `inputRequests`.
    public init(json: JSONValue) throws(MalformedMessage) {
        let method = try MessageReader(json, "an input request").string("method")
        guard let request = try Self.read(method: method, params: json["params"]) else {
            throw MalformedMessage("an input request's `method` is none of those that ask for input")
        }
        self = request
    }
}
