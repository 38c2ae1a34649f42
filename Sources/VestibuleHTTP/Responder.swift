internal import HTTPTypes
internal import VestibuleServer

/// Hands requests to the probes, the sites and the endpoint, whichever knows the path.
struct Responder: Sendable {
    let endpoint: MCPEndpoint
    let sites: [any HTTPSite]
    let isReady: @Sendable () -> Bool

    func respond(to request: EndpointRequest) async -> EndpointResponse {
        switch request.head.path {
        case "/healthz": return probe(true, request.head.method)
        case "/readyz": return probe(isReady(), request.head.method)
        default: break
        }
        for site in sites {
            if let response = await site.respond(to: request) { return response }
        }
        return await endpoint.respond(to: request)
    }

    private func probe(_ isGood: Bool, _ method: HTTPRequest.Method) -> EndpointResponse {
        let text = isGood ? #"{"status":"ok"}"# : #"{"status":"unavailable"}"#
        var head = HTTPResponse(status: isGood ? .ok : .serviceUnavailable)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.cacheControl] = "no-store"
        return EndpointResponse(head: head, body: method == .head ? .empty : .bytes(Array(text.utf8)))
    }
}
