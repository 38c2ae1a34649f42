/// What a URL says about the server: enough to choose a transport and to judge whether it is safe.
package struct ServerAddress: Sendable, Hashable {
    package let scheme: String
    /// Host and port as written, without user information.
    package let authority: String
    /// Path and query, at least `/`.
    package let path: String

    /// `nil` where the text is no absolute `http` or `https` URL with a host, or carries user information or a fragment.
    package init?(_ url: String) {
        guard url.utf8.count <= 8192, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !url.utf8.contains(UInt8(ascii: "#")), let colon = url.range(of: "://")
        else { return nil }
        let scheme = url[..<colon.lowerBound].lowercased()
        let rest = url[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard scheme == "http" || scheme == "https", !authority.isEmpty, !authority.contains("@"),
            authority.first != ":"
        else { return nil }
        let tail = String(rest[authority.endIndex...])
        self.scheme = scheme
        self.authority = String(authority)
        self.path = tail.hasPrefix("/") ? tail : "/" + tail
    }

    package var isSecure: Bool { scheme == "https" }

    package var isLoopback: Bool {
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost") || name == "[::1"
            || (name.hasPrefix("127.") && name.split(separator: ".").count == 4
                && name.utf8.allSatisfy { $0 == 0x2E || ($0 >= 0x30 && $0 <= 0x39) })
    }
}

extension String {
    /// The first place of a text; by itself, so that no Foundation is needed.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
