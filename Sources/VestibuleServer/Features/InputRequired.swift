public import VestibuleProtocol

/// Questions that the client has to answer before a handler can go on.
///
/// ``RequestContext/ask(_:)`` and its kin throw it where the client is to come again with its answers (2026-07-28), and it
/// has to pass through the handler: one that catches every error lets this one go on its way. When the client has come
/// again, the handler runs anew from its start, and what was answered is at hand.
///
/// A handler may throw one of its own, with a state that it finds again in ``RequestContext/state``, and the answers in
/// ``RequestContext/inputResponses``. In the legacy era the client is asked and the handler run anew at once.
public struct InputRequired: Error, Sendable, Hashable {
    /// The questions, by keys under which the answers come back.
    public var requests: [String: InputRequest]
    /// What the handler wants to find again. The client carries it, sealed: it can neither read nor change it.
    public var state: JSONValue?

    public init(_ requests: [String: InputRequest], state: JSONValue? = nil) {
        self.requests = requests
        self.state = state
    }
}

/// The client did not declare that it can do what a handler asked of it.
///
/// In 2026-07-28 it is told so with error -32021; in the legacy era the tool has failed, unless it catches this.
public struct MissingClientCapability: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the client would have to declare.
    public var required: ClientCapabilities
    /// One line.
    public var description: String

    public init(_ required: ClientCapabilities, _ description: String) {
        self.required = required
        self.description = description
    }
}

/// An answer of the client that is not what the question asked for.
public struct MalformedAnswer: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
