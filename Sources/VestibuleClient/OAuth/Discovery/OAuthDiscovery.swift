internal import HTTPTypes
internal import VestibuleProtocol

/// What was found out about a protected resource: how it is named, and who issues tokens for it.
struct DiscoveredServer: Sendable {
    /// The `resource` of every request for a token (RFC 8707).
    var resource: String
    /// The scopes that the resource names; `nil` where it does not.
    var scopesSupported: [String]?
    var server: AuthorizationServerMetadata
}

/// Finds the authorization server of a resource.
struct OAuthDiscovery: Sendable {
    let resource: WebAddress
    let http: OAuthHTTP
    let rule: AddressRule

    /// The largest document that is read: 256 KiB.
    static let maximumSize = 256 * 1024

    /// - Parameters:
    ///   - preferring: The issuers to choose first where the resource names several, the best first (RFC 9728 §7.6).
    /// - Throws: ``MCPClientError`` of code `signInFailed`, or `CancellationError`.
    func discover(challenge: BearerChallenge?, preferring: [String]) async throws -> DiscoveredServer {
        guard let metadata = try await resourceMetadata(challenge: challenge) else {
            let server = try await legacyServer()
            return DiscoveredServer(resource: resource.canonical, scopesSupported: nil, server: server)
        }
        var first: (any Error)?
        for issuer in Self.ordered(metadata.authorizationServers, preferring: preferring) {
            do {
                let server = try await server(issuer: issuer)
                return DiscoveredServer(
                    resource: metadata.resource, scopesSupported: metadata.scopesSupported, server: server)
            } catch let error as MCPClientError {
                first = first ?? error
            }
        }
        throw first ?? MCPClientError.signInFailed("no authorization server could be asked")
    }

    /// The preferred ones first, each group in its order.
    static func ordered(_ issuers: [String], preferring preferred: [String]) -> [String] {
        let known = preferred.filter { wanted in issuers.contains { $0.hasSameBytes(as: wanted) } }
        return known + issuers.filter { issuer in !known.contains { $0.hasSameBytes(as: issuer) } }
    }

    /// `nil` where the resource has none, as before revision 2025-06-18.
    private func resourceMetadata(challenge: BearerChallenge?) async throws -> ResourceMetadata? {
        let places = ResourceMetadata.places(for: resource, challenge: challenge)
        let found = try await firstDocument(at: places, "the protected resource metadata") { json, place in
            // A document that speaks of another resource ends the search: somebody may want it to go on.
            let metadata = try ResourceMetadata(json, at: place)
            try metadata.check(for: resource, at: place)
            return metadata
        }
        return found
    }

    /// The description of an issuer.
    func server(issuer: String) async throws -> AuthorizationServerMetadata {
        let address = try rule.check(issuer, "the authorization server")
        let places = AuthorizationServerMetadata.places(of: address)
        let found = try await firstDocument(at: places, "the description of the authorization server") { json, place in
            try AuthorizationServerMetadata(json, for: [issuer], at: place, rule: rule, isLegacy: false)
        }
        guard let found else {
            throw MCPClientError.signInFailed(
                "the authorization server \(issuer.shownURL) has no description at "
                    + "\(places.joined(separator: ", ")); ask its operator")
        }
        return found
    }

    /// Revision 2025-03-26: the server's own host is the authorization server.
    func legacyServer() async throws -> AuthorizationServerMetadata {
        let place = resource.wellKnown("oauth-authorization-server", withPath: false)
        let issuers = [resource.origin, resource.origin + "/"]
        let found = try await firstDocument(at: [place], "the description of the authorization server") { json, place in
            try AuthorizationServerMetadata(json, for: issuers, at: place, rule: rule, isLegacy: true)
        }
        return found ?? AuthorizationServerMetadata(fallbackAt: resource.origin)
    }

    /// The first document that exists; `nil` where every place says that there is none (HTTP 4xx).
    private func firstDocument<Value>(
        at places: [String], _ what: String, _ read: (JSONValue, String) throws -> Value
    ) async throws -> Value? {
        var problem: MCPClientError?
        for place in places {
            try rule.check(place, what)
            let shown = "\(what) at \(place.shownURL)"
            let reply = try await http.get(place, limit: Self.maximumSize, shown)
            switch reply.status {
            case 200..<300:
                do {
                    return try read(try http.json(reply.body, shown), shown)
                } catch let error as MCPClientError where error.isUnreadableDocument {
                    problem = problem ?? error
                }
            case 400..<500: continue
            case 300..<400:
                problem = problem ?? .signInFailed("\(shown) is a redirect (HTTP \(reply.status)), not followed")
            default:
                problem = problem ?? .signInFailed("\(shown) cannot be had now (HTTP \(reply.status)); try again")
            }
        }
        if let problem { throw problem }
        return nil
    }
}

/// Exchanges with the servers of a sign-in: bounded, without redirects, each failure in one line.
struct OAuthHTTP: Sendable {
    let transport: any HTTPTransport
    let clock: any WallClock
    let timeout: Duration
    /// Sent while looking for documents, as revision 2025-03-26 wishes.
    static let protocolVersion = ProtocolVersion.latestLegacy.rawValue

    func get(_ url: String, limit: Int, _ shown: String) async throws -> BoundedExchange.Reply {
        var fields = HTTPFields()
        fields[.accept] = "application/json"
        fields[.mcpProtocolVersion] = Self.protocolVersion
        return try await run(
            TransportRequest(method: .get, url: url, fields: fields, timeout: timeout), limit: limit, shown)
    }

    func run(_ request: TransportRequest, limit: Int, _ shown: String) async throws -> BoundedExchange.Reply {
        do {
            return try await BoundedExchange(transport: transport, clock: clock, limit: limit).run(request, shown)
        } catch let failure as BoundedExchange.Failure {
            throw MCPClientError.signInFailed(failure.message)
        }
    }

    func json(_ body: [UInt8], _ shown: String) throws(MCPClientError) -> JSONValue {
        do {
            return try JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(body)
        } catch {
            throw MCPClientError(.signInFailed, "\(shown) is not JSON: \(error)", cause: UnreadableDocument())
        }
    }
}

/// Marks a document that is none, such as the page that some sites answer everything with.
private struct UnreadableDocument: Error {}

extension MCPClientError {
    fileprivate var isUnreadableDocument: Bool { cause is UnreadableDocument }
}
