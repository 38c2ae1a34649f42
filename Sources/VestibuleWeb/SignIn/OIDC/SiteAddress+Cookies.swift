internal import VestibuleProtocol
internal import VestibuleServer

extension SiteAddress {
    /// The origin to go to first where the browser came by another name of this machine than the configured one: a
    /// cookie of `localhost` does not come along to `127.0.0.1`. `nil` where it came by the right one.
    func originForCookies(host: String?) -> String? {
        let seen = ResourceURL(origin(host: host)).map { SitePolicy.splitPort(of: $0.authority) }
        let own = ResourceURL(origin).map { SitePolicy.splitPort(of: $0.authority.asciiLowercased) }
        // Another port means that something stands in between and names the host as it likes: no redirect would help.
        guard let seen, let own, seen.port == own.port, !seen.host.hasSameBytes(as: own.host) else { return nil }
        return origin
    }
}
