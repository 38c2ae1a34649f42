internal import VestibuleProtocol

/// What an issuer says of itself (RFC 8414 §2, OpenID Connect Discovery §3), as far as its tokens are concerned.
public struct IssuerMetadata: Sendable {
    public var issuer: String
    /// Where its keys are.
    public var jwksURI: String
    /// Where tokens can be asked after (RFC 7662), if it says so.
    public var introspectionEndpoint: String?

    /// - Parameters:
    ///   - issuer: Whose description it has to be: its `issuer` is compared by bytes (RFC 8414 §3.3).
    ///   - place: Where it was found, for messages.
    init(_ json: JSONValue, for issuer: String, at place: String) throws(IssuerFailure) {
        let shown = "the description at \(place.shownURL)"
        guard json.object != nil else { throw IssuerFailure("\(shown) is a \(json.kind); an object is due") }
        guard let said = json["issuer"]?.string else { throw IssuerFailure("\(shown) has no \"issuer\"") }
        guard said.hasSameBytes(as: issuer) else {
            let slash = said.differsOnlyByTrailingSlash(from: issuer) ? ", which differs by a trailing slash" : ""
            throw IssuerFailure("\(shown) is that of the issuer \(said.quoted), not of \(issuer.quoted)\(slash)")
        }
        self.issuer = issuer
        self.jwksURI = try Self.endpoint("jwks_uri", in: json, of: issuer, shown)
        self.introspectionEndpoint =
            json["introspection_endpoint"] == nil
            ? nil : try Self.endpoint("introspection_endpoint", in: json, of: issuer, shown)
    }

    private static func endpoint(
        _ name: String, in json: JSONValue, of issuer: String, _ shown: String
    ) throws(IssuerFailure) -> String {
        guard let url = json[name]?.string else { throw IssuerFailure("\(shown) has no \"\(name)\"") }
        guard let address = ServerAddress(url) else {
            throw IssuerFailure("\(shown) has a \"\(name)\" that is no https URL")
        }
        guard address.isSecure || address.isLoopback else {
            throw IssuerFailure("\(shown) has a \"\(name)\" of plain http on another host, where anybody could answer")
        }
        // Only an issuer on this machine may send us to this machine.
        guard !address.isLoopback || ServerAddress(issuer)?.isLoopback == true else {
            throw IssuerFailure("\(shown) has a \"\(name)\" on this machine, where the issuer is not")
        }
        return url
    }

    /// The places where an issuer's description may be, the likeliest first: OpenID Connect Discovery §4 appends to the
    /// issuer's path, RFC 8414 §3 inserts before it, and its §5 allows that for OpenID Connect's name, too.
    static func places(of issuer: String) -> [String] {
        let bare = issuer.utf8.last == UInt8(ascii: "/") ? String(issuer.dropLast()) : issuer
        let open = "/.well-known/openid-configuration"
        let oauth = "/.well-known/oauth-authorization-server"
        guard let address = ServerAddress(bare) else { return [] }
        let origin = "\(address.scheme)://\(address.authority)"
        let path = address.path == "/" ? "" : address.path
        guard !path.isEmpty else { return [origin + open, origin + oauth] }
        return [origin + path + open, origin + oauth + path, origin + open + path]
    }
}
