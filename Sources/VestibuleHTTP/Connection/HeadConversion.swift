internal import HTTPTypes
internal import NIOHTTP1

extension HTTPRequest {
    /// A head as the endpoint takes it: `Host` as the authority, fields whose names are none left out, and a target in
    /// absolute form cut down to its path and query.
    init(_ head: HTTPRequestHead) {
        self.init(
            method: Method(head.method), scheme: "http", authority: nil, path: Self.path(ofTarget: head.uri))
        headerFields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            // The guard lets no second one pass.
            if authority == nil, name.canonicalName == "host" {
                authority = value
            } else {
                headerFields.append(HTTPField(name: name, value: value))
            }
        }
    }

    /// RFC 9112 §3.2: what follows the authority of an absolute form; any other form as it is.
    static func path(ofTarget target: String) -> String {
        guard target.utf8.first != UInt8(ascii: "/"), let separator = target.utf8.firstRange(of: "://".utf8) else {
            return target
        }
        let ends = "/?#".utf8
        let rest = target.utf8[separator.upperBound...].drop { !ends.contains($0) }.prefix { $0 != UInt8(ascii: "#") }
        return rest.first == UInt8(ascii: "/") ? String(Substring(rest)) : "/" + String(Substring(rest))
    }
}

extension HTTPRequest.Method {
    init(_ method: HTTPMethod) {
        switch method {
        case .POST: self = .post
        case .GET: self = .get
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        case .HEAD: self = .head
        default: self = HTTPRequest.Method(method.rawValue) ?? .unreadable
        }
    }

    /// Stands for a method that could not be read.
    static var unreadable: HTTPRequest.Method { HTTPRequest.Method("-") ?? .get }
}

extension HTTPResponseHead {
    init(_ head: HTTPResponse) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(head.headerFields.count + 1)
        for field in head.headerFields { headers.add(name: field.name.rawName, value: field.value) }
        self.init(version: .http1_1, status: HTTPResponseStatus(statusCode: head.status.code), headers: headers)
    }
}
