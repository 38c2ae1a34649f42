internal import HTTPTypes
public import VestibuleClient
public import VestibuleServer

/// Hands requests to a server in the same process: no socket, no port, no engine.
public struct InProcessTransport: HTTPTransport {
    private let respond: @Sendable (EndpointRequest) async -> EndpointResponse

    /// - Parameter respond: The server, such as an MCP endpoint's `respond(to:)`.
    public init(_ respond: @escaping @Sendable (EndpointRequest) async -> EndpointResponse) {
        self.respond = respond
    }

    /// - Parameter endpoint: The MCP endpoint that answers.
    public init(_ endpoint: MCPEndpoint) {
        self.init { await endpoint.respond(to: $0) }
    }

    /// Sends the request, and holds what passes against the schemas of MCP (``WireCheck``).
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try await CheckedTransport(Unchecked(respond: respond)).send(request)
    }
}

/// The way to the server and back.
private struct Unchecked: HTTPTransport {
    let respond: @Sendable (EndpointRequest) async -> EndpointResponse

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        guard let address = ServerAddress(request.url) else {
            throw TransportError(.notSent, "\"\(request.url)\" is not an http or https URL")
        }
        try Task.checkCancellation()
        let head = HTTPRequest(
            method: request.method, scheme: address.scheme, authority: address.authority, path: address.path,
            headerFields: request.fields)
        let response = await respond(EndpointRequest(head: head, body: request.body, remoteAddress: "127.0.0.1"))
        let body: TransportBody
        switch response.body {
        case .empty: body = TransportBody([])
        case .bytes(let bytes): body = TransportBody(bytes)
        case .stream(let pieces): body = TransportBody(pulling: pieces) { $0 }
        }
        return TransportResponse(
            status: response.head.status.code, fields: response.head.headerFields, body: body)
    }
}
