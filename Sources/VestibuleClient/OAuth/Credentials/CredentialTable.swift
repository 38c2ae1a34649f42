internal import VestibuleProtocol

/// What a store holds: a value with a bound.
struct CredentialTable: Sendable {
    /// How many registrations and how many sets of tokens are kept; the oldest is forgotten first.
    static let maximumEntries = 200

    private(set) var clients: [OAuthClient] = []
    /// The newest last.
    private(set) var signIns: [StoredSignIn] = []

    func client(issuer: String) -> OAuthClient? {
        clients.last { $0.issuer?.hasSameBytes(as: issuer) ?? false }
    }

    mutating func save(_ client: OAuthClient) {
        guard let issuer = client.issuer else { return }
        removeClient(issuer: issuer)
        if clients.count >= Self.maximumEntries { clients.removeFirst() }
        clients.append(client)
    }

    mutating func removeClient(issuer: String) {
        clients.removeAll { $0.issuer?.hasSameBytes(as: issuer) ?? false }
    }

    func signIn(resource: String, issuer: String?) -> StoredSignIn? {
        signIns.last { entry in
            entry.server.hasSameBytes(as: resource) && (issuer.map { entry.issuer.hasSameBytes(as: $0) } ?? true)
        }
    }

    mutating func save(_ signIn: StoredSignIn) {
        removeSignIn(resource: signIn.server, issuer: signIn.issuer)
        if signIns.count >= Self.maximumEntries { signIns.removeFirst() }
        signIns.append(signIn)
    }

    mutating func removeSignIn(resource: String, issuer: String) {
        signIns.removeAll { $0.server.hasSameBytes(as: resource) && $0.issuer.hasSameBytes(as: issuer) }
    }
}

extension CredentialTable {
    var json: JSONValue {
        [
            "version": 1, "clients": .array(clients.map(\.json)), "sign_ins": .array(signIns.map(\.json)),
        ]
    }

    /// `nil` where the document is of another kind or version.
    init?(json: JSONValue) {
        guard json["version"]?.integer == 1 else { return nil }
        self.init()
        for client in (json["clients"]?.array ?? []).compactMap(OAuthClient.init(json:)) { save(client) }
        for signIn in (json["sign_ins"]?.array ?? []).compactMap(StoredSignIn.init(json:)) { save(signIn) }
    }
}

extension OAuthClient {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["issuer": .string(issuer ?? ""), "client_id": .string(id)]
        if let secret { object["client_secret"] = .string(secret) }
        if let authMethod { object["token_endpoint_auth_method"] = .string(authMethod.rawValue) }
        if let end = secretExpiresAt { object["client_secret_expires_at"] = .integer(end.wholeSeconds) }
        object["redirect_uris"] = .strings(redirectURIs)
        return .object(object)
    }

    fileprivate init?(json: JSONValue) {
        guard let issuer = json["issuer"]?.string, let id = json["client_id"]?.string else { return nil }
        self.init(
            issuer: issuer, id: id, secret: json["client_secret"]?.string,
            authMethod: json["token_endpoint_auth_method"]?.string.flatMap(TokenEndpointAuthMethod.init),
            redirectURIs: json["redirect_uris"]?.array?.compactMap(\.string) ?? [],
            secretExpiresAt: json["client_secret_expires_at"]?.integer.map { NumericDate(Double($0)) })
    }
}

extension StoredSignIn {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "server": .string(server), "resource": .string(resource), "issuer": .string(issuer),
            "client_id": .string(clientID), "access_token": .string(accessToken),
            "token_type": .string(scheme.rawValue), "expires_at": .integer(expiresAt.wholeSeconds),
            "scope": .strings(requestedScope), "legacy": .bool(isLegacy),
        ]
        if let refreshToken { object["refresh_token"] = .string(refreshToken) }
        if let keyThumbprint { object["jkt"] = .string(keyThumbprint) }
        return .object(object)
    }

    fileprivate init?(json: JSONValue) {
        guard let server = json["server"]?.string, let resource = json["resource"]?.string,
            let issuer = json["issuer"]?.string, let clientID = json["client_id"]?.string,
            let token = json["access_token"]?.string, let end = json["expires_at"]?.integer
        else { return nil }
        self.init(
            server: server, resource: resource, issuer: issuer, clientID: clientID, accessToken: token,
            scheme: json["token_type"]?.string.flatMap(BearerChallenge.Scheme.init) ?? .bearer,
            expiresAt: NumericDate(Double(end)), refreshToken: json["refresh_token"]?.string,
            requestedScope: json["scope"]?.array?.compactMap(\.string) ?? [], keyThumbprint: json["jkt"]?.string,
            isLegacy: json["legacy"]?.bool ?? false)
    }
}

extension NumericDate {
    /// Rounded down; 0 for what no integer holds.
    var wholeSeconds: Int { Int(exactly: seconds.rounded(.down)) ?? 0 }
}
