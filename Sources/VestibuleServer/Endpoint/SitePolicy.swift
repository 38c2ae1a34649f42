internal import HTTPTypes
internal import VestibuleProtocol

/// Which pages may talk to the server, and under which names it answers: the defence against DNS rebinding.
public struct SitePolicy: Sendable {
    private let origins: Set<ByteKey>
    private let hosts: Set<ByteKey>
    private let allowsAnyHost: Bool
    private let allowsLoopback: Bool

    public init(_ configuration: EndpointConfiguration) {
        self.origins = Set(configuration.allowedOrigins.map { ByteKey(Self.normalised(origin: $0)) })
        var hosts = Set(configuration.allowedHosts.map { ByteKey($0.asciiLowercased) })
        if let authority = ResourceURL(configuration.resource)?.authority {
            hosts.insert(ByteKey(Self.splitPort(of: authority.asciiLowercased).host))
        }
        self.hosts = hosts
        self.allowsAnyHost = configuration.allowedHosts.contains("*")
        self.allowsLoopback = configuration.allowsLoopbackOrigins
    }

    /// A page's origin is its scheme, host and port; `null` is nobody's.
    public func allows(origin: String) -> Bool {
        let origin = Self.normalised(origin: origin)
        if origins.contains(ByteKey(origin)) { return true }
        guard allowsLoopback else { return false }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return Self.isLoopback(host: Self.splitPort(of: String(origin.dropFirst(scheme.count))).host)
        }
        return false
    }

    /// A request without `Host` is HTTP/1.0 or in process, and no browser's.
    public func allows(host: String?) -> Bool {
        guard let host, !allowsAnyHost else { return true }
        let authority = host.trimmingOptionalWhitespace.asciiLowercased
        let name = Self.splitPort(of: authority).host
        return hosts.contains(ByteKey(authority)) || hosts.contains(ByteKey(name))
            || allowsLoopback && Self.isLoopback(host: name)
    }

    /// As a browser writes it in `Origin`: in lower case, and without the port that its scheme implies.
    package static func normalised(origin: String) -> String {
        let lowered = origin.asciiLowercased
        let bare = lowered.utf8.last == UInt8(ascii: "/") ? String(lowered.dropLast()) : lowered
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")]
        where bare.hasPrefix(scheme) && bare.hasSuffix(port) {
            return String(bare.dropLast(port.count))
        }
        return bare
    }

    /// Takes a port off an authority; the brackets of an IPv6 address stay.
    package static func splitPort(of authority: String) -> (host: String, port: String?) {
        guard let colon = authority.utf8.lastIndex(of: UInt8(ascii: ":")) else { return (authority, nil) }
        let port = authority.utf8[authority.utf8.index(after: colon)...]
        guard port.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), port.count <= 5 else { return (authority, nil) }
        let host = String(authority[..<colon])
        // A bare IPv6 address has more colons; one with a port has brackets.
        guard !host.utf8.contains(UInt8(ascii: ":")) || host.utf8.last == UInt8(ascii: "]") else {
            return (authority, nil)
        }
        return (host, String(port))
    }

    package static func isLoopback(host: String) -> Bool {
        if ["localhost", "[::1]", "::1"].contains(where: host.hasSameBytes(as:)) { return true }
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return false }
        let numbers = parts.compactMap { part in
            (1...3).contains(part.count) && part.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
                ? UInt8(String(part) ?? "") : nil
        }
        return numbers.count == 4 && numbers.first == 127
    }
}

/// The parts of a resource identifier.
package struct ResourceURL: Sendable {
    package let scheme: String
    package let authority: String
    /// Begins with `/`, or is empty.
    package let path: String

    package init?(_ text: String) {
        guard let separator = text.range(of: "://") else { return nil }
        let scheme = text[..<separator.lowerBound]
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !scheme.isEmpty, !authority.isEmpty else { return nil }
        self.scheme = String(scheme)
        self.authority = String(authority)
        self.path = String(rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" })
    }

    package var origin: String { "\(scheme)://\(authority)" }
}

extension String {
    fileprivate func range(of separator: String) -> Range<String.Index>? {
        let pattern = Array(separator.utf8)
        var start = utf8.startIndex
        while start < utf8.endIndex {
            let tail = utf8[start...]
            if tail.starts(with: pattern) { return start..<utf8.index(start, offsetBy: pattern.count) }
            start = utf8.index(after: start)
        }
        return nil
    }
}
