public import VestibuleProtocol

/// A token as a source delivers it, not yet judged.
public struct IssuedToken: Sendable {
    /// What came. White space around it is ignored.
    public var text: String
    /// How long the token lives from now on by the issuer's word (`expires_in`, RFC 6749 §5.1).
    ///
    /// A token that is no JWT is accepted only with it: without it, nothing would say when the token is stale.
    public var expiresIn: Duration?

    /// How it is to be presented.
    public var scheme: BearerChallenge.Scheme

    public init(_ text: String, expiresIn: Duration? = nil, scheme: BearerChallenge.Scheme = .bearer) {
        self.text = text
        self.scheme = scheme
        self.expiresIn = expiresIn
    }
}

extension IssuedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "IssuedToken(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
