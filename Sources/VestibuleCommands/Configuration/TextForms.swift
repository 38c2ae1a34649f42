internal import VestibuleAuth
internal import VestibuleProtocol

extension TextForm {
    /// Any text that is not empty.
    static let any = TextForm("a text", pattern: "^[\\s\\S]+$") { !$0.isEmpty }

    /// A path; a relative one counts from the configuration file.
    static let path = TextForm("a path", pattern: "^[^\\u0000]+$") { !$0.isEmpty && !$0.utf8.contains(0) }

    /// A host name or address to listen on.
    static let host = TextForm("a host name or an IP address", pattern: "^[A-Za-z0-9._:\\-\\[\\]]+$") { text in
        !text.isEmpty && text.utf8.allSatisfy { $0.isHostCharacter || $0 == UInt8(ascii: ":") }
    }

    /// The path part of the endpoint's URL.
    static let endpointPath = TextForm("a path that starts with /, such as /mcp", pattern: "^/[A-Za-z0-9._~/\\-]+$") {
        $0.hasPrefix("/") && $0.utf8.count > 1 && !$0.hasSuffix("/") && !$0.contains("//")
            && $0.utf8.dropFirst().allSatisfy { $0.isHostCharacter || "/~".utf8.contains($0) }
    }

    /// An `http` or `https` URL without credentials or fragment.
    static let url = TextForm("a URL that starts with https:// or http://", pattern: "^https?://[^\\s#]+$") {
        HTTPURL($0) != nil
    }

    /// A web origin (RFC 6454): scheme, host, port, no path.
    static let origin = TextForm("an origin such as https://app.example.com", pattern: "^https?://[^\\s#/]+$") {
        guard let url = HTTPURL($0) else { return false }
        return url.path.isEmpty
    }

    /// A `Host` as a client may send it: a name, with a port or without.
    static let hostHeader = TextForm("a host such as mcp.example.com or mcp.example.com:8443", pattern: "^[^\\s/]+$") {
        HTTPURL("http://" + $0)?.path.isEmpty == true
    }

    /// A pattern in which `*` stands for any run of characters.
    static let glob = TextForm("a name, in which * stands for any characters", pattern: "^\\S+$") { text in
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// A pattern of a client's name, which may hold spaces.
    static let clientGlob = TextForm("a name, in which * stands for any characters") { !$0.isEmpty }

    /// Where in a token's claims to look.
    static let claimPath = TextForm(
        "a claim such as claims.buckets", pattern: "^claims(\\.[^.]+)+$"
    ) { text in
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == "claims" && !parts.contains("")
    }

    /// A claim's name, or the path to it.
    static let claimName = TextForm("a claim such as roles or realm_access.roles", pattern: "^[^\\s]+$") { text in
        !text.isEmpty && text.utf8.count <= 256 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// The plain name of a bucket.
    static let bucket = TextForm("the name of a bucket, such as demo-bucket", pattern: "^[^\\s/:?#%\\\\]+$") {
        BucketName($0)?.name.hasSameBytes(as: $0) == true
    }

    /// An OAuth scope token (RFC 6749 §3.3).
    static let scope = TextForm("a scope without spaces", pattern: "^[!#-\\[\\]-~]+$") { text in
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}

extension UInt8 {
    fileprivate var isHostCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// An absolute `http` or `https` URL, as far as its origin has to be known (RFC 3986 §3).
struct HTTPURL: Sendable, Hashable {
    var scheme: String
    /// Host and port as written, in lower case.
    var authority: String
    /// Everything behind the authority.
    var path: String

    /// `nil` where the text has another scheme, no host, credentials, a fragment or white space.
    init?(_ text: String) {
        let lowered = text.prefix(8).lowercased()
        guard let scheme = ["https", "http"].first(where: { lowered.hasPrefix($0 + "://") }) else { return nil }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "#") }),
            Self.isAuthority(String(authority))
        else { return nil }
        self.scheme = scheme
        self.authority = authority.lowercased()
        self.path = String(rest.dropFirst(authority.count))
    }

    var origin: String { "\(scheme)://\(authority)" }

    private static func isAuthority(_ text: String) -> Bool {
        var host = Substring(text)
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let port = host[host.index(after: end)...]
            let address = host[..<end].dropFirst()
            guard !address.isEmpty, address.utf8.allSatisfy({ $0.isHostCharacter || $0 == UInt8(ascii: ":") }) else {
                return false
            }
            return port.isEmpty || port.hasPrefix(":") && isPort(port.dropFirst())
        }
        if let colon = host.lastIndex(of: ":") {
            guard isPort(host[host.index(after: colon)...]) else { return false }
            host = host[..<colon]
        }
        return !host.isEmpty && host.utf8.allSatisfy(\.isHostCharacter)
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text)
        else { return false }
        return (1...65_535).contains(port)
    }
}

/// Dates as RFC 3339 writes them.
enum DateText {
    static let pattern = "^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$"

    /// Reckons by the Gregorian calendar in all years, as RFC 3339 does and as dates are printed here.
    static func parse(_ text: String) -> NumericDate? {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count), bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            let (fraction, offset) = tail(bytes[19...]),
            let midnight = UTCTime(year: year, month: month, day: day, hour: 0, minute: 0, second: 0).numericDate,
            // A month has its days and no more.
            UTCTime(midnight)?.day == day,
            let local = UTCTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
                .numericDate
        else { return nil }
        let date = NumericDate(local.seconds + fraction - Double(offset))
        return UTCTime(date) == nil ? nil : date
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// The fraction of a second, and the offset from UTC in seconds.
    private static func tail(_ bytes: ArraySlice<UInt8>) -> (Double, Int)? {
        var bytes = bytes
        var fraction = 0.0
        if bytes.first == UInt8(ascii: ".") {
            let digits = bytes.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, let value = Double("0." + String(decoding: digits, as: UTF8.self)) else {
                return nil
            }
            fraction = value
            bytes = bytes[digits.endIndex...]
        }
        let rest = Array(bytes)
        if rest.count == 1, rest[0] | 0x20 == UInt8(ascii: "z") { return (fraction, 0) }
        guard rest.count == 6, rest[3] == UInt8(ascii: ":"), let hours = number(rest[1..<3]), hours < 24,
            let minutes = number(rest[4..<6]), minutes < 60
        else { return nil }
        let offset = hours * 3600 + minutes * 60
        switch rest[0] {
        case UInt8(ascii: "+"): return (fraction, offset)
        case UInt8(ascii: "-"): return (fraction, -offset)
        default: return nil
        }
    }
}
