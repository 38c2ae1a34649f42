/// A client's answer to an ``InputRequest``.
public enum InputResponse: Sendable, Hashable {
    case elicitation(ElicitationResult)
    case sampling(CreateMessageResult)
    case roots(ListRootsResult)

    /// Reads the answer to a question of that method.
    ///
    /// - Throws: ``MalformedMessage`` where it is not what that question is answered with.
    public init(json: JSONValue?, answering request: InputRequest) throws(MalformedMessage) {
        switch request {
        case .elicitation: self = .elicitation(try ElicitationResult(json: json))
        case .sampling: self = .sampling(try CreateMessageResult(json: json))
        case .roots: self = .roots(try ListRootsResult(json: json))
        }
    }
}

extension InputResponse: VersionedJSON {
    public func json(for version: ProtocolVersion?) -> JSONValue {
        switch self {
        case .elicitation(let result): result.json
        case .sampling(let result): result.json(for: version)
        case .roots(let result): result.json(for: version)
        }
    }
}
