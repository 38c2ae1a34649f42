public import HTTPTypes
public import VestibuleProtocol

/// Writes a token into requests, and whatever else proves the right to use it.
///
/// It is asked for every request that carries a token, so what it writes may differ from one to the next.
public protocol RequestAuthorizer: Sendable {
    /// Adds `Authorization`, and what belongs to it, to a request that is otherwise ready to go.
    ///
    /// - Throws: Anything; the request is then not sent.
    func authorize(_ request: inout TransportRequest, with token: PresentedToken) async throws
    /// Looks at an answer to a request that it authorized.
    ///
    /// - Returns: Whether the server refused nothing but the proof, and would take a new one: the request is then sent
    ///   once more with the same token.
    func learn(from status: Int, _ fields: HTTPFields, to request: TransportRequest) -> Bool
}

extension RequestAuthorizer {
    public func learn(from status: Int, _ fields: HTTPFields, to request: TransportRequest) -> Bool { false }
}

/// A token as it is presented to a server.
public struct PresentedToken: Sendable {
    public let text: String
    public let scheme: BearerChallenge.Scheme

    public init(_ text: String, scheme: BearerChallenge.Scheme = .bearer) {
        self.text = text
        self.scheme = scheme
    }

    /// The `Authorization` field, marked as not to be indexed.
    public var authorization: HTTPField {
        var field = HTTPField(name: .authorization, value: "\(scheme.rawValue) \(text)")
        field.indexingStrategy = .disallow
        return field
    }
}

extension PresentedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "PresentedToken(\(scheme.rawValue), redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["scheme": scheme]) }
}

extension AccessToken {
    var presented: PresentedToken { PresentedToken(text, scheme: scheme) }
}

/// The token in the `Authorization` header, and nothing more (RFC 6750 §2.1).
public struct BearerAuthorizer: RequestAuthorizer {
    public init() {}

    public func authorize(_ request: inout TransportRequest, with token: PresentedToken) async throws {
        request.fields[.authorization] = nil
        request.fields.append(token.authorization)
    }
}
