/// What must be known of a message before anybody decides about it, found by one validating scan of its bytes.
///
/// The body stays as it came: `params`, `params.arguments` and `params._meta` are ranges of it, and nobody decodes
/// them until somebody needs to.
public struct Envelope: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case request(RequestID)
        case notification
        /// A response that a client sends to a request of the server (legacy era).
        case response(RequestID)
    }

    public var kind: Kind
    /// The method; empty for a response.
    public var method: String
    /// `params.name`, where it is a string: the tool or prompt.
    public var name: String?
    /// `params.uri`, where it is a string: the resource.
    public var uri: String?
    /// Where `params` lies in the body.
    public var params: Range<Int>?
    /// Where `params.arguments` lies in the body, of whatever kind it is; `nil` for null as for none.
    public var arguments: Range<Int>?
    /// Where `params._meta`, an object, lies in the body; `nil` for null as for none.
    public var meta: Range<Int>?
    /// `params._meta["io.modelcontextprotocol/protocolVersion"]`, by which a modern request names its version.
    public var claimedVersion: String?
    /// Where `io.modelcontextprotocol/clientCapabilities`, an object, lies in the body.
    public var clientCapabilities: Range<Int>?
    /// Where `io.modelcontextprotocol/clientInfo`, an object with `name` and `version`, lies in the body.
    public var clientInfo: Range<Int>?
    /// The `name` in it.
    public var clientName: String?
    /// `io.modelcontextprotocol/logLevel`; empty where it is not a string.
    public var logLevel: String?
    /// `params._meta.progressToken`, where it is a string or an integer.
    public var progressToken: RequestID?
    /// Where `params.cursor` lies in the body, of whatever kind it is; `nil` for null as for none.
    public var cursor: Range<Int>?
    /// Where `params.inputResponses` lies in the body, of whatever kind it is; `nil` for null as for none.
    public var inputResponses: Range<Int>?
    /// `params.requestState`; empty where it is not a string.
    public var requestState: String?
    /// `params.taskId`, where it is a string.
    public var taskID: String?

    public init(
        kind: Kind, method: String, name: String? = nil, uri: String? = nil, params: Range<Int>? = nil,
        arguments: Range<Int>? = nil, meta: Range<Int>? = nil, claimedVersion: String? = nil
    ) {
        self.kind = kind
        self.method = method
        self.name = name
        self.uri = uri
        self.params = params
        self.arguments = arguments
        self.meta = meta
        self.claimedVersion = claimedVersion
    }

    public var requestID: RequestID? {
        switch kind {
        case .request(let id), .response(let id): id
        case .notification: nil
        }
    }
}
