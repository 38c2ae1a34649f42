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
