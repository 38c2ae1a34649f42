internal import HTTPTypes
internal import VestibuleProtocol
internal import VestibuleServer

/// `/web/…`: modules, styles and pictures, for pages of any origin; and the pages themselves.
struct FileRoutes {
    static let prefix = "/web/"

    let files: WebFiles

    func answer(_ request: EndpointRequest) -> EndpointResponse {
        var response = answerFile(String(request.path.dropFirst(Self.prefix.count)), request)
        response.head.headerFields[.accessControlAllowOrigin] = "*"
        response.head.headerFields[.crossOriginResourcePolicy] = "cross-origin"
        return response
    }

    private func answerFile(_ path: String, _ request: EndpointRequest) -> EndpointResponse {
        switch request.head.method {
        case .get, .head: break
        case .options:
            return .empty(
                204,
                fields: [
                    HTTPField(name: .allow, value: "GET, HEAD, OPTIONS"),
                    HTTPField(name: .accessControlAllowMethods, value: "GET, HEAD"),
                    HTTPField(name: .accessControlAllowHeaders, value: "If-None-Match"),
                ])
        default: return .methodNotAllowed("GET, HEAD, OPTIONS")
        }
        // Pages have their own paths; under another one they would be pages of that path.
        guard let file = files[path], !file.isPage else {
            return .json(
                404, ["error": "not_found", "detail": "no such file; the modules are in /web/vestibule.js"])
        }
        return answer(file, request)
    }

    /// A page of `Web/page/`.
    func page(_ name: String, _ request: EndpointRequest) -> EndpointResponse? {
        guard let file = files["page/\(name).html"] else { return nil }
        switch request.head.method {
        case .get, .head: return answer(file, request)
        default: return .methodNotAllowed("GET, HEAD")
        }
    }

    private func answer(_ file: WebFile, _ request: EndpointRequest) -> EndpointResponse {
        let isKnown = knows(file, request)
        var response = EndpointResponse.empty(isKnown ? 304 : 200)
        response.head.headerFields[.eTag] = file.entityTag
        // Kept, but asked about each time: a new server has new modules, and they belong together.
        response.head.headerFields[.cacheControl] = "no-cache"
        response.head.headerFields[.contentType] = file.contentType
        if !isKnown { response.body = .bytes(file.bytes) }
        return response
    }

    /// Whether the browser has the file already (RFC 9110 §13.1.2).
    private func knows(_ file: WebFile, _ request: EndpointRequest) -> Bool {
        for field in request.head.headerFields[values: .ifNoneMatch] {
            for tag in field.split(separator: ",") {
                let tag = String(tag).trimmingOptionalWhitespace
                if tag == "*" || tag == file.entityTag || tag == "W/\(file.entityTag)" { return true }
            }
        }
        return false
    }
}
