public import HTTPTypes

/// One HTTP request to the MCP endpoint, as any HTTP engine can hand it over.
public struct EndpointRequest: Sendable {
    public var head: HTTPRequest
    public var body: [UInt8]
    /// The peer's address without its port, for limits and logs.
    public var remoteAddress: String?
    /// Whether the peer is still there, where the carrier can tell.
    public var peer: PeerPresence?

    public init(
        head: HTTPRequest, body: [UInt8] = [], remoteAddress: String? = nil, peer: PeerPresence? = nil
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.peer = peer
    }
}

/// One HTTP response of the MCP endpoint.
public struct EndpointResponse: Sendable {
    public enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Pieces to be written and flushed as they come.
        case stream(ByteStream)
    }

    public var head: HTTPResponse
    public var body: Body

    public init(head: HTTPResponse, body: Body = .empty) {
        self.head = head
        self.body = body
    }
}
