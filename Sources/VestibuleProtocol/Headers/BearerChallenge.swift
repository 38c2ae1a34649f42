/// The challenge of a `WWW-Authenticate` header that asks for an access token (RFC 6750 §3, RFC 9728 §5.1), be it a
/// bearer token or one that is bound to a key (RFC 9449 §7.1).
public struct BearerChallenge: Sendable, Hashable {
    /// How the token is to be presented.
    public enum Scheme: String, Sendable, Hashable {
        case bearer = "Bearer"
        case dpop = "DPoP"
    }

    public var scheme: Scheme
    public var error: String?
    public var errorDescription: String?
    public var scope: [String]
    /// Where the protected resource metadata of the resource lies.
    public var resourceMetadata: String?

    public init(
        error: String? = nil, errorDescription: String? = nil, scope: [String] = [], resourceMetadata: String? = nil,
        scheme: Scheme = .bearer
    ) {
        self.scheme = scheme
        self.error = error
        self.errorDescription = errorDescription
        self.scope = scope
        self.resourceMetadata = resourceMetadata
    }

    /// The header's value. Characters that a quoted string of RFC 6750 may not hold are replaced.
    public var headerValue: String {
        let parameters: [(String, String?)] = [
            ("error", error), ("error_description", errorDescription),
            ("scope", scope.isEmpty ? nil : scope.joined(separator: " ")), ("resource_metadata", resourceMetadata),
        ]
        let written = parameters.compactMap { name, value in value.map { "\(name)=\"\(Self.quotable($0))\"" } }
        return written.isEmpty ? scheme.rawValue : "\(scheme.rawValue) " + written.joined(separator: ", ")
    }

    /// RFC 6750 §3 allows %x20-21, %x23-5B and %x5D-7E in these values: no quote, no backslash, only ASCII.
    private static func quotable(_ value: String) -> String {
        String(
            String.UnicodeScalarView(
                value.unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0x22: "'"
                    case 0x5C: "/"
                    case 0x20...0x7E: scalar
                    default: scalar.properties.isWhitespace ? " " : "?"
                    }
                }))
    }
}
