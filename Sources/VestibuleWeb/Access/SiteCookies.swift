public import HTTPTypes
internal import VestibuleProtocol
public import VestibuleServer

/// The names and attributes of the site's cookies (RFC 6265bis).
///
/// Every cookie has the prefix `__Host-`, so that no other host can set it and no path hides it. Cookies know no ports:
/// on loopback the name carries the port, for two servers on one machine.
public struct SiteCookies: Sendable {
    public enum SameSite: String, Sendable {
        /// Sent where a person follows a link from elsewhere, too, but not with what pages elsewhere send.
        case lax = "Lax"
        case strict = "Strict"
    }

    private let suffix: String

    public init(_ address: SiteAddress) {
        self.suffix = address.isLoopback ? "-\(address.port)" : ""
    }

    /// The cookie's full name: `__Host-vestibule`, or with a purpose `__Host-vestibule-sign-in`.
    public func name(_ purpose: String? = nil) -> String {
        "__Host-vestibule" + (purpose.map { "-\($0)" } ?? "") + suffix
    }

    /// The cookie's value; `nil` where there is none, or more than one of that name, of which nobody can say whose
    /// each is.
    public func value(_ purpose: String? = nil, in request: EndpointRequest) -> String? {
        let name = name(purpose)
        var found: String?
        for field in request.head.headerFields[values: .cookie] {
            for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
                let text = String(decoding: pair, as: UTF8.self).trimmingOptionalWhitespace
                guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")),
                    Array(text.utf8[..<equals]) == Array(name.utf8)
                else { continue }
                guard found == nil else { return nil }
                found = String(text[text.utf8.index(after: equals)...])
            }
        }
        return found
    }

    /// A `Set-Cookie` field. Without `maximumAge` the cookie goes with the browser's session.
    ///
    /// - Parameter value: only characters of base64url; anything else is left out.
    public func set(
        _ value: String, for purpose: String? = nil, maximumAge: Duration? = nil, sameSite: SameSite = .lax
    ) -> HTTPField {
        let safe = value.utf8.filter { $0.isBase64URL || $0 == UInt8(ascii: ".") }
        let age = maximumAge.map { "; Max-Age=\($0.components.seconds)" } ?? ""
        let text =
            "\(name(purpose))=\(String(decoding: Array(safe), as: UTF8.self)); Path=/; Secure; HttpOnly; "
            + "SameSite=\(sameSite.rawValue)\(age)"
        var field = HTTPField(name: .setCookie, value: text)
        field.indexingStrategy = .disallow
        return field
    }

    /// A `Set-Cookie` field that removes the cookie.
    public func remove(_ purpose: String? = nil) -> HTTPField {
        set("", for: purpose, maximumAge: .zero)
    }
}

extension UInt8 {
    /// A character of the base64url alphabet (RFC 4648 §5).
    var isBase64URL: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
