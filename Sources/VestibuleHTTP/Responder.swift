internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import VestibuleServer

/// Hands requests of Hummingbird to the sites and the endpoint, and their answers back.
struct Responder: Sendable {
    let endpoint: MCPEndpoint
    let sites: [any HTTPSite]
    let isReady: @Sendable () -> Bool

    /// - Throws: what broke the request's body off; the connection is then closed already.
    func respond(to request: Request, from address: String?) async throws -> EndpointResponse {
        switch request.head.path {
        case "/healthz": return probe(true, request.method)
        case "/readyz": return probe(isReady(), request.method)
        default: break
        }
        // The connection's guard has bounded the body already, in size and in time.
        let collected = try await request.body.collect(upTo: endpoint.maximumBodySize)
        let asked = EndpointRequest(head: request.head, body: Array(buffer: collected), remoteAddress: address)
        for site in sites {
            if let response = await site.respond(to: asked) { return response }
        }
        return await endpoint.respond(to: asked)
    }

    private func probe(_ isGood: Bool, _ method: HTTPRequest.Method) -> EndpointResponse {
        let text = isGood ? #"{"status":"ok"}"# : #"{"status":"unavailable"}"#
        var head = HTTPResponse(status: isGood ? .ok : .serviceUnavailable)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.cacheControl] = "no-store"
        return EndpointResponse(head: head, body: method == .head ? .empty : .bytes(Array(text.utf8)))
    }
}

extension ResponseWriter {
    /// Writes the answer to that request.
    ///
    /// The pieces of a stream go out one by one, each when there is room for it in the connection's buffer. The stream
    /// is given up once the connection has closed, which it also does with the stream's end.
    ///
    /// - Parameter closed: the connection's end.
    @concurrent consuming func write(
        _ response: EndpointResponse, until closed: EventLoopFuture<Void>
    ) async throws {
        var head = response.head
        switch response.body {
        case .empty:
            // A 204 has no length (RFC 9110 §8.6). That of an answer to HEAD is its resource's, where it is known.
            if head.status != .noContent, head.status != .notModified, head.headerFields[.contentLength] == nil {
                head.headerFields[.contentLength] = "0"
            }
            try await write(response: head, body: ResponseBody())
        case .bytes(let bytes):
            head.headerFields[.contentLength] = String(bytes.count)
            try await write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let pieces):
            head.headerFields[.connection] = "close"
            let source = EndableStream(pieces)
            closed.whenComplete { _ in source.end() }
            var body = try await writeHead(head)
            while let piece = await source.next() {
                try await body.write(ByteBuffer(bytes: piece))
                // The write is only queued for the event loop, and until that has run the channel counts as writable:
                // a busy machine would queue piece upon piece. Once the loop has come to it, the next write waits
                // where the buffer is full.
                try await closed.eventLoop.submit {}.get()
            }
            try await body.finish(nil)
        }
    }
}
