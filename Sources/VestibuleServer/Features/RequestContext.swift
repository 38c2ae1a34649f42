public import VestibuleAuth
public import VestibuleProtocol

/// What a handler knows of the request that it serves, and how it reaches the client meanwhile.
///
/// The principal travels here, with the message, and nowhere else: there is no ambient identity that could be stale.
public struct RequestContext: Sendable {
    /// Who asks: verified for this very request, or `nil` where the tool is public and nobody signed in.
    public var principal: Principal?
    /// The server's id of the request, as in its log.
    public var requestID: String
    public var protocolVersion: ProtocolVersion

    /// What the client said of itself; read when somebody asks for it.
    package var party: ClientParty
    /// Where `params._meta` lies, an object.
    package var metaBytes: ArraySlice<UInt8>?
    /// What former rounds of this request brought.
    package var round: InputRound?
    package var logging: LogThreshold
    package var progress: ProgressMeter?
    package var running: RunningCall?
    package var link: any RequestLink

    public init(principal: Principal?, requestID: String, protocolVersion: ProtocolVersion = .latestLegacy) {
        self.init(principal: principal, requestID: requestID, protocolVersion: protocolVersion, party: .unknown)
    }

    package init(
        principal: Principal?, requestID: String, protocolVersion: ProtocolVersion, party: ClientParty,
        metaBytes: ArraySlice<UInt8>? = nil, round: InputRound? = nil, logging: LogThreshold = .off,
        link: any RequestLink = SilentLink()
    ) {
        self.principal = principal
        self.requestID = requestID
        self.protocolVersion = protocolVersion
        self.party = party
        self.metaBytes = metaBytes
        self.round = round
        self.logging = logging
        self.link = link
    }

    /// Who the client says it is. For display only; nothing may be decided by it.
    public var clientInfo: Implementation? { party.info }

    /// What the client declared that it can do: at `initialize`, or with this very request (2026-07-28).
    public var clientCapabilities: ClientCapabilities { party.capabilities }

    /// `params._meta` of the request, as it came.
    public var meta: JSONObject {
        let limits = JSONLimits(maximumSize: Envelope.maximumParamsSize, maximumDepth: 32)
        return metaBytes.flatMap { try? JSONParser(limits: limits).parse($0).object } ?? [:]
    }

    /// The client's answers of this round and the ones before, by the keys of the questions; as they came, unchecked.
    public var inputResponses: [String: JSONValue] { round?.answers ?? [:] }

    /// What this handler left with its ``InputRequired``, when it runs anew.
    public var state: JSONValue? { round?.state }
}

/// What is known of a client.
package enum ClientParty: Sendable {
    case unknown
    case known(Implementation?, ClientCapabilities)
    /// What the session's `initialize` said.
    case session(SessionState)
    /// What a modern request says with each message: the bytes of `clientInfo` and `clientCapabilities`.
    case declared(info: ArraySlice<UInt8>?, capabilities: ArraySlice<UInt8>?)

    package var info: Implementation? {
        switch self {
        case .unknown: nil
        case .known(let info, _): info
        case .session(let session): session.clientInfo
        case .declared(let info, _): Self.parsed(info).flatMap(Implementation.init(json:))
        }
    }

    package var capabilities: ClientCapabilities {
        switch self {
        case .unknown: ClientCapabilities()
        case .known(_, let capabilities): capabilities
        case .session(let session): session.capabilities
        case .declared(_, let capabilities):
            Self.parsed(capabilities).flatMap(ClientCapabilities.init(json:)) ?? ClientCapabilities()
        }
    }

    private static func parsed(_ bytes: ArraySlice<UInt8>?) -> JSONValue? {
        let limits = JSONLimits(maximumSize: Envelope.maximumParamsSize, maximumDepth: 32)
        return bytes.flatMap { try? JSONParser(limits: limits).parse($0) }
    }
}

/// What former rounds of a request brought.
package final class InputRound: Sendable {
    package let answers: [String: JSONValue]
    package let state: JSONValue?
    /// How often the client was asked before.
    package let number: Int

    package init(answers: [String: JSONValue] = [:], state: JSONValue? = nil, number: Int = 0) {
        self.answers = answers
        self.state = state
        self.number = number
    }
}
