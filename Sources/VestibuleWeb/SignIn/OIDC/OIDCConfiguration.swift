internal import VestibuleClient

/// The identity provider with which people sign in, and who this server is to it.
public struct OIDCConfiguration: Sendable {
    /// The provider's issuer identifier, exactly as its discovery document has it (OpenID Connect Discovery §4.3).
    public var issuer: String
    /// The `client_id` under which this server is registered there.
    public var clientID: String
    /// `nil` for a public client, which proves itself by PKCE alone.
    public var clientSecret: ClientSecret?
    /// How the secret is shown at the token endpoint; by default what the provider supports, Basic first.
    public var clientAuthentication: ClientAuthentication?
    /// What is asked for; `openid` is always among it.
    public var scope: [String]
    /// Whether the provider's userinfo endpoint is asked for claims that the ID token leaves out.
    public var asksForUserInfo: Bool
    /// Who gets which rights; with rules, somebody who fulfils none may not sign in.
    public var grants: [GrantRule]

    public static let defaultScope = ["openid", "profile", "email"]

    public init(
        issuer: String, clientID: String, clientSecret: ClientSecret? = nil,
        clientAuthentication: ClientAuthentication? = nil, scope: [String] = Self.defaultScope,
        asksForUserInfo: Bool = false, grants: [GrantRule] = []
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientAuthentication = clientAuthentication
        self.scope = scope.contains("openid") ? scope : ["openid"] + scope
        self.asksForUserInfo = asksForUserInfo
        self.grants = grants
    }

    /// What is wrong with an issuer identifier, or `nil`: `https`, or `http` on this machine only, neither query nor
    /// fragment (OpenID Connect Core §2).
    public static func problem(withIssuer issuer: String) -> String? {
        guard let address = ServerAddress(issuer), !address.path.contains("?") else {
            return "is not an https URL without query and fragment"
        }
        guard address.isSecure || address.isLoopback else {
            return "is plain http to another host, where anybody could answer in the provider's name; use https"
        }
        return nil
    }
}

/// How a client proves who it is at the token endpoint (OpenID Connect Core §9).
public enum ClientAuthentication: String, Sendable, Hashable, CaseIterable {
    /// In an `Authorization` header.
    case basic = "client_secret_basic"
    /// In the form.
    case post = "client_secret_post"
    /// Not at all: a public client.
    case none
}

/// A secret that the provider gave to this client. It shows itself to nobody who prints or dumps it.
public struct ClientSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { "(client secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
