internal import VestibuleProtocol

/// A successful answer of a token endpoint (RFC 6749 §5.1), read strictly. Never in a log or description.
struct TokenReply: Sendable {
    var accessToken: String
    var scheme: BearerChallenge.Scheme
    /// `nil` where the server does not say.
    var expiresIn: Duration?
    var refreshToken: String?
    /// What was granted, where it differs from what was asked for.
    var scope: [String]?
    /// What the token is (RFC 8693 §2.2.1), where it came by an exchange.
    var issuedTokenType: String?

    /// - Parameter isExchange: Whether the token may be of no use as an access token (`token_type` `N_A`).
    /// - Throws: ``MCPClientError`` of code `signInFailed`, which never quotes the answer's tokens.
    init(_ json: JSONValue, _ shown: String, isExchange: Bool = false) throws(MCPClientError) {
        guard let object = json.object else { throw .signInFailed("\(shown) answered no JSON object") }
        guard let token = object["access_token"]?.string, !token.isEmpty else {
            let names = object.names.prefix(8).joined(separator: ", ").onOneLine(limit: 200)
            throw .signInFailed("\(shown) answered without `access_token` (it has: \(names))")
        }
        guard token.utf8.count <= CompactToken.maximumLength,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .signInFailed("\(shown) answered with a token that no header can carry") }
        guard let type = object["token_type"]?.string else {
            throw .signInFailed("\(shown) answered without `token_type` (RFC 6749 §5.1)")
        }
        switch type.lowercased() {
        case "bearer": scheme = .bearer
        case "dpop": scheme = .dpop
        case "n_a" where isExchange: scheme = .bearer
        default: throw .signInFailed("\(shown) issues tokens of the type \(type.shownWord), not understood here")
        }
        if let lifetime = object["expires_in"], !lifetime.isNull {
            // Some servers write the number as text, against RFC 6749.
            let seconds = lifetime.number?.double ?? lifetime.string.flatMap(Double.init)
            guard let seconds, seconds >= 0, seconds <= 1e9 else {
                throw .signInFailed("\(shown) answered with an `expires_in` that is no number of seconds")
            }
            expiresIn = .seconds(seconds)
        }
        guard object["refresh_token"]?.string?.utf8.count ?? 0 <= CompactToken.maximumLength else {
            throw .signInFailed("\(shown) answered with a refresh token of over \(CompactToken.maximumLength) bytes")
        }
        accessToken = token
        refreshToken = object["refresh_token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        scope = object["scope"]?.string?.split(separator: " ").map(String.init)
        issuedTokenType = object["issued_token_type"]?.string
    }
}

extension TokenReply: CustomStringConvertible, CustomReflectable {
    var description: String { "TokenReply(\(scheme.rawValue), redacted)" }
    var customMirror: Mirror { Mirror(self, children: ["scheme": scheme]) }
}
