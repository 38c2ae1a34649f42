/// The `access:` part of the configuration: which phases are open, and how refusals are delivered.
public struct AccessPolicy: Sendable, Hashable {
    public enum Openness: String, Sendable, Hashable, CaseIterable {
        /// Admitted without a token.
        case open
        /// Answered with a challenge where no token comes.
        case challenge
    }

    /// What becomes of a bad token where none was needed.
    public enum RejectedToken: String, Sendable, Hashable, CaseIterable {
        /// Refused with its reason.
        case reject
        /// Served as anonymous; the answer says so in `Vestibule-Token`.
        case anonymous
    }

    /// How a verified principal learns of a refusal that no new token could change.
    public enum Denials: String, Sendable, Hashable, CaseIterable {
        /// As a tool result with `isError: true` (or a JSON-RPC error), HTTP 200.
        case inBand
        /// As HTTP 403.
        case http
    }

    public var handshake: Openness
    public var listing: Openness
    /// For programs that serve without authorization; no configuration file opens it. What is open runs as nobody where
    /// no token comes. Where there are rules, which say what a principal may do, tools need a token all the same.
    public var operation: Openness
    public var rejectedToken: RejectedToken
    public var denials: Denials
    /// Tools that anybody may call.
    public var publicTools: [Glob]
    /// Exceptions by kind of client; the first that matches wins.
    public var clients: [ClientOverride]

    public init(
        handshake: Openness = .open, listing: Openness = .open, operation: Openness = .challenge,
        rejectedToken: RejectedToken = .reject, denials: Denials = .inBand, publicTools: [Glob] = [],
        clients: [ClientOverride] = []
    ) {
        self.handshake = handshake
        self.listing = listing
        self.operation = operation
        self.rejectedToken = rejectedToken
        self.denials = denials
        self.publicTools = publicTools
        self.clients = clients
    }
}

/// What an `access.clients` entry changes for the clients that it matches.
public struct ClientOverride: Sendable, Hashable {
    /// Matches the `User-Agent` header.
    public var userAgent: Glob?
    /// Matches `clientInfo.name`.
    public var clientName: Glob?
    public var handshake: AccessPolicy.Openness?
    public var listing: AccessPolicy.Openness?
    public var rejectedToken: AccessPolicy.RejectedToken?
    public var denials: AccessPolicy.Denials?

    public init(
        userAgent: Glob? = nil, clientName: Glob? = nil, handshake: AccessPolicy.Openness? = nil,
        listing: AccessPolicy.Openness? = nil, rejectedToken: AccessPolicy.RejectedToken? = nil,
        denials: AccessPolicy.Denials? = nil
    ) {
        self.userAgent = userAgent
        self.clientName = clientName
        self.handshake = handshake
        self.listing = listing
        self.rejectedToken = rejectedToken
        self.denials = denials
    }

    func matches(_ client: ClientDescription) -> Bool {
        guard userAgent != nil || clientName != nil else { return false }
        if let userAgent, !(client.userAgent.map(userAgent.matches) ?? false) { return false }
        if let clientName, !(client.name.map(clientName.matches) ?? false) { return false }
        return true
    }
}

/// What a request says of the client that sent it. Untrusted: it only chooses between answers that are all safe.
public struct ClientDescription: Sendable, Hashable {
    public var userAgent: String?
    /// `clientInfo.name` of the session's `initialize`.
    public var name: String?

    public init(userAgent: String? = nil, name: String? = nil) {
        self.userAgent = userAgent
        self.name = name
    }
}

extension AccessPolicy {
    /// This policy as it stands for one client: the first matching exception applied.
    public func applied(to client: ClientDescription) -> AccessPolicy {
        guard let override = clients.first(where: { $0.matches(client) }) else { return self }
        var policy = self
        policy.handshake = override.handshake ?? handshake
        policy.listing = override.listing ?? listing
        policy.rejectedToken = override.rejectedToken ?? rejectedToken
        policy.denials = override.denials ?? denials
        return policy
    }
}
