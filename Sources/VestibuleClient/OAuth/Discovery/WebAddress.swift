internal import VestibuleProtocol

/// An `http` or `https` URL in the parts that OAuth's rules speak of.
struct WebAddress: Sendable, Hashable {
    /// In lower case.
    let scheme: String
    /// Host and port in lower case, without the scheme's default port.
    let authority: String
    /// At least `/`, without query.
    let path: String
    let isLoopback: Bool

    /// `nil` where the text is no absolute URL of that kind, or carries user information or a fragment.
    init?(_ url: String) {
        guard let address = ServerAddress(url) else { return nil }
        let host = address.authority.lowercased()
        let standardPort = address.isSecure ? ":443" : ":80"
        self.scheme = address.scheme
        self.authority = host.hasSuffix(standardPort) ? String(host.dropLast(standardPort.utf8.count)) : host
        self.path = String(address.path.prefix { $0 != "?" })
        self.isLoopback = address.isLoopback
    }

    var origin: String { "\(scheme)://\(authority)" }
    var isSecure: Bool { scheme == "https" }

    /// The path without slashes at its end; empty for the root.
    var trimmedPath: Substring {
        var path = path[...]
        while path.hasSuffix("/") { path = path.dropLast() }
        return path
    }

    /// The URL without query and without a slash at its end: the canonical form of a resource (RFC 8707 §2, as MCP
    /// narrows it).
    var canonical: String { origin + trimmedPath }

    /// Whether this is the same resource, or one that holds it: the same origin, and a path that is a whole part of it.
    func holds(_ other: WebAddress) -> Bool {
        guard scheme == other.scheme, authority.hasSameBytes(as: other.authority) else { return false }
        let mine = Array(trimmedPath.utf8)
        let theirs = Array(other.trimmedPath.utf8)
        return mine == theirs || (theirs.starts(with: mine) && theirs[mine.count] == UInt8(ascii: "/"))
    }

    /// A well-known URI: the name between host and path (RFC 8615, RFC 8414 §3.1, RFC 9728 §3.1).
    func wellKnown(_ name: String, withPath: Bool = true) -> String {
        "\(origin)/.well-known/\(name)" + (withPath ? trimmedPath : "")
    }
}

/// Which URLs may be asked or opened on behalf of one protected resource.
///
/// Documents name them, so somebody else does: `https` only, and this machine only where the resource itself is on this
/// machine (MCP Security Best Practices, Server-Side Request Forgery).
struct AddressRule: Sendable {
    let allowsLoopback: Bool

    init(resource: WebAddress) {
        self.allowsLoopback = resource.isLoopback
    }

    /// - Parameter what: What the URL is for, such as `the token endpoint`.
    /// - Throws: ``MCPClientError`` of code `signInFailed`.
    @discardableResult
    func check(_ url: String, _ what: String) throws(MCPClientError) -> WebAddress {
        guard let address = WebAddress(url) else {
            throw .signInFailed("\(what) \(url.shownURL) is not an https URL; nothing was sent to it")
        }
        if address.isLoopback {
            guard allowsLoopback else {
                throw .signInFailed(
                    "\(what) \(url.shownURL) is on this machine, though the MCP server is not; nothing was sent to it")
            }
            return address
        }
        guard address.isSecure else {
            throw .signInFailed(
                "\(what) \(url.shownURL) is plain http, where anybody could listen; it has to be https")
        }
        return address
    }
}

extension MCPClientError {
    /// An error of the sign-in, in one line.
    static func signInFailed(_ message: String, cause: (any Error)? = nil) -> MCPClientError {
        MCPClientError(.signInFailed, message, cause: cause)
    }
}

extension String {
    /// Without its query, cut, in quotation marks: fit to be shown.
    var shownURL: String { "\"\(String(prefix { $0 != "?" }).onOneLine(limit: 200))\"" }
    /// A word of another party, fit to be shown.
    var shownWord: String { "\"\(onOneLine(limit: 120))\"" }
}
