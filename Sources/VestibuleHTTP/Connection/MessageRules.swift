internal import HTTPTypes
internal import NIOHTTP1

/// What a request's head has to be, beyond what the decoder asks, before anything of it is handed on.
///
/// The decoder refuses two lengths, a length with a transfer coding, and a coding that does not end in `chunked`.
struct MessageRules {
    enum Verdict: Equatable {
        /// Go on; the client waits for `100 Continue` where that is so.
        case accept(wantsContinue: Bool)
        case refuse(HTTPResponse.Status, String)
    }

    let maximumBodySize: Int

    func verdict(on head: HTTPRequestHead) -> Verdict {
        // RFC 9112 §3.2: exactly one Host in HTTP/1.1, and never two.
        let hosts = head.headers["Host"]
        if hosts.count > 1 { return .refuse(.badRequest, "the request has \(hosts.count) Host fields; one is due") }
        if hosts.isEmpty, head.version.minor >= 1 { return .refuse(.badRequest, "the request has no Host field") }
        // RFC 9112 §3.2.2: a target in absolute form names the host itself. Where the two differ, one reader would judge
        // by this one and another by that.
        if let authority = Self.authority(ofTarget: head.uri), let host = hosts.first {
            guard authority.lowercased().utf8.elementsEqual(host.lowercased().utf8) else {
                return .refuse(.badRequest, "the request's target names another host than its Host field")
            }
        }
        // RFC 9112 §6.1, §6.3: how long the body is must not be in doubt.
        let codings = head.headers[canonicalForm: "Transfer-Encoding"]
        let lengths = head.headers["Content-Length"]
        // By the field's name, since a field without any coding in it is in doubt too.
        if head.headers.contains(name: "Transfer-Encoding") {
            guard codings.count == 1, codings.allSatisfy({ $0.lowercased() == "chunked" }) else {
                return .refuse(.badRequest, "the only transfer coding that is accepted is chunked")
            }
            guard lengths.isEmpty, head.version.minor >= 1 else {
                return .refuse(.badRequest, "the request has both a length and a transfer coding, or is HTTP/1.0")
            }
        }
        guard lengths.count <= 1 else { return .refuse(.badRequest, "the request has more than one Content-Length") }
        if let length = lengths.first {
            guard length.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), !length.isEmpty else {
                return .refuse(.badRequest, "Content-Length is not a number")
            }
            guard let bytes = Int(length), bytes <= maximumBodySize else {
                return .refuse(.contentTooLarge, "the body has more than \(maximumBodySize) bytes")
            }
        }
        let expectations = head.headers[canonicalForm: "Expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            return .refuse(.expectationFailed, "the only expectation that is met is 100-continue")
        }
        return .accept(wantsContinue: !expectations.isEmpty && head.version.minor >= 1)
    }

    /// What stands between `http://` or `https://` and the path; `nil` for a target in another form.
    private static func authority(ofTarget target: String) -> String? {
        let bytes = target.utf8
        guard bytes.first != UInt8(ascii: "/") else { return nil }
        for scheme in ["http://", "https://"] {
            let start = bytes.prefix(scheme.utf8.count)
            guard start.elementsEqual(scheme.utf8, by: { $0 == $1 || $0 | 0x20 == $1 }) else { continue }
            let ends = "/?#".utf8
            return String(bytes.dropFirst(scheme.utf8.count).prefix { !ends.contains($0) })
        }
        return nil
    }
}

extension HTTPRequestHead {
    /// Whether the decoder takes whatever follows the request for another protocol and reads no further request, though
    /// this server never switches: the connection then has to end with the answer. Java's client offers `h2c` on every
    /// connection.
    var endsHTTP: Bool {
        method == .CONNECT || headers.contains(name: "Upgrade")
    }
}

extension HTTPRequest {
    /// As much of a head as an answer and its record need.
    init(describing head: HTTPRequestHead) {
        self.init(
            method: Method(head.method), scheme: "http", authority: head.headers["Host"].first,
            path: head.uri)
        if let origin = head.headers["Origin"].first { headerFields[.origin] = origin }
    }

    /// Stands for a head that could not be read.
    static var unreadable: HTTPRequest {
        HTTPRequest(method: .unreadable, scheme: "http", authority: nil, path: "/")
    }
}
