internal import VestibuleProtocol

/// What a protected resource says of itself (RFC 9728 §2): who issues tokens for it.
struct ResourceMetadata: Sendable, Hashable {
    /// The resource identifier, as the document writes it.
    var resource: String
    var authorizationServers: [String]
    /// `nil` where the document does not say.
    var scopesSupported: [String]?

    /// How many authorization servers of one resource are looked at.
    static let maximumServers = 10

    /// Reads a document.
    ///
    /// - Throws: ``MCPClientError`` of code `signInFailed`: it says what is missing, at which place.
    init(_ json: JSONValue, at place: String) throws(MCPClientError) {
        guard let object = json.object else { throw .signInFailed("\(place) is no JSON object") }
        guard let resource = object["resource"]?.string else {
            throw .signInFailed("\(place) has no `resource` (RFC 9728 §2); the server's operator must mend it")
        }
        let servers = object["authorization_servers"]?.array?.compactMap(\.string) ?? []
        guard !servers.isEmpty else {
            throw .signInFailed(
                "\(place) names no authorization server, so nobody issues tokens for this server; ask its operator")
        }
        self.resource = resource
        self.authorizationServers = Array(servers.prefix(Self.maximumServers))
        self.scopesSupported = object["scopes_supported"]?.array?.compactMap(\.string)
    }

    /// Checks that the document speaks of the server that is asked, so that no other server's tokens are sent to it.
    ///
    /// Of the same origin, a path above the server's counts as well: what is found at the root of a host speaks for
    /// the whole host.
    func check(for server: WebAddress, at place: String) throws(MCPClientError) {
        guard let address = WebAddress(resource), address.holds(server) else {
            throw .signInFailed(
                "\(place) speaks of another resource, \(resource.shownURL), not of \(server.canonical.shownURL); "
                    + "nothing was sent to its authorization server")
        }
    }

    /// Where the document may lie: as the challenge says, else at the well-known places, the most specific first.
    static func places(for server: WebAddress, challenge: BearerChallenge?) -> [String] {
        let name = "oauth-protected-resource"
        var places: [String] = []
        if let place = challenge?.resourceMetadata { places.append(place) }
        if !server.trimmedPath.isEmpty { places.append(server.wellKnown(name)) }
        places.append(server.wellKnown(name, withPath: false))
        var seen = Set<ByteKey>()
        return places.filter { seen.insert(ByteKey($0)).inserted }
    }
}
