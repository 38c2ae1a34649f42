internal import HTTPTypes
public import VestibuleClient
internal import VestibuleProtocol

/// Passes requests on to another transport, and holds what passes against the schemas of MCP (``WireCheck``).
public struct CheckedTransport: HTTPTransport {
    private let transport: any HTTPTransport

    /// - Parameter transport: The one that carries the requests, to a server of ours.
    public init(_ transport: any HTTPTransport) {
        self.transport = transport
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        let exchange = WireCheck.request(
            request.body, session: request.fields.first(MCPHeader.sessionID),
            version: request.fields.first(MCPHeader.protocolVersion), judgesClient: request.isMessage)
        var response = try await transport.send(request)
        guard let contentType = response.fields[.contentType] else { return response }
        let session = response.fields.first(MCPHeader.sessionID)
        if contentType.hasPrefix("text/event-stream") {
            response.body = TransportBody(pulling: response.body) { piece in
                exchange.piece(piece, session: session)
                return piece
            }
        } else if contentType.hasPrefix("application/json") {
            let bytes = Collected(exchange, contentType: contentType, session: session)
            response.body = TransportBody(pulling: response.body) { piece in
                bytes.add(piece)
                return piece
            }
        }
        return response
    }
}

extension TransportRequest {
    /// Whether the body is a message, and not a form for an authorization server.
    var isMessage: Bool {
        method == .post && fields[.contentType]?.hasPrefix("application/json") == true && !body.isEmpty
            && fields[.accept]?.contains("text/event-stream") == true
    }
}

extension HTTPFields {
    func first(_ name: String) -> String? { HTTPField.Name(name).flatMap { self[values: $0].first } }
}
