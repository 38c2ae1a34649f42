public import VestibuleAuth
public import VestibuleProtocol

/// What a handler knows of the request that it serves.
///
/// The principal travels here, with the message, and nowhere else: there is no ambient identity that could be stale.
public struct RequestContext: Sendable {
    /// Who asks: verified for this very request, or `nil` where the tool is public and nobody signed in.
    public var principal: Principal?
    /// The server's id of the request, as in its log.
    public var requestID: String
    public var protocolVersion: ProtocolVersion

    public init(principal: Principal?, requestID: String, protocolVersion: ProtocolVersion = .latestLegacy) {
        self.principal = principal
        self.requestID = requestID
        self.protocolVersion = protocolVersion
    }
}
